package adnet

import (
	"cmp"

	"github.com/tgtrack/tgtrack/usecase"
)

// Forms describes the networks that this build can send to, for forms of ad
// accounts.
func (d *Desk) Forms() []usecase.NetworkForm {
	var out []usecase.NetworkForm
	for _, s := range d.registry.All() {
		f := usecase.NetworkForm{
			Network: s.Name, Title: s.Title, TitleRU: cmp.Or(s.TitleRU, s.Title), ClickIDs: s.ClickIDs,
			DefaultActivation: s.DefaultActivation, Docs: s.Docs,
		}
		for _, field := range s.Fields {
			kind := field.Kind
			if kind == "" {
				kind = Text
			}
			f.Fields = append(f.Fields, usecase.NetworkField{
				Name: field.Name, Required: field.Required, Secret: field.Secret, Kind: string(kind), Values: field.Values,
				Label: cmp.Or(field.Label, field.Name), Help: field.Help,
				LabelRU: cmp.Or(field.LabelRU, field.Label, field.Name), HelpRU: cmp.Or(field.HelpRU, field.Help),
			})
		}
		out = append(out, f)
	}
	return out
}
