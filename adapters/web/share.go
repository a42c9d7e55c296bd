package web

import (
	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/usecase"
)

func (w *Cabinet) shareRoutes() []route {
	return []route{
		{post, project + "/requests/:request/share", editor, (*visit).shareRequest},
		{get, "/shared/:token", public, (*visit).sharedRequest},
	}
}

// shareRequest makes an address for support and shows it on the request's own
// page, which can then be loaded again.
func (v *visit) shareRequest() error {
	id := v.param("request")
	token, err := v.Shares.Make(v.ctx, v.project.ID, id)
	if err != nil {
		return err
	}
	return v.redirect(v.url("requests", id) + "?shared=" + token)
}

// sharedAddress is what the page of a request shows of an address that was
// made for it; nil when there is none or it is another request's.
func (v *visit) sharedAddress(requestID string) *sharedAddress {
	token := v.query("shared")
	share, err := v.Shares.Read(token)
	if err != nil || share.ProjectID != v.project.ID || share.RequestID != requestID {
		return nil
	}
	return &sharedAddress{URL: v.PublicURL + "/shared/" + token, Share: share}
}

// sharedAddress opens a request to people who can not log in.
type sharedAddress struct {
	URL string
	usecase.Share
}

// sharedRequest shows a request without anything personal to whoever has its
// address.
func (v *visit) sharedRequest() error {
	// The address is all it takes: it must not leave by a link or a search.
	v.c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	v.c.Set("X-Robots-Tag", "noindex, nofollow")
	story, share, err := v.Shares.Open(v.ctx, v.param("token"))
	if err != nil {
		return err
	}
	p := v.requestPage(story)
	p.Until = share.Until
	return v.show("shared", p, v.text("request.title"))
}
