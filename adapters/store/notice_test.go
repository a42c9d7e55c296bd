package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/notify"
)

func (f *fixture) chat(projectID string, chatID int64) {
	f.t.Helper()
	ctx, hash := f.t.Context(), []byte(f.id("code"))
	f.ok(f.CreateNoticeCode(ctx, noticeCode(hash, projectID)))
	got, err := f.LinkChat(ctx, hash, notify.Chat{
		ChatID: chatID, Kind: "private", Title: "Anna", LinkedAt: noon,
	})
	f.ok(err)
	if got != projectID {
		f.t.Errorf("the chat was linked to %s", got)
	}
}

func noticeCode(hash []byte, projectID string) notify.Code {
	return notify.Code{
		Hash: hash, ProjectID: projectID, CreatedBy: "anna", CreatedAt: noon, ExpiresAt: noon.Add(time.Hour),
	}
}

func waiting(id, key string, chatID int64) notify.Notice {
	at := noon
	return notify.Notice{
		ID: id, ProjectID: "p", Kind: notify.KindDigest, Key: key, ChatID: chatID, Body: "text",
		State: notify.Waiting, CreatedAt: noon, GiveUpAt: noon.Add(time.Hour), NextAt: &at,
	}
}

func TestNoticeSettings(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.project("p")
		_, err := f.NoticeSettings(ctx, "p")
		wantNotFound(t, "settings before there are any", err)
		want := notify.Settings{
			ProjectID: "p", Language: "ru", Digest: true, DigestHour: 9, Alerts: true, SilenceHours: 24,
			WebhookURL: "https://crm.example/secret", WebhookSecret: "whsec_x", UpdatedAt: noon,
		}
		f.ok(f.SaveNoticeSettings(ctx, want, false))
		other := want
		other.Language, other.WebhookURL = "en", ""
		f.ok(f.SaveNoticeSettings(ctx, other, true)) // there are some
		got, err := f.NoticeSettings(ctx, "p")
		f.ok(err)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("settings (-want +got):\n%s", d)
		}
		if n := f.count("notice_settings WHERE CAST(webhook AS TEXT) LIKE '%crm%'"); n != 0 {
			t.Error("the address is not sealed")
		}
	})
}

// TestNoticeChats tells how chats come and go: a code works for one chat, as
// often as it sends it.
func TestNoticeChats(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.project("p")
		f.project("q")
		f.chat("p", 7)
		f.chat("q", 7)
		f.chat("p", -8)
		hash := []byte("the code")
		f.ok(f.CreateNoticeCode(ctx, noticeCode(hash, "p")))
		for range 2 {
			c := notify.Chat{ChatID: 9, Kind: "group", Title: "Group", LinkedAt: noon}
			_, err := f.LinkChat(ctx, hash, c)
			f.ok(err)
		}
		_, err := f.LinkChat(ctx, hash, notify.Chat{ChatID: 10, LinkedAt: noon})
		wantNotFound(t, "a code that another chat used", err)
		_, err = f.LinkChat(ctx, hash, notify.Chat{ChatID: 9, LinkedAt: noon.Add(time.Hour)})
		wantNotFound(t, "a code that is too old", err)

		f.ok(f.AddTest(ctx, "p", []notify.Notice{waiting("n1", "k", 9), waiting("n2", "k", 7)}))
		f.ok(f.MoveChat(ctx, 9, -1009))
		if n, err := f.UnlinkChat(ctx, "", 7, "blocked"); err != nil || n != 2 {
			t.Errorf("unlinked from %d projects, %v", n, err)
		}
		cs, err := f.NoticeChats(ctx, "p")
		f.ok(err)
		want := []notify.Chat{
			{ProjectID: "p", ChatID: -1009, Kind: "group", Title: "Group", LinkedBy: "anna", LinkedAt: noon},
			{ProjectID: "p", ChatID: -8, Kind: "private", Title: "Anna", LinkedBy: "anna", LinkedAt: noon},
		}
		if d := cmp.Diff(want, cs); d != "" {
			t.Errorf("chats (-want +got):\n%s", d)
		}
		ns, err := f.Notices(ctx, "p", 10)
		f.ok(err)
		if len(ns) != 2 || ns[0].State != notify.Failed || ns[0].Reason != "blocked" ||
			ns[1].ChatID != -1009 || ns[1].State != notify.Waiting {
			t.Errorf("messages %+v", ns)
		}
		f.ok(f.DeleteProject(ctx, "p"))
		for _, table := range []string{"notice_chats", "notice_codes", "notices"} {
			if n := f.count(table + " WHERE project_id = 'p'"); n != 0 {
				t.Errorf("%s has %d rows of a project that was deleted", table, n)
			}
		}
	})
}

// TestNoticeQueue: a digest is made once for a date, a message is claimed by
// one, and what a process left behind is sent again only to webhooks.
func TestNoticeQueue(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.project("p")
		f.chat("p", 7)
		f.ok(f.SaveNoticeSettings(ctx, notify.Settings{
			ProjectID: "p", Language: "ru", Digest: true, DigestHour: 9, UpdatedAt: noon,
		}, false))
		first, again := waiting("n1", "digest 2031-03-14", 7), waiting("n2", "digest 2031-03-14", 7)
		f.ok(f.SaveDigest(ctx, "p", 7, "2031-03-14", &first))
		f.ok(f.SaveDigest(ctx, "p", 7, "2031-03-14", &again))
		ds, err := f.DigestChats(ctx)
		f.ok(err)
		if len(ds) != 1 || ds[0].Date != "2031-03-14" || ds[0].ChatID != 7 || ds[0].DigestHour != 9 {
			t.Errorf("chats with digests %+v", ds)
		}
		hook := waiting("n3", "alert", 0)
		f.ok(f.AddTest(ctx, "p", []notify.Notice{hook}))

		until := noon.Add(time.Minute)
		n, err := f.ClaimNotice(ctx, noon, until, nil)
		f.ok(err)
		want := first
		want.State, want.Attempts, want.NextAt = notify.Sending, 1, nil
		if d := cmp.Diff(want, n); d != "" {
			t.Errorf("claimed (-want +got):\n%s", d)
		}
		_, err = f.ClaimNotice(ctx, noon, until, nil)
		f.ok(err)
		_, err = f.ClaimNotice(ctx, noon, until, nil)
		wantNotFound(t, "a third message", err)
		f.ok(f.AbandonNotices(ctx, noon))
		_, err = f.ClaimNotice(ctx, until, until, nil)
		wantNotFound(t, "a message whose attempt is under way", err)
		f.ok(f.AbandonNotices(ctx, until))
		_, err = f.ClaimNotice(ctx, until, until.Add(time.Minute), []string{"p", "q"})
		wantNotFound(t, "a message of a busy project", err)
		n, err = f.ClaimNotice(ctx, until, until.Add(time.Minute), []string{"q"})
		f.ok(err)
		if n.ID != "n3" || n.Attempts != 2 {
			t.Errorf("claimed again %+v", n)
		}
		n.State, n.SentAt = notify.Sent, &until
		f.ok(f.SettleNotice(ctx, n))
		ns, err := f.Notices(ctx, "p", 10)
		f.ok(err)
		if len(ns) != 2 || ns[0].State != notify.Sent || ns[1].State != notify.Uncertain {
			t.Errorf("messages %+v", ns)
		}
	})
}

// TestOneTestAtATime: of a project, until its outcome is known.
func TestOneTestAtATime(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.project("p")
		test := func(id string) error {
			n := waiting(id, "test "+id, 0)
			n.Kind = notify.KindTest
			return f.AddTest(ctx, "p", []notify.Notice{n})
		}
		f.ok(test("n1"))
		if err := test("n2"); !errors.Is(err, domain.ErrConflict) {
			t.Error("while one waits:", err)
		}
		n, err := f.ClaimNotice(ctx, noon, noon.Add(time.Minute), nil)
		f.ok(err)
		if err := test("n3"); !errors.Is(err, domain.ErrConflict) {
			t.Error("while one is sent:", err)
		}
		next := noon.Add(time.Hour)
		n.State, n.NextAt = notify.Waiting, &next
		f.ok(f.SettleNotice(ctx, n))
		f.ok(test("n4"))
		ns, err := f.Notices(ctx, "p", 10)
		f.ok(err)
		if len(ns) != 2 || ns[0].ID != "n4" || ns[1].State != notify.Failed || ns[1].NextAt != nil {
			t.Errorf("messages %+v", ns)
		}
	})
}

func TestLeases(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		hold := func(owner string, at time.Time) bool {
			ok, err := f.HoldLease(ctx, "l", owner, at, at.Add(time.Minute))
			f.ok(err)
			return ok
		}
		got := []bool{
			hold("a", noon), hold("b", noon), hold("a", noon.Add(30*time.Second)),
			hold("b", noon.Add(time.Minute)), hold("b", noon.Add(90*time.Second)),
		}
		f.ok(f.ReleaseLease(ctx, "l", "a"))
		got = append(got, hold("a", noon.Add(91*time.Second)))
		f.ok(f.ReleaseLease(ctx, "l", "b"))
		got = append(got, hold("a", noon.Add(91*time.Second)))
		if d := cmp.Diff([]bool{true, false, true, false, true, false, true}, got); d != "" {
			t.Errorf("held (-want +got):\n%s", d)
		}
	})
}

// TestFailingSince: it is the first attempt of what is tried again that
// counts.
func TestFailingSince(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		at, err := f.FailingSince(t.Context(), "a")
		if err != nil || !at.IsZero() {
			t.Errorf("of nothing: %v, %v", at, err)
		}
		for id, status := range map[string]domain.Status{
			"v1": domain.Retrying, "v2": domain.Delivered, "v3": domain.Retrying,
		} {
			v := f.conversion(id)
			v.AccountID, v.Status = "a", status
			f.save(&usecase.IngestChanges{Conversions: []usecase.NewConversion{v}})
		}
		for n, a := range []struct {
			id string
			at time.Time
		}{
			{"v2", noon.Add(-time.Hour)}, {"v1", noon.Add(time.Minute)}, {"v3", noon.Add(2 * time.Minute)},
			{"v1", noon.Add(3 * time.Minute)},
		} {
			f.exec(`INSERT INTO attempts (conversion_no, n, look, call_no, at, verdict, reason_code, reason)
				VALUES ((SELECT no FROM conversions WHERE id = ?), ?, 0, 0, ?, 'retry', '', '')`, key(a.id), n, f.time(a.at))
		}
		at, err = f.FailingSince(t.Context(), "a")
		if err != nil || !at.Equal(noon.Add(time.Minute)) {
			t.Errorf("since %v, %v", at, err)
		}
	})
}

// TestAlerts: an alert is opened, told again and closed once, whichever process
// comes first, and what it says goes out only with the change.
func TestAlerts(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.project("p")
		f.project("q")
		settings := notify.Settings{
			ProjectID: "p", Language: "en", Alerts: true, WebhookURL: "https://crm.example/", WebhookSecret: "x",
			UpdatedAt: noon,
		}
		f.ok(f.SaveNoticeSettings(ctx, notify.Settings{ProjectID: "q", Language: "ru", UpdatedAt: noon}, false))
		f.ok(f.SaveNoticeSettings(ctx, notify.Settings{ProjectID: "p", Language: "ru", UpdatedAt: noon}, false))
		f.ok(f.SaveNoticeSettings(ctx, settings, false)) // in place of those
		got, err := f.AlertSettings(ctx)
		f.ok(err)
		if d := cmp.Diff([]notify.Settings{settings}, got); d != "" {
			t.Errorf("projects with alerts (-want +got):\n%s", d)
		}

		a := notify.Alert{
			ID: "a1", ProjectID: "p", Kind: notify.AlertAccess, Subject: "account", OpenedAt: noon, ToldAt: noon,
			Detail: notify.AlertDetail{Name: "Meta", Count: 3}, Told: 1,
		}
		save := func(a notify.Alert, notice string, wantNotices int) {
			t.Helper()
			f.ok(f.SaveAlert(ctx, a, []notify.Notice{waiting(notice, notice, 7)}))
			if n := f.count("notices"); n != wantNotices {
				t.Errorf("%d messages after %s, want %d", n, notice, wantNotices)
			}
		}
		open := func(want ...notify.Alert) {
			t.Helper()
			got, err := f.OpenAlerts(ctx, "p")
			f.ok(err)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("alerts (-want +got):\n%s", d)
			}
		}
		save(a, "n1", 1)
		other := a
		other.ID = "a2"
		save(other, "n2", 1) // the same is open
		open(a)
		a.Told, a.ToldAt, a.Detail = 2, noon.Add(time.Hour), notify.AlertDetail{}
		save(a, "n3", 2)
		save(a, "n4", 2) // was told by another process
		open(a)
		later := noon.Add(2 * time.Hour)
		closed := a
		closed.ClosedAt = &later
		save(closed, "n5", 3)
		save(closed, "n6", 3)
		open()
	})
}

// TestChatsEndWithTheirUser: who is removed from a project, or altogether, is
// told no more of it; what the project has of groups stays.
func TestChatsEndWithTheirUser(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		for _, id := range []string{"p", "q"} {
			f.project(id)
		}
		for _, id := range []string{"anna", "boris"} {
			f.ok(f.CreateUser(ctx, user(id), f.oneTime(usecase.InviteLink, id, "p", domain.Editor)))
			f.ok(f.SetRole(ctx, "q", id, domain.Editor, noon))
		}
		link := func(project, by string, chat int64, kind string) {
			t.Helper()
			code := noticeCode(fmt.Append(nil, project, chat), project)
			code.CreatedBy = by + "@example.org"
			f.ok(f.CreateNoticeCode(ctx, code))
			_, err := f.LinkChat(ctx, code.Hash, notify.Chat{ChatID: chat, Kind: kind, LinkedAt: noon})
			f.ok(err)
		}
		link("p", "anna", 7, "private")
		link("p", "anna", -100, "group")
		link("p", "boris", 8, "private")
		link("q", "anna", 7, "private")
		open := noticeCode([]byte("open"), "p")
		open.CreatedBy = "anna@example.org"
		f.ok(f.CreateNoticeCode(ctx, open))
		f.ok(f.AddTest(ctx, "p", []notify.Notice{waiting("n1", "k", 7), waiting("n2", "k", 8)}))
		chats := func(project string) (ids []int64) {
			cs, err := f.NoticeChats(ctx, project)
			f.ok(err)
			for _, c := range cs {
				ids = append(ids, c.ChatID)
			}
			slices.Sort(ids)
			return ids
		}
		f.ok(f.RemoveProjectUser(ctx, "p", "anna"))
		if p, q := chats("p"), chats("q"); !slices.Equal(p, []int64{-100, 8}) || !slices.Equal(q, []int64{7}) {
			t.Errorf("when she was removed from p: %v, %v", p, q)
		}
		_, err := f.LinkChat(ctx, open.Hash, notify.Chat{ChatID: 7, Kind: "private", LinkedAt: noon})
		wantNotFound(t, "a code of hers", err)
		ns, err := f.Notices(ctx, "p", 10)
		f.ok(err)
		for _, n := range ns {
			if (n.State == notify.Failed) != (n.ChatID == 7) {
				t.Errorf("the message to %d is %s", n.ChatID, n.State)
			}
		}
		f.ok(f.DeleteUser(ctx, "anna"))
		f.ok(f.DeleteUser(ctx, "boris"))
		if p, q := chats("p"), chats("q"); !slices.Equal(p, []int64{-100}) || len(q) != 0 {
			t.Errorf("when both were deleted: %v, %v", p, q)
		}
	})
}
