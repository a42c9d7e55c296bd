package store_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// TestFinder: projects and links are found by parts of their names however they
// are written, nobody else's among them, and no more than are asked for.
func TestFinder(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		for id, name := range map[string]string{"a1": "Цветы 24", "a2": "Кофейня 100%", "a3": "Coffee_Bar"} {
			p := project(id)
			p.Name, p.Username = name, id+"_bot"
			f.ok(f.CreateProject(ctx, p, nil))
		}
		f.ok(f.CreateUser(ctx, user("anna"), f.oneTime(usecase.InviteLink, "1", "a2", domain.Viewer)))
		if got, err := f.FindProjects(ctx, "anna", "a", 10); err != nil || idsOf(got) != "a2" {
			t.Errorf("Anna finds %s, %v", idsOf(got), err)
		}
		for words, want := range map[string]string{
			"цветы": "a1", "ЦВЕТЫ 24": "a1", "кофе": "a2", "100%": "a2", "_bar": "a3", "coffee": "a3", "a1_bot": "a1",
			"цветы 25": "", "%": "a2", "!": "", "' OR 1=1": "",
		} {
			got, err := f.FindProjects(ctx, "", words, 10)
			f.ok(err)
			if diff := cmp.Diff(want, idsOf(got)); diff != "" {
				t.Errorf("projects by %q:\n%s", words, diff)
			}
		}
		if got, err := f.FindProjects(ctx, "", "a", 2); err != nil || len(got) != 2 {
			t.Errorf("two of three: %d, %v", len(got), err)
		}
		for id, l := range map[string]domain.Link{
			"l1": {Name: "Весна", Slug: "spring-sale", UTM: domain.UTM{Source: "vk", Campaign: "may"}}, "l2": {Name: "ОСЕНЬ"},
			"l3": {Name: "весна у других", ProjectID: "a2"},
		} {
			l.ID, l.StartValue, l.CreatedAt = id, "start-"+id, noon
			if l.ProjectID == "" {
				l.ProjectID = "a1"
			}
			f.ok(f.CreateLink(ctx, l))
		}
		for words, want := range map[string]string{
			"весна": "l1", "ВЕСНА vk": "l1", "осень": "l2", "may": "l1", "l2": "l2", "зима": "",
			"spring-s": "l1", "campaign": "", "source": "",
		} {
			got, err := f.FindLinks(ctx, "a1", words, 10)
			f.ok(err)
			var ids []string
			for _, l := range got {
				ids = append(ids, l.ID)
			}
			if diff := cmp.Diff(want, strings.Join(ids, " ")); diff != "" {
				t.Errorf("links by %q:\n%s", words, diff)
			}
		}
	})
}

func idsOf(ps []domain.Project) string {
	var ids []string
	for _, p := range ps {
		ids = append(ids, p.ID)
	}
	return strings.Join(ids, " ")
}
