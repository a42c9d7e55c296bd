package main

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// startValue is that of the one link that every project has, so that each
// start is looked up and has a source.
const startValue = "PJ5ca1ab1e0042"

// method of the API that is called.
const method = "on_telegram_webhook"

// template is a start as Telegram sends it, with digits where numbers of
// their own go. https://core.telegram.org/bots/api#update
const template = `{"update_id":UUUUUUUUUU,"message":{"message_id":MMMMMMMMM,"from":{"id":PPPPPPPPPP,"is_bot":false,` +
	`"first_name":"Марина","last_name":"Ковалёва","username":"marina_PPPPPPPPPP","language_code":"ru"},` +
	`"chat":{"id":PPPPPPPPPP,"first_name":"Марина","last_name":"Ковалёва","username":"marina_PPPPPPPPPP","type":"private"},` +
	`"date":DDDDDDDDDD,"text":"/start TGTrack-` + startValue + `","entities":[{"offset":0,"length":6,"type":"bot_command"}]}}`

// updates makes the bodies of one connection. Only digits change, in place:
// making a body costs next to nothing, which matters where the generator
// shares its processors with the server.
type updates struct {
	body               []byte
	update, message    []int // where the numbers stand
	person             []int
	run, worker, count int
}

// newUpdates makes the bodies of a connection; run is 1 to 9 and tells apart
// what goes to the same database, worker is up to maxConnections.
func newUpdates(run, worker int, now time.Time) *updates {
	u := &updates{body: []byte(template), run: run, worker: worker}
	u.update, u.message, u.person = u.places("UUUUUUUUUU"), u.places("MMMMMMMMM"), u.places("PPPPPPPPPP")
	date := u.places("DDDDDDDDDD")
	put(u.body, date, 10, int(now.Unix()))
	return u
}

func (u *updates) places(mark string) (at []int) {
	for from := 0; ; {
		i := bytes.Index(u.body[from:], []byte(mark))
		if i < 0 {
			return at
		}
		at = append(at, from+i)
		from += i + len(mark)
	}
}

// Every repeatEvery-th update is one more start of the person of repeatBack
// updates before.
const (
	repeatEvery = 8
	repeatBack  = 4
)

// next gives the next body, good until the one after it, and the number of
// the key to send it with.
func (u *updates) next(keys int) (body []byte, key int) {
	n := u.count
	u.count++
	who := n
	if n%repeatEvery == repeatEvery-1 {
		who = n - repeatBack
	}
	put(u.body, u.update, 10, 1_000_000_000+u.worker*1_000_000+n%1_000_000)
	put(u.body, u.message, 9, 100_000_000+n)
	put(u.body, u.person, 10, u.run*1_000_000_000+u.worker*1_000_000+who%1_000_000)
	// Two primes spread neighbours over the keys.
	return u.body, (u.worker*7919 + who*104729) % keys
}

// put writes n at the places. It has as many digits as there is room for: a
// zero in front would be no JSON.
func put(body []byte, places []int, width, n int) {
	for _, at := range places {
		v := n
		for i := at + width - 1; i >= at; i-- {
			body[i] = byte('0' + v%10)
			v /= 10
		}
	}
}

// keyName is the API key of a project, projectID its id, linkID and accountID
// those of its link and ad account.
func keyName(n int) string   { return fmt.Sprintf("bench-key-%06d", n) }
func projectID(n int) string { return "bench" + strconv.Itoa(n) }
func linkID(n int) string    { return "link-" + projectID(n) }
func accountID(n int) string { return "account-" + projectID(n) }
