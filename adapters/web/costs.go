package web

import (
	"fmt"
	"io"
	"net/http"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// setCosts says what a link cost on some days together.
func (v *visit) setCosts() error {
	p, err := v.readLink()
	if err != nil {
		return err
	}
	p.From, p.To, p.Amount = v.form("from"), v.form("to"), v.form("amount")
	err = v.Costs.Set(v.ctx, v.project, p.ID, usecase.CostInput{From: p.From, To: p.To, Amount: p.Amount})
	if p.Faults = v.faultsOf(err); p.Faults != nil {
		return v.render(http.StatusUnprocessableEntity, "link", p, p.Name)
	}
	if err != nil {
		return err
	}
	return v.redirect(v.url("sources", p.ID))
}

// importPage is a file of costs: first what it comes to, then, when asked,
// taken.
type importPage struct {
	usecase.Imported
	Text   string // of the file, to be sent again
	Done   bool
	Faults faults
}

// maxCostFile bounds a file of costs.
const maxCostFile = 900 << 10

func (v *visit) importCosts() error {
	text, err := v.costFile()
	if err != nil {
		return err
	}
	sure := v.form("sure") != ""
	p := importPage{Text: text, Done: sure}
	p.Imported, err = v.Costs.Import(v.ctx, v.project, []byte(text), !sure)
	if p.Faults = v.faultsOf(err); err != nil && p.Faults == nil {
		return err
	}
	return v.sendSources(sourcesPage{Import: &p})
}

// costFile reads the file that was chosen, or the text of the one that was
// looked at before.
func (v *visit) costFile() (string, error) {
	if text := v.secret("text"); text != "" {
		return text, nil
	}
	h, err := v.c.FormFile("file")
	if err != nil {
		return "", domain.Invalid("file", "is required")
	}
	f, err := h.Open()
	if err != nil {
		return "", fmt.Errorf("open the file of costs: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxCostFile+1))
	if err != nil {
		return "", fmt.Errorf("read the file of costs: %w", err)
	}
	if len(b) > maxCostFile {
		return "", domain.Invalid("file", "is larger than %d KiB; import it in parts", maxCostFile>>10)
	}
	return string(b), nil
}
