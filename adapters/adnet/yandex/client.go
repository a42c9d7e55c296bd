package yandex

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/domain"
)

// page of the list of uploads, and how many of them are read at most.
const (
	page     = 10000
	maxPages = 30
	maxList  = 16 << 20
)

// upload as Metrica shows it. It tells of the file and names no row, so it is
// kept as it is here.
// https://yandex.com/dev/metrika/en/management/openapi/offline_conversions/findById_1
type upload struct {
	ID         json.Number `json:"id"`
	Created    string      `json:"create_time,omitempty"`
	Source     int         `json:"source_quantity"`
	Lines      *int        `json:"line_quantity,omitempty"`
	Comment    string      `json:"comment,omitempty"`
	Status     string      `json:"status,omitempty"`
	NoGoal     int         `json:"goal_not_found_quantity"`
	NoUser     int         `json:"user_not_found_quantity"`
	Linked     int         `json:"linked_quantity"`
	ClientType string      `json:"client_id_type,omitempty"`
}

// uploads: the documents show both forms for one upload.
type uploads struct {
	One  *upload  `json:"uploading,omitempty"`
	Many []upload `json:"uploadings,omitempty"`
}

// client speaks to one counter.
type client struct {
	a      adnet.Account
	base   string     // of the counter
	mask   adnet.Mask // of the account
	errors adnet.Published
	tried  int // attempts that the conversions had before
	made   *adnet.Exchange
	listed bool // the last call, which is in made, was answered with a list of uploads
}

func (s *Sink) api(a adnet.Account, cs []domain.Conversion) *client {
	tried := 0
	for i := range cs {
		tried = max(tried, cs[i].Attempts)
	}
	return &client{
		a: a, base: s.base + "/management/v1/counter/" + url.PathEscape(a.Settings.Text("counter_id")),
		mask: adnet.NewMask(s.Describe(), a.Settings), errors: s.errors, tried: tried,
	}
}

// sent is what a call carries; the zero value is a call that reads.
type sent struct {
	contentType string
	body        []byte
	envelope    string
	rows        []domain.Conversion
}

// call makes a call; a verdict means that it gave nothing of use. taken tells
// that the other side may have done what was asked all the same.
func (c *client) call(
	ctx context.Context, method, address string, what sent, maxAnswer int64,
) (ans adnet.Answer, v *adnet.Verdict, taken bool) {
	c.listed = false
	var rd io.Reader
	if what.body != nil {
		rd = bytes.NewReader(what.body)
	}
	req, err := http.NewRequest(method, address, rd)
	if err != nil {
		return ans, &adnet.Verdict{
			Class: adnet.Misconfigured, Reason: "counter_id or the base URL can not be an address",
		}, false
	}
	req.Header.Set("Authorization", "OAuth "+c.a.Settings.Text("oauth_token"))
	if what.contentType != "" {
		req.Header.Set("Content-Type", what.contentType)
	}
	ans, err = adnet.Do(ctx, c.a.Client, req, maxAnswer)
	c.made = c.mask.Exchange(req, what.envelope, ans, err)
	switch {
	case err != nil:
		f := adnet.Failed(err, true)
		f.Exchange = c.made
		return ans, &f, adnet.Sent(err)
	case ans.Status != http.StatusOK && ans.Status != http.StatusCreated:
		f, shared := c.classify(ans, what.rows)
		f.Exchange, c.made.Response = c.made, c.mask.Keep(shared)
		return ans, &f, ans.Status >= 500 || ans.Status < 300
	}
	return ans, nil, true
}

// upload sends a file. It has the name that was written down with its rows: by
// it the file is found again in Metrica's list when the answer is lost.
func (c *client) upload(ctx context.Context, rows []domain.Conversion, t table) (*upload, *adnet.Verdict) {
	comment := rows[0].BatchID
	what := sent{envelope: strings.TrimSuffix(t.head, "\n"), rows: rows}
	var err error
	if what.body, what.contentType, err = pack(t.String(), comment); err != nil {
		return nil, &adnet.Verdict{Class: adnet.Rejected, Reason: "the file can not be written"}
	}
	q := url.Values{"comment": {comment}}
	if form(c.a.Settings, rows[0]) == chats {
		q.Set("type", chats)
	}
	ans, v, taken := c.call(ctx, http.MethodPost, c.base+"/offline_conversions/upload?"+q.Encode(), what, 0)
	if c.made != nil {
		c.made.Upload = comment
	}
	if v == nil {
		var u uploads
		if err := json.Unmarshal(ans.Body, &u); err == nil && u.One == nil && len(u.Many) > 0 {
			u.One = &u.Many[0]
		}
		if u.One != nil && u.One.ID != "" && u.One.ID != "0" {
			c.made.Response = c.mask.Keep(adnet.Shared(ans, uploads{One: u.One}))
			return u.One, nil
		}
		c.made.Response = adnet.Shared(ans, nil)
		v = &adnet.Verdict{Class: adnet.Retry, Reason: "Metrica took the file and did not say its number",
			Exchange: c.made}
	}
	if v.Class == adnet.Retry && taken {
		v.Class = adnet.Uncertain
	}
	return nil, v
}

// pack puts a file into a form.
func pack(data, comment string) ([]byte, string, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.SetBoundary("tgtrack" + comment); err != nil {
		return nil, "", fmt.Errorf("boundary: %w", err)
	}
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="file"; filename="data.csv"`}, "Content-Type": {"text/csv"},
	})
	if err == nil {
		_, err = io.WriteString(part, data)
	}
	if err == nil {
		err = w.Close()
	}
	return b.Bytes(), w.FormDataContentType(), err
}

// find looks for the uploads that rows were sent in by attempts whose outcome
// nobody has; nil where there is none. whole tells that all were looked at.
func (c *client) find(ctx context.Context, rows []domain.Conversion) (
	found []*upload, whole bool, v *adnet.Verdict,
) {
	lost := map[string][]int{} // by the upload's name
	for i, r := range rows {
		name := adnet.WholeOf(r.BatchID)
		lost[name] = append(lost[name], i)
	}
	found = make([]*upload, len(rows))
	left := len(rows)
	whole, v = c.list(ctx, func(u upload) bool {
		for _, i := range lost[adnet.WholeOf(u.Comment)] {
			if found[i] == nil && adnet.Took(u.Comment, rows[i]) {
				found[i] = &u
				left--
			}
		}
		return left == 0
	})
	return found, whole, v
}

// outcomes reads the uploads with these ids; what is missing is not in the
// answer.
func (c *client) outcomes(ctx context.Context, ids map[string]bool) (map[string]upload, *adnet.Verdict) {
	out := map[string]upload{}
	if len(ids) == 1 {
		for id := range ids {
			u, v := c.one(ctx, id)
			if u != nil {
				out[id] = *u
			}
			if u != nil || v != nil {
				return out, v
			}
		}
	}
	_, v := c.list(ctx, func(u upload) bool {
		if ids[u.ID.String()] {
			out[u.ID.String()] = u
		}
		return len(out) == len(ids)
	})
	return out, v
}

// one reads an upload by its number; nil, nil when the call for one does not
// know it and the list has to tell.
func (c *client) one(ctx context.Context, id string) (*upload, *adnet.Verdict) {
	ans, v, _ := c.call(ctx, http.MethodGet, c.base+"/offline_conversions/uploading/"+url.PathEscape(id), sent{},
		0)
	if ans.Status == http.StatusNotFound {
		return nil, nil
	}
	if v != nil {
		return nil, v
	}
	var u uploads
	if err := json.Unmarshal(ans.Body, &u); err != nil {
		return nil, nil
	}
	if u.One == nil && len(u.Many) == 1 {
		u.One = &u.Many[0]
	}
	if u.One == nil || u.One.ID.String() != id {
		return nil, nil
	}
	c.made.Response, c.made.Upload = c.mask.Keep(adnet.Shared(ans, uploads{One: u.One})),
		c.mask.Keep(u.One.Comment)
	return u.One, nil
}

// list reads Metrica's list until it is enough; whole tells that nothing was
// left unread that could matter.
func (c *client) list(ctx context.Context, enough func(upload) bool) (whole bool, v *adnet.Verdict) {
	for n := range maxPages {
		address := c.base + "/offline_conversions/uploadings?limit=" + strconv.Itoa(page) + "&offset=" +
			strconv.Itoa(n*page)
		ans, v, _ := c.call(ctx, http.MethodGet, address, sent{}, maxList)
		if v != nil {
			return false, v
		}
		var u struct {
			Many *[]upload `json:"uploadings"`
		}
		if err := json.Unmarshal(ans.Body, &u); err != nil || u.Many == nil {
			c.made.Response = adnet.Shared(ans, nil)
			return false, &adnet.Verdict{Class: adnet.Retry,
				Reason: "Metrica's list of uploads can not be read", Exchange: c.made}
		}
		c.listed, c.made.Response = true, fmt.Sprintf(`{"uploadings":"%d of the counter"}`, len(*u.Many))
		for _, up := range *u.Many {
			if enough(up) {
				return true, nil
			}
		}
		if len(*u.Many) < page {
			return true, nil
		}
	}
	return false, nil
}

// give adds the last call to a verdict on what was asked about u. A list has
// other files, too: of it a row gets its own file's entry.
func (c *client) give(v adnet.Verdict, u *upload) adnet.Verdict {
	v.Exchange = c.made
	if u != nil && c.listed {
		b, _ := json.Marshal(u) // it was read
		v.RowAnswer = c.mask.Keep(string(b))
	}
	return v
}
