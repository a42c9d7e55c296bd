package web

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// dossierTables are those of a person's page. What is cut says so.
type dossierTables struct {
	Episodes, Places, Events                          *table
	EpisodesCut, EventsCut, ClicksCut, ConversionsCut string
}

func (v *visit) dossierTables(p *dossierPage) (t dossierTables, err error) {
	t.Episodes, err = makeTable(v, listing[domain.Episode]{
		ID: "episodes", Label: v.text("dossier.episodes"), Columns: v.episodeColumns(), Rows: p.Episodes, Sort: "-opened",
		Cards: true, Empty: v.text("dossier.no_episodes"),
	})
	if err != nil {
		return t, err
	}
	t.Places, err = makeTable(v, listing[domain.Membership]{
		ID: "places", Label: v.text("dossier.places"), Columns: v.membershipColumns(), Rows: p.Places, Cards: true,
	})
	if err != nil {
		return t, err
	}
	t.Events, err = makeTable(v, listing[domain.Event]{
		ID: "events", Label: v.text("dossier.events"), Columns: v.eventColumns(), Rows: p.Events, Cards: true,
		Sort: "-time", Empty: v.text("dossier.no_events"),
	})
	t.EpisodesCut = v.newest(len(p.Episodes), usecase.RecordEpisodes)
	t.EventsCut = v.newest(len(p.Events), usecase.RecordEvents)
	t.ClicksCut = v.newest(len(p.Clicks), usecase.RecordClicks)
	t.ConversionsCut = v.newest(len(p.Conversions), shownConversions)
	return t, err
}

// newest says that only so many are shown; nothing where all are.
func (v *visit) newest(n, most int) string {
	if n < most {
		return ""
	}
	return v.count("dossier.newest", most)
}

func (v *visit) episodeColumns() []column[domain.Episode] {
	type episode = domain.Episode
	return []column[episode]{
		secondColumn("opened", v.text("dossier.opened"), func(e *episode) time.Time { return e.OpenedAt }),
		secondColumn("closed", v.text("dossier.closed"), func(e *episode) time.Time {
			if e.ClosedAt == nil {
				return time.Time{}
			}
			return *e.ClosedAt
		}),
		wordColumn("source", v.text("subscribers.source"), func(e *episode) cell {
			return cell{Text: cmp.Or(e.Touch.Source, "–")}
		}),
		wordColumn("why", v.text("dossier.why"), func(e *episode) cell {
			text := v.text("reason." + string(e.Touch.Reason))
			if c := e.Touch.Confidence; c > 0 && c < 1 {
				text += fmt.Sprintf(" (%.2f)", c)
			}
			return cell{Text: text, Whole: true, Note: e.Touch.StartValue}
		}),
		wordColumn("utm", "UTM", func(e *episode) cell {
			u := e.Touch.UTM
			return cell{Text: strings.Join(strings.Fields(strings.Join(
				[]string{u.Source, u.Medium, u.Campaign, u.Content, u.Term}, " ")), " ")}
		}),
	}
}

func (v *visit) membershipColumns() []column[domain.Membership] {
	type membership = domain.Membership
	return []column[membership]{
		wordColumn("place", v.text("dossier.place"), func(m *membership) cell {
			return cell{Text: page{v: v}.PlaceName(m.Place)}
		}),
		wordColumn("state", v.text("subscribers.state"), func(m *membership) cell {
			if m.In {
				return cell{Text: v.text("subscribers.in"), Class: "up"}
			}
			return cell{Text: v.text("subscribers.out"), Class: "down"}
		}),
		secondColumn("opened", v.text("dossier.opened"), func(m *membership) time.Time { return m.JoinedAt }),
		secondColumn("closed", v.text("dossier.closed"), func(m *membership) time.Time {
			if m.In {
				return time.Time{}
			}
			return m.LeftAt
		}),
	}
}

func (v *visit) eventColumns() []column[domain.Event] {
	type event = domain.Event
	return []column[event]{
		secondColumn("time", v.text("dossier.time"), func(e *event) time.Time {
			return e.OccurredAt
		}).linked(func(e *event) string {
			if e.RequestID == "" {
				return ""
			}
			return v.url("requests", e.RequestID)
		}),
		wordColumn("event", v.text("dossier.event"), func(e *event) cell {
			c := cell{Text: v.text("event." + string(e.Type))}
			if e.Change != "" {
				c.Marks = []mark{{Class: "secondary", Text: v.text("effect." + string(e.Change))}}
			}
			return c
		}),
		wordColumn("name", v.text("dossier.name"), func(e *event) cell {
			c := cell{Text: cmp.Or(e.Name, e.Target)}
			for _, l := range e.Labels {
				c.Marks = append(c.Marks, mark{Class: "secondary", Text: l.Name + ": " + l.Value})
			}
			return c
		}),
		wordColumn("result", v.text("dossier.result"), func(e *event) cell {
			if e.Result == "" {
				return cell{}
			}
			return cell{Text: v.text("step_result." + string(e.Result))}
		}),
		sumColumn("amount", v.text("dossier.amount"), func(e *event) (*domain.Amount, string) {
			return e.Amount, e.Currency
		}),
	}
}
