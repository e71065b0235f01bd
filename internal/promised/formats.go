package promised

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

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
	p := &printer{w: w}
	p.line("# What is promised to %s", r.Plan)
	for i := range r.Tasks {
		t := &r.Tasks[i]
		p.line("")
		p.line("## %s", t.Name)
		p.line("")
		p.cells("", "promise", "runs", "but")
		p.cells("---", "---", "---", "---")
		for k := range t.Platforms {
			x := &t.Platforms[k]
			when, but := "", x.But
			if x.Class != promise.None {
				when = x.when()
			}
			if x.ended() {
				but = ""
			}
			p.cells(names[x.Platform], x.head(), when, but)
		}
		p.denied(t)
	}
	if list := r.secrets(); len(list) > 0 {
		p.line("")
		p.line("## What the layers hide")
		p.line("")
		p.cells("", "on", "from", "when", "what is seen", "source")
		p.cells("---", "---", "---", "---", "---", "---")
		for i := range list {
			s := &list[i]
			p.cells(s.Name, strings.Join(s.platforms, ", "), strings.Join(s.tasks, ", "), s.When, s.Seen, s.Source)
		}
	}
	p.expected(r)
	p.line("")
	for _, c := range r.classes() {
		p.line("- %s: %s", c, c.Means())
	}
	if r.Assumed() {
		p.line("- ~ rests in part on an assumption of ours")
	}
	return p.err
}

func (p *printer) denied(t *Task) {
	first := true
	for k := range t.Platforms {
		x := &t.Platforms[k]
		for i := range x.Denied {
			if first {
				p.line("")
				p.cells("asked", "of", "gets", "why", "source", "instead")
				p.cells("---", "---", "---", "---", "---", "---")
				first = false
			}
			d := &x.Denied[i]
			p.cells(d.Asked, names[x.Platform], d.Gets, d.Why, d.Source, d.Instead)
		}
	}
}

func (p *printer) expected(r *Report) {
	first := true
	for i := range r.Tasks {
		for k := range r.Tasks[i].Platforms {
			x := &r.Tasks[i].Platforms[k]
			v := x.Expect
			if v == nil {
				continue
			}
			if first {
				p.line("")
				p.line("## Expected")
				p.line("")
				p.cells("", "task", "platform", "expectation", "why")
				p.cells("---", "---", "---", "---", "---")
				first = false
			}
			p.cells(string(v.State), r.Tasks[i].Name, names[x.Platform], v.Expect, v.because())
		}
	}
}

func (p *printer) cells(cells ...string) {
	for i := range cells {
		cells[i] = strings.NewReplacer("|", `\|`, "\n", " ").Replace(cells[i])
	}
	p.line("| %s |", strings.Join(cells, " | "))
}
