package usecase

import (
	"context"
	"errors"
	"fmt"

	"github.com/tgtrack/tgtrack/domain"
)

// takenWords are the names and addresses that links have: two of one name can
// not be told apart in a file of costs, nor in reports by source.
type takenWords struct {
	names map[string]domain.Link // of the project
	slugs map[string]string      // to the link's id; of whatever project
}

// readTaken reads those that some links might meet.
func readTaken(ctx context.Context, tx LinkTx, ls []domain.Link) (takenWords, error) {
	t := takenWords{names: map[string]domain.Link{}}
	all, err := tx.Links(ctx)
	if err != nil {
		return t, err
	}
	for _, l := range all {
		t.names[l.Name] = l
	}
	var slugs []string
	for _, l := range ls {
		if l.Slug != "" {
			slugs = append(slugs, l.Slug)
		}
	}
	t.slugs, err = tx.LinksAt(ctx, slugs)
	return t, err
}

// take notes name and address of a link that is made, and refuses those that are
// taken.
func (t *takenWords) take(l *domain.Link) error {
	var f faults
	f.add(t.name(l))
	f.add(t.slug(l))
	if _, there := t.names[l.Name]; !there {
		t.names[l.Name] = *l
	}
	if _, there := t.slugs[l.Slug]; !there {
		t.slugs[l.Slug] = l.ID
	}
	return f.err()
}

// change refuses what a link changes to where it is taken. A name that was there
// twice before names had to differ may stay.
func (t *takenWords) change(was, now *domain.Link) error {
	var f faults
	if now.Name != was.Name {
		f.add(t.name(now))
	}
	f.add(t.slug(now))
	return f.err()
}

func (t *takenWords) name(l *domain.Link) error {
	has, taken := t.names[l.Name]
	switch {
	case !taken || l.Name == "":
		return nil
	case has.Archived():
		return domain.Invalid("name", "is the name of an archived link; choose another, such as %q, or bring that one back",
			t.free(l.Name))
	}
	return domain.Invalid("name", "is the name of another link, and costs and reports go by names; choose another, such as %q",
		t.free(l.Name))
}

func (t *takenWords) slug(l *domain.Link) error {
	if id, taken := t.slugs[l.Slug]; taken && id != l.ID && l.Slug != "" {
		return domain.Invalid("slug", "%q leads, or has led, to another link; choose another", l.Slug)
	}
	return nil
}

// free is a name like another that no link has.
func (t *takenWords) free(name string) string {
	for n := 2; ; n++ {
		end := fmt.Sprintf(" (%d)", n)
		begin := []rune(name)
		free := string(begin[:min(len(begin), maxLinkName-len(end))]) + end
		if _, taken := t.names[free]; !taken {
			return free
		}
	}
}

// within names the fields that an error blames as those of a part of the input.
func within(part string, err error) error {
	if part == "" || err == nil {
		return err
	}
	var f faults
	eachFault(err, func(e *domain.FieldError) {
		inside := *e
		inside.Field = part + e.Field
		f.add(&inside)
	})
	return f.err()
}

// eachFault goes over what an error blames.
func eachFault(err error, do func(*domain.FieldError)) {
	var fe *domain.FieldError
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			eachFault(e, do)
		}
	} else if errors.As(err, &fe) {
		do(fe)
	}
}

// fieldsOf leaves of an error what it blames, without what was being done; an
// error that blames nothing stays as it is.
func fieldsOf(err error) error {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		_, joined := inner.(interface{ Unwrap() []error })
		_, alone := inner.(*domain.FieldError)
		if alone || joined && errors.As(inner, new(*domain.FieldError)) {
			return inner
		}
	}
	return err
}
