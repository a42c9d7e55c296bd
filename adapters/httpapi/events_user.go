package httpapi

import (
	"errors"
	"strconv"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
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

func (cl *call) readUserID() (int64, error) { return platforms.UserID(cl.in) }

// describe answers with what is known of a person, however long ago.
func (cl *call) describe(k domain.SubscriberKey) answer {
	sub, err := cl.Reader.Subscriber(cl.ctx, k)
	if errors.Is(err, domain.ErrNotFound) {
		return refuse(405, cl.mode(), "user_id: no event of this person was ever received")
	}
	if err != nil {
		return cl.failed("read the person", err)
	}
	u := sub.FirstUTM
	return ok(cl.mode(), userData{
		UserID: strconv.FormatInt(k.UserID, 10), FirstJoinDate: unix(sub.FirstJoin), LastJoinDate: unix(sub.LastJoin()), LeftDate: unix(sub.LeftAt()),
		InviteLink: sub.FirstSource, FirstName: sub.Person.FirstName, LastName: sub.Person.LastName, Username: sub.Person.Username,
		UTMSource: u.Source, UTMMedium: u.Medium, UTMContent: u.Content, UTMCampaign: u.Campaign, UTMTerm: u.Term,
	})
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
