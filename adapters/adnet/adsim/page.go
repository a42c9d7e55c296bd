package adsim

import (
	"bytes"
	"html/template"
	"net/http"
)

// pageText is the overview of what came. It is parsed at each view: it is
// small, and a parsed copy would be state of the package.
const pageText = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="3">
<title>Simulated ad networks</title><style>
body{font:15px/1.5 system-ui,sans-serif;margin:2rem;max-width:70rem}
table{border-collapse:collapse;width:100%;margin-bottom:2rem}
td,th{text-align:left;padding:.2rem .6rem;border-bottom:1px solid #ddd;overflow-wrap:anywhere}
small{color:#666}</style></head><body>
<h1>Simulated ad networks</h1><p>What came, newest first, at most 50 of each. Nothing here reaches a real network.</p>
{{range .}}<h2>{{.Name}} <small>{{.Count}} conversions, {{.Calls}} calls</small></h2>
{{if .Items}}<table>
<tr><th>at</th><th>account</th><th>target</th><th>value</th><th>id</th><th>outcome</th><th>copies</th></tr>
{{range .Items}}<tr><td>{{.At.Format "15:04:05"}}</td><td>{{.Account}}</td><td>{{.Target}}</td>
<td>{{.Value}} {{.Currency}}</td><td>{{.ID}}</td><td>{{.Outcome}}</td><td>{{.Copies}}</td></tr>
{{end}}</table>{{end}}{{end}}</body></html>`

type pageNet struct {
	Name         string
	Count, Calls int
	Items        []Item
}

func (s *Sim) page(w http.ResponseWriter) {
	var nets []pageNet
	for _, n := range s.Networks() {
		items := s.Received(n)
		p := pageNet{Name: n, Count: len(items), Calls: len(s.Calls(n))}
		for i := len(items) - 1; i >= 0 && len(p.Items) < 50; i-- {
			p.Items = append(p.Items, items[i])
		}
		nets = append(nets, p)
	}
	var b bytes.Buffer
	if err := template.Must(template.New("page").Parse(pageText)).Execute(&b, nets); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}
