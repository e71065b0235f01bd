package check

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/lullwork/lull/internal/check/finding"
)

// BaselineFile is the file of a baseline in the checked folder, unless another is named.
const BaselineFile = "lull-baseline.json"

// baselineVersion is the version of the file's format.
const baselineVersion = 1

// Baseline is a set of findings that are known and not reported. It has no line numbers,
// so that lines may move.
type Baseline struct {
	counts map[finding.Key]int
}

type baselineText struct {
	Version  int             `json:"version"`
	Findings []baselineEntry `json:"findings"`
}

type baselineEntry struct {
	finding.Key
	Count int `json:"count"`
}

// NewBaseline makes a baseline of findings.
func NewBaseline(list []*finding.Finding) *Baseline {
	b := &Baseline{counts: map[finding.Key]int{}}
	for _, f := range list {
		b.counts[f.Key()]++
	}
	return b
}

// ReadBaseline reads what Encode wrote.
func ReadBaseline(text []byte) (*Baseline, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var in baselineText
	if err := d.Decode(&in); err != nil {
		return nil, place(text, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows its end")
	}
	if in.Version != baselineVersion {
		return nil, fmt.Errorf("it has version %d, and this lull reads version %d", in.Version, baselineVersion)
	}
	b := &Baseline{counts: map[finding.Key]int{}}
	for i, e := range in.Findings {
		if e.Rule == "" || e.File == "" || e.Count < 1 || e.Count > 1<<30 {
			return nil, fmt.Errorf("finding %d needs a rule, a file, and a count from 1", i+1)
		}
		b.counts[e.Key] = min(b.counts[e.Key]+e.Count, 1<<30)
	}
	return b, nil
}

// place says on which line of a JSON text an error is.
func place(text []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	at := int64(len(text))
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		at, err = kind.Offset, fmt.Errorf("%s is not what belongs here", kind.Value)
		if kind.Field != "" {
			err = fmt.Errorf("%s is not what belongs in %q", kind.Value, kind.Field)
		}
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		err = errors.New("it ends too soon")
	default:
		return err
	}
	line := 1 + bytes.Count(text[:min(at, int64(len(text)))], []byte{'\n'})
	return fmt.Errorf("line %d: %w", line, err)
}

// Encode writes the baseline: sorted, so that changes of it can be read.
func (b *Baseline) Encode() []byte {
	out := baselineText{Version: baselineVersion, Findings: []baselineEntry{}}
	for k, n := range b.counts {
		out.Findings = append(out.Findings, baselineEntry{k, n})
	}
	slices.SortFunc(out.Findings, func(x, y baselineEntry) int {
		return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Subject, y.Subject))
	})
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	_ = e.Encode(out) // strings and numbers
	return text.Bytes()
}

// Len is how many findings the baseline has.
func (b *Baseline) Len() int {
	n := 0
	for _, c := range b.counts {
		n += c
	}
	return n
}

// divide takes the findings that the baseline has: it has each as often as it says.
func (b *Baseline) divide(list []*finding.Finding) (fresh, known []*finding.Finding) {
	left := map[finding.Key]int{}
	for k, n := range b.counts {
		left[k] = n
	}
	for _, f := range list {
		if k := f.Key(); left[k] > 0 {
			left[k]--
			f.Known = true
			known = append(known, f)
			continue
		}
		fresh = append(fresh, f)
	}
	return fresh, known
}

// With returns a baseline that has the given findings, and of b what is of rules that did not
// look.
func (b *Baseline) With(list []*finding.Finding, looked func(rule string) bool) *Baseline {
	out := NewBaseline(list)
	for k, n := range b.counts {
		if !looked(k.Rule) {
			out.counts[k] += n
		}
	}
	return out
}

// gone counts what the baseline has and nothing finds any more.
func (b *Baseline) gone(known []*finding.Finding, looked func(rule string) bool) int {
	n := -len(known)
	for k, c := range b.counts {
		if looked(k.Rule) {
			n += c
		}
	}
	return n
}
