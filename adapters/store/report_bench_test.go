package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// BenchmarkReports reads a year of a project with 200 sources a day from the
// rollups, whatever the number of events behind them.
func BenchmarkReports(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *database.DB{
		database.SQLite: databasetest.SQLite, database.Postgres: databasetest.Postgres,
	} {
		b.Run(name, func(b *testing.B) {
			f := newFixture(b, open(b))
			p := domain.Project{ID: "p", Timezone: "UTC", Currency: "RUB", CreatedAt: noon}
			clock := func() time.Time { return noon }
			rollups := report.NewRollups(report.RollupsConfig{}, f.Store, "a", clock, slog.New(slog.DiscardHandler))
			if _, err := rollups.Rebuild(b.Context(), "p", time.Time{}, time.Time{}); err != nil {
				b.Fatal(err)
			}
			lease := f.lease("a", noon)
			for n := range 365 {
				date := noon.AddDate(0, 0, -n).Format(time.DateOnly)
				f.ok(f.SaveRollups(b.Context(), lease, replaced(report.ProjectDay{
					ProjectID: "p", Day: date, Figures: busyDay(),
				})))
			}
			reports := report.NewReader(report.Config{}, f.Store, clock)
			year, err := reports.Range(&p, report.RangeInput{Days: 365})
			f.ok(err)
			for what, read := range map[string]func(context.Context) error{
				"daily": func(ctx context.Context) error {
					_, err := reports.Daily(ctx, &p, year, report.Filter{})
					return err
				},
				"sources": func(ctx context.Context) error {
					_, err := reports.Sources(ctx, &p, year, report.Filter{})
					return err
				},
				"funnel": func(ctx context.Context) error {
					_, err := reports.Funnel(ctx, &p, year, report.Filter{})
					return err
				},
				"retention": func(ctx context.Context) error {
					_, err := reports.Retention(ctx, &p, year, report.Filter{})
					return err
				},
			} {
				b.Run(what, func(b *testing.B) {
					for b.Loop() {
						f.ok(read(b.Context()))
					}
				})
			}
		})
	}
}

func busyDay() report.DayFigures {
	d := report.DayFigures{}
	for n := range 200 {
		d[report.Source{Name: fmt.Sprint("ad ", n), Network: "yandex"}] = &report.SourceDay{
			Figures:   report.Figures{Clicks: 50, Joins: 30, Leaves: 3},
			Durations: map[int]report.Durations{0: {People: 2}, 1: {People: 1}},
			Steps:     map[report.StepKey]*report.StepFigures{{Step: "buy"}: {Events: 5}},
		}
	}
	return d
}

// BenchmarkDay counts a day of 20,000 events, as a rollup does.
func BenchmarkDay(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *database.DB{
		database.SQLite: databasetest.SQLite, database.Postgres: databasetest.Postgres,
	} {
		b.Run(name, func(b *testing.B) {
			f := newFixture(b, open(b))
			f.link("l", "Spring", "")
			const batches, size = 40, 500
			for n := range batches {
				clicks := make([]domain.Click, size)
				for i := range clicks {
					clicks[i] = f.click(fmt.Sprintf("%032x", n*size+i), 0)
				}
				f.ok(f.SaveClicks(b.Context(), clicks))
				f.ok(f.Ingest(b.Context(), func(ctx context.Context, tx usecase.IngestTx) error {
					return benchBatch(ctx, f, tx, clicks, int64(n*size))
				}))
			}
			// All of them are of one episode, which no real ones are.
			f.exec("UPDATE conversions SET episode_no = no")
			p := domain.Project{ID: "p", Timezone: "UTC", Currency: "RUB"}
			reports := report.NewReader(report.Config{}, f.Store, func() time.Time { return noon }).
				WithoutRollups()
			day, err := reports.Range(&p, report.RangeInput{Days: 1})
			f.ok(err)
			for b.Loop() {
				rows, err := reports.Daily(b.Context(), &p, day, report.Filter{})
				f.ok(err)
				if rows[0].Joins != batches*size {
					b.Fatalf("%+v", rows)
				}
			}
		})
	}
}
