package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// requestPage is one request from its body to the ad networks' answers.
type requestPage struct {
	usecase.RequestStory
	Row     feedRow // in short
	Steps   []storyStep
	Decoded string
	Body    string
	Shared  *sharedAddress // made for support just now
	Until   time.Time      // when the page for support ends; zero on our own
}

// storyStep is one thing that happened to a request.
type storyStep struct {
	Class string // "good", "warn", "bad", "wait" or "none"
	Title string
	At    time.Time // zero where it is not known
	Lines []string
	// Person that it is about, where they have a page.
	PersonName, PersonHref string
	// Conversion that it made.
	Status   *badge
	Attempts []usecase.Attempt
	Tried    bool // the attempts are shown, be there none
}

func (v *visit) request() error {
	story, err := v.Stories.Tell(v.ctx, v.project.ID, v.param("request"))
	if err != nil {
		return err
	}
	p := v.requestPage(story)
	p.Shared = v.sharedAddress(story.Request.ID)
	return v.show("request", p, v.text("request.title"))
}

func (v *visit) requestPage(story usecase.RequestStory) requestPage {
	p := requestPage{RequestStory: story, Body: pretty(story.Request.Body), Steps: v.storySteps(&story)}
	seen := usecase.SeenRequest{RequestRecord: story.Request, Events: story.Events}
	p.Row = v.feedRow(&seen)
	if story.Request.Decoded != nil {
		if b, err := json.Marshal(tidy(story.Request.Decoded)); err == nil {
			p.Decoded = pretty(string(b))
		}
	}
	return p
}

// storySteps tells a request from what came to what the networks answered.
func (v *visit) storySteps(s *usecase.RequestStory) []storyStep {
	steps := []storyStep{v.stepCame(&s.Request), v.stepRead(&s.Request)}
	for i := range s.Events {
		e := &s.Events[i]
		steps = append(steps, v.stepEvent(e))
		for j := range e.Conversions {
			steps = append(steps, v.stepConversion(&e.Conversions[j]))
		}
		if len(e.Conversions) == 0 && !e.Duplicate {
			steps = append(steps, storyStep{Class: "none", Title: v.text("step.nothing_sent")})
		}
	}
	return steps
}

// stepCame is the webhook itself, and what it was answered.
func (v *visit) stepCame(r *usecase.RequestRecord) storyStep {
	p := page{v: v}
	step := storyStep{Class: "good", Title: v.text("step.came"), At: r.ReceivedAt}
	from := []string{r.Called()}
	if r.Constructor != "" {
		from = append(from, p.ConstructorName(r.Constructor))
	}
	if r.ContentType != "" {
		from = append(from, r.ContentType)
	}
	from = append(from, v.count("request.bytes", r.Size))
	if r.Truncated {
		from = append(from, v.text("request.cut"))
	}
	step.Lines = append(step.Lines, strings.Join(from, " · "))
	if r.Signed != nil {
		key := "request.unsigned"
		if *r.Signed {
			key = "request.signed"
		}
		step.Lines = append(step.Lines, v.text(key))
	}
	answer := "200 OK"
	if r.Code != http.StatusOK {
		answer = itoa(int64(r.Code))
	}
	step.Lines = append(step.Lines, v.text("step.answer", answer))
	return step
}

// stepRead is what was made of the body.
func (v *visit) stepRead(r *usecase.RequestRecord) storyStep {
	p := page{v: v}
	verdict := r.Verdict()
	step := storyStep{Class: "good", Title: v.text("step.read")}
	switch verdict {
	case usecase.RequestRefused, usecase.RequestRefusedKept, usecase.RequestLimited:
		step.Class, step.Title = "bad", v.text("verdict."+string(verdict))
		step.Lines = append(step.Lines, p.Refusal(*r))
	case usecase.RequestTaken:
	default:
		step.Class, step.Title = "none", v.text("verdict."+string(verdict))
	}
	for _, s := range r.ReadAs() {
		step.Lines = append(step.Lines, v.signalText(&s))
	}
	if warning := p.WarningOf(*r); warning != "" {
		step.Lines = append(step.Lines, v.text("step.repaired", warning))
		if step.Class == "good" {
			step.Class = "warn"
		}
	}
	return step
}

// signalText says what a part of the body was read as.
func (v *visit) signalText(s *usecase.ReadSignal) string {
	parts := []string{v.text("event." + string(s.Type))}
	if s.Name != "" {
		parts[0] += " " + s.Name
	}
	who := s.Who()
	if who != "" && who != s.PersonID && s.PersonID != "" {
		who += " (" + s.PersonID + ")"
	}
	if who != "" {
		parts = append(parts, who)
	}
	if s.StartValue != "" {
		parts = append(parts, v.text("step.start_value", s.StartValue))
	}
	return strings.Join(parts, " · ")
}

// stepEvent is what happened by it: to whom, and from where they are.
func (v *visit) stepEvent(e *usecase.StoryEvent) storyStep {
	p := page{v: v}
	step := storyStep{Class: "good", Title: v.text("event." + string(e.Type)), At: e.OccurredAt}
	if e.Name != "" {
		step.Title += ": " + e.Name
	}
	if e.Change != "" {
		step.Title += " · " + v.text("effect."+string(e.Change))
	}
	if e.Subscriber != nil { // never on a page that was shared
		step.PersonName = PersonName(e.Subscriber)
		step.PersonHref = v.url("subscribers", e.Subscriber.Messenger, itoa(e.Subscriber.UserID))
	}
	if t := e.Touch; t != nil {
		if v.project != nil { // shared: the source is hidden
			step.Lines = append(step.Lines, v.text("step.source", p.EventSource(*e)))
		}
		step.Lines = append(step.Lines, v.whySource(t))
		if !t.Attributed() && t.Reason != domain.ByStartValue {
			step.Class = "warn"
		}
	}
	if e.Amount != nil {
		step.Lines = append(step.Lines, p.Sum(*e.Amount, e.Currency))
	}
	if e.Duplicate {
		step.Class = "none"
		step.Lines = append(step.Lines, v.text("verdict."+string(usecase.RequestRepeat)))
	}
	return step
}

// whySource says by what a source was found, and how sure that is.
func (v *visit) whySource(t *domain.Touch) string {
	why := v.text("reason." + string(t.Reason))
	if t.Confidence > 0 && t.Confidence < 1 {
		return v.text("step.because_likely", why, fmt.Sprintf("%.0f", 100*t.Confidence)+v.lang.PercentSign())
	}
	return v.text("step.because", why)
}

// stepConversion is what a network was sent, and what it answered.
func (v *visit) stepConversion(c *usecase.StoryConversion) storyStep {
	p := page{v: v}
	status := p.StatusBadge(c.Status)
	step := storyStep{Class: p.mark(&c.Conversion).Class, Status: &status, Attempts: c.Attempts, Tried: c.Network != ""}
	what := c.Name
	if what == "" {
		what = c.Target
	}
	switch {
	case c.Network == "":
		step.Title = v.text("step.nothing_sent")
	case what == "":
		step.Title = p.NetworkName(c.Network)
	default:
		step.Title = p.NetworkName(c.Network) + " · " + what
	}
	if why := p.Why(c.Conversion); why != "" {
		step.Lines = append(step.Lines, why)
	}
	return step
}

// Refusal says why a request was refused. Records of versions that kept no more
// than the sentence have it in English, unless it is one of ours.
func (p page) Refusal(r usecase.RequestRecord) string {
	if r.Refusal != nil {
		return r.ErrorIn(p.v.words.refusals, p.v.lang)
	}
	if field, problem, ok := strings.Cut(r.Error, ": "); ok && p.v.words.sentences.Knows(problem) {
		return field + ": " + p.Said(problem)
	}
	return p.Said(r.Error)
}

// pretty indents JSON and leaves all else as it is.
func pretty(s string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(s), "", "  ") == nil {
		return b.String()
	}
	return s
}

// tidy drops what a decode left empty: a signal has many fields, and a webhook
// fills few.
func tidy(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if e = tidy(e); e != nil && e != "" && e != "0001-01-01T00:00:00Z" {
				out[k] = e
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case []any:
		for i := range v {
			v[i] = tidy(v[i])
		}
		if len(v) == 0 {
			return nil
		}
	}
	return v
}
