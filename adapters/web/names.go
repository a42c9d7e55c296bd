package web

import (
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

// networkForm describes one network; without fields where this build can not
// send to it.
func (v *visit) networkForm(network string) usecase.NetworkForm {
	for _, f := range v.Networks.Forms(v.lang) {
		if f.Network == network {
			return f
		}
	}
	return usecase.NetworkForm{Network: network, Title: network}
}

// constructors are those that a project can have, with their names in the
// language of the page.
func (v *visit) constructors() []platforms.Descriptor {
	ds := v.Platforms.All()
	for i := range ds {
		ds[i].Title = ds[i].TitleIn(v.lang)
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

// Messengers lists them for forms.
func (p page) Messengers() []string { return domain.Messengers() }

// MessengerName is what people call a messenger.
func (p page) MessengerName(name string) string {
	if key := "messenger." + name; p.T(key) != key {
		return p.T(key)
	}
	return name
}

// PlaceName is what people call a place: channels and groups by their ids.
func (p page) PlaceName(at domain.Place) string {
	switch at {
	case domain.BotChat:
		return p.T("place.bot")
	case domain.UnnamedPlace:
		return p.T("place.unnamed")
	}
	return at.ChatID().String()
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
