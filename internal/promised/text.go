package promised

import (
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/page"
	"github.com/lullwork/lull/internal/policy/promise"
)

// names of the platforms, as they are written.
var names = map[string]string{promise.Host: "host", promise.Android: "Android", promise.IOS: "iOS", "linux": "Linux", "macos": "macOS"}

// Text writes the report for a terminal: a block for each task.
func (r *Report) Text(w io.Writer) error {
	p := &printer{page.Page{W: w}}
	for i := range r.Tasks {
		t := &r.Tasks[i]
		if i > 0 {
			p.Line("")
		}
		p.Line("%s", t.Name)
		for k := range t.Platforms {
			p.promise(&t.Platforms[k])
		}
	}
	p.hidden(r)
	p.ofVendors(r)
	p.verdicts(r)
	p.Line("")
	for _, c := range r.classes() {
		p.Hang(string(c)+": ", c.Means())
	}
	if r.Assumed() {
		p.Hang("~ ", "rests in part on an assumption of ours")
	}
	p.Hang("", "A promise says what the rules allow, not what happens on people's phones: lull sim does.")
	return p.Err
}

type printer struct{ page.Page }

func (p *printer) promise(x *Promise) {
	p.Hang(fmt.Sprintf("  %-9s", names[x.Platform]), x.head())
	const in = "           "
	if x.Class != promise.None {
		p.Hang(in+"runs      ", x.when())
	}
	if x.But != "" && !x.ended() {
		p.Hang(in+"but       ", x.But)
	}
	for i := range x.Denied {
		d := &x.Denied[i]
		p.Hang(in+"will not  ", d.Asked)
		p.Hang(in+"  gets    ", d.Gets)
		p.Hang(in+"  why     ", d.Why+" ["+d.Source+"]")
		if d.Instead != "" {
			p.Hang(in+"  instead ", d.Instead)
		}
	}
	if len(x.Vendors) > 0 {
		p.Hang(in+"vendors   ", x.onVendors())
	}
	if len(x.Hidden) > 0 {
		p.Hang(in+"hides     ", x.hides())
	}
}

// ended reports whether what was denied leaves nothing of the promise.
func (x *Promise) ended() bool {
	return slices.ContainsFunc(x.Denied, func(d promise.Denial) bool { return d.Ends })
}

// head is what a promise comes to.
func (x *Promise) head() string {
	s := string(x.Class)
	if x.As != "" {
		s += ", as " + x.As
	}
	if x.Via != "" {
		s += ", via " + x.Via
	}
	return s
}

// when is when and for how long a task runs.
func (x *Promise) when() string {
	s := x.Period
	if x.Shortest > 0 && x.Platform != promise.Host {
		s += "; shortest real period " + x.mark() + words(x.Shortest)
	}
	if x.Longest > 0 {
		s += "; longest run " + words(x.Longest)
	} else {
		s += "; no limit to a run"
	}
	return s
}

func (x *Promise) mark() string {
	if x.Assumed {
		return "~"
	}
	return ""
}

func (x *Promise) hides() string {
	var list []string
	for _, h := range x.Hidden {
		list = append(list, h.Name)
	}
	return strings.Join(list, ", ")
}

// secret is something hidden, with those from whom it is.
type secret struct {
	Hidden
	platforms, tasks []string
}

// secrets lists what is hidden, each thing once.
func (r *Report) secrets() []secret {
	var out []secret
	for i := range r.Tasks {
		for k := range r.Tasks[i].Platforms {
			x := &r.Tasks[i].Platforms[k]
			for _, h := range x.Hidden {
				n := slices.IndexFunc(out, func(s secret) bool { return s.Name == h.Name })
				if n < 0 {
					n, out = len(out), append(out, secret{Hidden: h})
				}
				s := &out[n]
				if name := names[x.Platform]; !slices.Contains(s.platforms, name) {
					s.platforms = append(s.platforms, name)
				}
				if !slices.Contains(s.tasks, r.Tasks[i].Name) {
					s.tasks = append(s.tasks, r.Tasks[i].Name)
				}
			}
		}
	}
	return out
}

func (p *printer) hidden(r *Report) {
	list := r.secrets()
	if len(list) == 0 {
		return
	}
	p.Line("")
	p.Line("what the layers hide")
	for i := range list {
		s := &list[i]
		p.Hang("  ", fmt.Sprintf("%s (%s: %s)", s.Name, strings.Join(s.platforms, ", "), strings.Join(s.tasks, ", ")))
		p.Hang("    ", s.When+": "+s.Seen+" ["+s.Source+"]")
	}
}

func (p *printer) verdicts(r *Report) {
	first := true
	for t, x := range r.expected() {
		if first {
			p.Line("")
			p.Line("expected")
			first = false
		}
		v := x.Expect
		text := fmt.Sprintf("%s on %s: %s (line %d)", t.Name, names[x.Platform], v.Expect, v.Line)
		p.Hang(fmt.Sprintf("  %-11s", v.State), text+": "+v.because())
	}
}

// expected gives the promises of which something is expected.
func (r *Report) expected() iter.Seq2[*Task, *Promise] {
	return func(yield func(*Task, *Promise) bool) {
		for i := range r.Tasks {
			t := &r.Tasks[i]
			for k := range t.Platforms {
				if x := &t.Platforms[k]; x.Expect != nil && !yield(t, x) {
					return
				}
			}
		}
	}
}

func (v *Verdict) because() string {
	if v.State == Undecided {
		return "nothing excludes it; lull sim decides"
	}
	return v.Why
}

// classes that the report has.
func (r *Report) classes() []promise.Class {
	return slices.DeleteFunc(promise.Classes(), func(c promise.Class) bool {
		return !r.any(func(x *Promise) bool { return x.Class == c })
	})
}

// Assumed reports whether something rests on an assumption of ours.
func (r *Report) Assumed() bool {
	return r.any(func(x *Promise) bool {
		return x.Assumed || slices.ContainsFunc(x.Vendors, func(v promise.Vendor) bool {
			return slices.ContainsFunc(v.By, func(y promise.By) bool { return y.Assumed })
		})
	})
}

func (r *Report) any(is func(*Promise) bool) bool {
	for i := range r.Tasks {
		for k := range r.Tasks[i].Platforms {
			if is(&r.Tasks[i].Platforms[k]) {
				return true
			}
		}
	}
	return false
}
