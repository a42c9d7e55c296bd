package main

import (
	"strconv"
	"sync/atomic"
	"time"
)

// The people of a load have ids as Telegram has given out: of ten digits, in no
// order, so that each is looked up in another place of an index. Runs into the
// same database have people of their own, beside each other.
const (
	firstID = 1_000_000_000
	runs    = 128
	ids     = 70_312_499
	// spread has no divisor in common with ids, so that no two people meet.
	spread = 1_618_033_987
	// perWorker is how many people a connection has.
	perWorker = 70_000
	// perRun is how many updates a bot has in a run.
	perRun = 20_000_000
)

// person is the id of the n-th person of a connection, of whom there are
// maxConnections at most.
func person(run, worker, n int) int64 {
	return int64(firstID + uint64(worker*perWorker+n%perWorker)*spread%ids*runs + uint64(run))
}

// bot numbers its updates one after the other, whoever they are of.
type bot struct{ updates atomic.Int64 }

// writer makes the bodies of one connection's requests. A body is good until
// the next. Making one costs next to nothing, which matters where the load
// shares its processors with the server.
type writer struct {
	body  []byte
	first int64 // before the number of a bot's first update
	sent  int64
	date  int64
}

func newWriter(run int, now time.Time) *writer {
	return &writer{first: firstID + int64(run)*perRun, date: now.Unix()}
}

// Updates are as Telegram sends them. https://core.telegram.org/bots/api#update
const (
	updateHead = `{"update_id":`
	fromHead   = `"from":{"id":`
	names      = `,"is_bot":false,"first_name":"Марина","last_name":"Ковалёва","username":"marina_`
	chatHead   = `","language_code":"ru"},"chat":{"id":`
	chatNames  = `,"first_name":"Марина","last_name":"Ковалёва","username":"marina_`
	chatTail   = `","type":"private"},"date":`
)

// start of the bot with a value; without one where it is empty.
func (w *writer) start(of *bot, who int64, value string) []byte {
	w.message(of, who)
	w.text(`,"text":"/start`)
	if value != "" {
		w.text(" ")
		w.text(value)
	}
	w.text(`","entities":[{"offset":0,"length":6,"type":"bot_command"}]}}`)
	return w.body
}

// chat is a message that means nothing to the service.
func (w *writer) chat(of *bot, who int64) []byte {
	w.message(of, who)
	w.text(`,"text":"Спасибо, а во сколько сегодня начало?"}}`)
	return w.body
}

// stop is what Telegram says when somebody blocks the bot.
func (w *writer) stop(of *bot, who int64) []byte {
	w.update(of, `,"my_chat_member":{"chat":{"id":`)
	w.number(who)
	w.text(chatNames)
	w.number(who)
	w.text(`","type":"private"},`)
	w.from(who)
	w.text(`","language_code":"ru"},"date":`)
	w.number(w.date)
	const bot = `"user":{"id":7000000001,"is_bot":true,"first_name":"Bench","username":"bench_bot"}`
	w.text(`,"old_chat_member":{` + bot + `,"status":"member"},"new_chat_member":{` + bot)
	w.text(`,"status":"kicked","until_date":0}}}`)
	return w.body
}

// step of a funnel that somebody takes.
func (w *writer) step(who int64, name string) []byte {
	w.user(who)
	w.text(`,"event_type":"`)
	w.text(name)
	w.text(`","labels":[{"name":"group","value":"autumn"}]}`)
	return w.body
}

// goal that somebody reaches.
func (w *writer) goal(who int64, target string) []byte {
	w.user(who)
	w.text(`,"target":"`)
	w.text(target)
	w.text(`"}`)
	return w.body
}

func (w *writer) user(who int64) {
	w.body = append(w.body[:0], `{"user_id":"`...)
	w.number(who)
	w.text(`"`)
}

func (w *writer) update(of *bot, kind string) {
	w.body = append(w.body[:0], updateHead...)
	w.number(w.first + of.updates.Add(1))
	w.sent++
	w.text(kind)
}

func (w *writer) message(of *bot, who int64) {
	w.update(of, `,"message":{"message_id":`)
	w.number(w.sent)
	w.text(`,`)
	w.from(who)
	w.text(chatHead)
	w.number(who)
	w.text(chatNames)
	w.number(who)
	w.text(chatTail)
	w.number(w.date)
}

func (w *writer) from(who int64) {
	w.text(fromHead)
	w.number(who)
	w.text(names)
	w.number(who)
}

func (w *writer) text(s string)  { w.body = append(w.body, s...) }
func (w *writer) number(n int64) { w.body = strconv.AppendInt(w.body, n, 10) }
