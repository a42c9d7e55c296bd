package eventapi

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

// userData is what get_user_info answers. Dates are Unix seconds, 0 for none.
type userData struct {
	UserID        string `json:"user_id"`
	FirstJoinDate int64  `json:"first_join_date"`
	LastJoinDate  int64  `json:"last_join_date"`
	InviteLink    string `json:"invite_link"` // name of the source
	LeftDate      int64  `json:"left_date"`
	FirstName     string `json:"first_name"`
	LastName      string `json:"last_name"`
	Username      string `json:"username"`
	UTMSource     string `json:"utm_source,omitempty"`
	UTMMedium     string `json:"utm_medium,omitempty"`
	UTMContent    string `json:"utm_content,omitempty"`
	UTMCampaign   string `json:"utm_campaign,omitempty"`
	UTMTerm       string `json:"utm_term,omitempty"`
}

// errNobody has a code of its own in the reference document.
func errNobody() error {
	return httpapi.RefusedAs(http.StatusMethodNotAllowed, usecase.RefuseStranger())
}

// userInfo answers with what is known of a person, however long ago.
func (cl *call) userInfo() (httpapi.Answer, error) {
	id, messenger, err := platforms.UserID(cl.in)
	if err != nil {
		return httpapi.Answer{}, err
	}
	if cl.outcome, err = cl.ingest.Submit(cl.ctx, cl.arrival(nil, true)); err != nil {
		return httpapi.Answer{}, err
	}
	k := cl.personKey(messenger, id)
	cl.hashes = append(cl.hashes, usecase.PersonHash(cl.vault, k))
	sub, err := cl.people.Subscriber(cl.ctx, k)
	if errors.Is(err, domain.ErrNotFound) {
		return httpapi.Answer{}, errNobody()
	}
	if err != nil {
		return httpapi.Answer{}, err
	}
	return httpapi.OK(cl.mode(), newUserData(&sub)), nil
}

func newUserData(sub *domain.Subscriber) userData {
	u := sub.FirstUTM
	return userData{
		UserID: strconv.FormatInt(sub.UserID, 10), FirstJoinDate: unix(sub.FirstJoin),
		LastJoinDate: unix(sub.LastJoin()),
		LeftDate:     unix(sub.LeftAt()), InviteLink: sub.FirstSource, FirstName: sub.Person.FirstName,
		LastName: sub.Person.LastName, Username: sub.Person.Username,
		UTMSource: u.Source, UTMMedium: u.Medium, UTMContent: u.Content, UTMCampaign: u.Campaign,
		UTMTerm: u.Term,
	}
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
