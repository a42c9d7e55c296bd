package adnet

import (
	"cmp"

	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
)

// Forms describes the networks that this build can send to, for forms of ad
// accounts, in a language.
func (d *Desk) Forms(l i18n.Language) []usecase.NetworkForm {
	var out []usecase.NetworkForm
	for _, s := range d.registry.All() {
		f := usecase.NetworkForm{
			Network: s.Name, Title: i18n.Text{EN: s.Title, RU: s.TitleRU}.In(l), ClickIDs: s.ClickIDs,
			DefaultActivation: s.DefaultActivation, Docs: s.Docs,
		}
		for _, field := range s.Fields {
			kind := field.Kind
			if kind == "" {
				kind = Text
			}
			f.Fields = append(f.Fields, usecase.NetworkField{
				Name: field.Name, Required: field.Required, Secret: field.Secret, Kind: string(kind), Values: field.Values,
				Label: cmp.Or(i18n.Text{EN: field.Label, RU: field.LabelRU}.In(l), field.Name),
				Help:  i18n.Text{EN: field.Help, RU: field.HelpRU}.In(l),
			})
		}
		out = append(out, f)
	}
	return out
}
