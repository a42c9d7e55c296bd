package eventapi

import (
	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

// maxUsers is about how many people one call may ask.
const maxUsers = 1000

// usersData is what get_users_info answers: those of whom anything is known.
type usersData struct {
	Users []userData `json:"users"`
}

// usersInfo answers what is known of many people, and counts as one request.
func (cl *call) usersInfo() (httpapi.Answer, error) {
	ids, messenger, err := platforms.UserIDs(cl.in, maxUsers)
	if err != nil {
		return httpapi.Answer{}, err
	}
	if cl.outcome, err = cl.ingest.Submit(cl.ctx, cl.arrival(nil, true)); err != nil {
		return httpapi.Answer{}, err
	}
	keys := make([]domain.SubscriberKey, len(ids))
	for i, id := range ids {
		keys[i] = cl.personKey(messenger, id)
		cl.hashes = append(cl.hashes, usecase.PersonHash(cl.vault, keys[i]))
	}
	found, err := cl.known(keys)
	if err != nil {
		return httpapi.Answer{}, err
	}
	data := usersData{Users: make([]userData, 0, len(found))}
	for _, k := range keys {
		if sub, ok := found[k]; ok {
			data.Users = append(data.Users, newUserData(&sub))
		}
	}
	return httpapi.OK(cl.mode(), data), nil
}

// known looks people up, and leaves those out of whom nothing is known.
func (cl *call) known(keys []domain.SubscriberKey) (map[domain.SubscriberKey]domain.Subscriber, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	subs, err := cl.people.SubscribersByKey(cl.ctx, keys)
	if err != nil {
		return nil, err
	}
	found := make(map[domain.SubscriberKey]domain.Subscriber, len(subs))
	for _, s := range subs {
		found[s.SubscriberKey] = s
	}
	return found, nil
}
