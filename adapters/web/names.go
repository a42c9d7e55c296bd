package web

import (
	"slices"

	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

// networkForms describes the networks in the language of the page.
func (v *visit) networkForms() []usecase.NetworkForm {
	forms := v.Networks.Forms()
	for i := range forms {
		forms[i] = v.inLanguage(forms[i])
	}
	return forms
}

// networkForm describes one network; without fields where this build can not
// send to it.
func (v *visit) networkForm(network string) usecase.NetworkForm {
	for _, f := range v.Networks.Forms() {
		if f.Network == network {
			return v.inLanguage(f)
		}
	}
	return usecase.NetworkForm{Network: network, Title: network}
}

// inLanguage puts the texts of the page's language in the place of the
// English ones.
func (v *visit) inLanguage(f usecase.NetworkForm) usecase.NetworkForm {
	if v.lang != "ru" {
		return f
	}
	f.Title, f.Fields = f.TitleRU, slices.Clone(f.Fields)
	for i := range f.Fields {
		f.Fields[i].Label, f.Fields[i].Help = f.Fields[i].LabelRU, f.Fields[i].HelpRU
	}
	return f
}

// constructors are those that a project can have, with their names in the
// language of the page.
func (v *visit) constructors() []platforms.Descriptor {
	ds := v.Platforms.All()
	for i := range ds {
		if v.lang == "ru" && ds[i].TitleRU != "" {
			ds[i].Title = ds[i].TitleRU
		}
	}
	return ds
}

// Constructors are those that a project can have.
func (p page) Constructors() []platforms.Descriptor { return p.v.constructors() }

// HasConstructor tells whether this build can read a constructor's requests.
func (p page) HasConstructor(name string) bool { return p.v.Platforms.Has(name) }

// ConstructorName is what people call a constructor.
func (p page) ConstructorName(name string) string {
	for _, d := range p.v.constructors() {
		if d.Name == name {
			return d.Title
		}
	}
	return name
}

// NetworkName is what people call an ad network; "–" for none.
func (p page) NetworkName(network string) string {
	if network == "" {
		return "–"
	}
	return p.v.networkForm(network).Title
}

// FieldLabel is what the setting of an account is called.
func (p page) FieldLabel(f usecase.NetworkForm, name string) string {
	for _, field := range f.Fields {
		if field.Name == name {
			return field.Label
		}
	}
	return name
}
