package domain

import "slices"

// ReasonCode says why a conversion has its status. Codes are part of the API;
// the text beside a code is for people and may change.
type ReasonCode string

// Reasons. Of ReasonNetwork the text is what the network or the way to it
// said.
const (
	ReasonNone           ReasonCode = ""
	ReasonNetwork        ReasonCode = "network"
	ReasonAccountPaused  ReasonCode = "account_paused"
	ReasonAccountChanged ReasonCode = "account_changed"
	ReasonAccountDeleted ReasonCode = "account_deleted"
	ReasonSkipped        ReasonCode = "skipped"
	ReasonAskedAgain     ReasonCode = "asked_again"
	ReasonInterrupted    ReasonCode = "interrupted"
	ReasonRestored       ReasonCode = "restored"
	ReasonSandbox        ReasonCode = "sandbox"
	ReasonTooLate        ReasonCode = "too_late"
	ReasonWindowMissed   ReasonCode = "window_missed"
	ReasonWindowOver     ReasonCode = "window_over"
	ReasonAnswerLost     ReasonCode = "answer_lost"
	ReasonNoStart        ReasonCode = "no_start"
	ReasonNoLink         ReasonCode = "no_link"
	ReasonNoClick        ReasonCode = "no_click"
	ReasonNoAccount      ReasonCode = "no_account"
	ReasonGuessNotSent   ReasonCode = "guess_not_sent"
	ReasonGuessWithdrawn ReasonCode = "guess_withdrawn"
	ReasonPersonErased   ReasonCode = "person_erased"
	ReasonTestPerson     ReasonCode = "test_person"
)

// reasonTexts says it in English.
var reasonTexts = map[ReasonCode]string{
	ReasonAccountPaused:  "the ad account is paused",
	ReasonAccountChanged: "the ad account was changed meanwhile",
	ReasonAccountDeleted: "the ad account was deleted",
	ReasonSkipped:        "skipped when the ad account was resumed",
	ReasonAskedAgain:     "asked for again",
	ReasonInterrupted:    "the service stopped while it was being sent; whether the network has it is not known",
	ReasonRestored:       "the database was restored from a copy; whether the network has it is not known",
	ReasonSandbox:        "the project is in sandbox mode",
	ReasonTooLate:        "more than 21 days after the start",
	ReasonWindowMissed:   "the network's window was over when it came in",
	ReasonWindowOver:     "the ad network's window is over",
	ReasonAnswerLost: "the answer of the ad network was lost and its window is over;" +
		" whether it has it is not known",
	ReasonNoStart:        "no start within the time goals wait",
	ReasonNoLink:         "the person came by no tracking link",
	ReasonNoClick:        "the person came by a link, but by no click of their own",
	ReasonNoAccount:      "no ad account takes the click's ids",
	ReasonGuessNotSent:   "the click is a guess, and the project does not send guesses",
	ReasonGuessWithdrawn: "guess withdrawn: another person started with this click",
	ReasonPersonErased:   "the person was erased",
	ReasonTestPerson:     "the person was made by a test start",
}

// Reasons lists the codes that a conversion can have besides none.
func Reasons() []ReasonCode {
	out := []ReasonCode{ReasonNetwork}
	for c := range reasonTexts {
		out = append(out, c)
	}
	slices.Sort(out)
	return out
}

// Text says the reason in English; empty where only the network knows it.
func (c ReasonCode) Text() string { return reasonTexts[c] }

// Overdue says how a conversion ends whose window is over: one whose last
// attempt has no outcome may have reached the network.
func Overdue(attemptOpen bool) (Status, ReasonCode) {
	if attemptOpen {
		return Uncertain, ReasonAnswerLost
	}
	return Expired, ReasonWindowOver
}

// Because gives a conversion a status and the reason for it.
func (c *Conversion) Because(s Status, why ReasonCode) {
	c.Status, c.ReasonCode, c.StatusReason = s, why, why.Text()
}
