package promised

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/lullwork/lull/internal/page"
	"github.com/lullwork/lull/internal/policy/promise"
)

// Formats are the names of the formats.
func Formats() []string { return []string{"text", "markdown", "json"} }

// Write writes the report in one of the formats.
func (r *Report) Write(w io.Writer, format string) error {
	switch format {
	case "text":
		return r.Text(w)
	case "markdown":
		return r.markdown(w)
	case "json":
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(r)
	}
	return fmt.Errorf("unknown format %q: use %s", format, strings.Join(Formats(), ", "))
}

func (r *Report) markdown(w io.Writer) error {
	p := &printer{page.Page{W: w}}
	p.Line("# What is promised to %s", r.Plan)
	for i := range r.Tasks {
		t := &r.Tasks[i]
		p.Line("")
		p.Line("## %s", t.Name)
		p.Line("")
		p.Cells("", "promise", "runs", "but")
		p.Cells("---", "---", "---", "---")
		for k := range t.Platforms {
			x := &t.Platforms[k]
			when, but := "", x.But
			if x.Class != promise.None {
				when = x.when()
			}
			if x.ended() {
				but = ""
			}
			p.Cells(names[x.Platform], strings.Join(append([]string{x.head()}, x.lesser()...), "; "), when, but)
		}
		p.denied(t)
	}
	if list := r.secrets(); len(list) > 0 {
		p.Line("")
		p.Line("## What the layers hide")
		p.Line("")
		p.Cells("", "on", "from", "when", "what is seen", "source")
		p.Cells("---", "---", "---", "---", "---", "---")
		for i := range list {
			s := &list[i]
			p.Cells(s.Name, strings.Join(s.platforms, ", "), strings.Join(s.tasks, ", "), s.When, s.Seen, s.Source)
		}
	}
	p.ofVendorsInCells(r)
	p.expected(r)
	p.Line("")
	for _, c := range r.classes() {
		p.Line("- %s: %s", c, c.Means())
	}
	if r.Assumed() {
		p.Line("- ~ rests in part on an assumption of ours")
	}
	return p.Err
}

func (p *printer) denied(t *Task) {
	first := true
	for k := range t.Platforms {
		x := &t.Platforms[k]
		for i := range x.Denied {
			if first {
				p.Line("")
				p.Cells("asked", "of", "gets", "why", "source", "instead")
				p.Cells("---", "---", "---", "---", "---", "---")
				first = false
			}
			d := &x.Denied[i]
			p.Cells(d.Asked, names[x.Platform], d.Gets, d.Why, d.Source, d.Instead)
		}
	}
}

func (p *printer) expected(r *Report) {
	first := true
	for t, x := range r.expected() {
		if first {
			p.Line("")
			p.Line("## Expected")
			p.Line("")
			p.Cells("", "task", "platform", "expectation", "why")
			p.Cells("---", "---", "---", "---", "---")
			first = false
		}
		p.Cells(string(x.Expect.State), t.Name, names[x.Platform], x.Expect.Expect, x.Expect.because())
	}
}
