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

// maxFile bounds a file that is read.
const maxFile = 900 << 10

func (v *visit) importCosts() error {
	text := v.secret("text")
	if text == "" {
		var err error
		if text, err = v.fileText("file"); err != nil {
			return err
		}
	}
	if text == "" {
		return domain.Invalid("file", "is required")
	}
	sure := v.form("sure") != ""
	p := importPage{Text: text, Done: sure}
	var err error
	p.Imported, err = v.Costs.Import(v.ctx, v.project, []byte(text), !sure)
	if p.Faults = v.faultsOf(err); err != nil && p.Faults == nil {
		return err
	}
	return v.sendSources(sourcesPage{Import: &p})
}

// fileText reads the file that was chosen in a field, "" where none was.
func (v *visit) fileText(field string) (string, error) {
	h, err := v.c.FormFile(field)
	if err != nil || h.Size == 0 {
		return "", nil
	}
	f, err := h.Open()
	if err != nil {
		return "", fmt.Errorf("open the file: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return "", fmt.Errorf("read the file: %w", err)
	}
	if len(b) > maxFile {
		return "", domain.Invalid(field, "is larger than %d KiB; import it in parts", maxFile>>10)
	}
	return string(b), nil
}
