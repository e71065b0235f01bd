package promised

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lullwork/lull/internal/policy/promise"
)

// width is how many columns text takes.
const width = 100

// names of the platforms, as they are written.
var names = map[string]string{promise.Host: "host", promise.Android: "Android", promise.IOS: "iOS", "linux": "Linux", "macos": "macOS"}

// Text writes the report for a terminal: a block for each task.
func (r *Report) Text(w io.Writer) error {
	p := &printer{w: w}
	for i := range r.Tasks {
		t := &r.Tasks[i]
		if i > 0 {
			p.line("")
		}
		p.line("%s", t.Name)
		for k := range t.Platforms {
			p.promise(&t.Platforms[k])
		}
	}
	p.hidden(r)
	p.verdicts(r)
	p.line("")
	for _, c := range r.classes() {
		p.hang(string(c)+": ", c.Means())
	}
	if r.Assumed() {
		p.hang("~ ", "rests in part on an assumption of ours")
	}
	p.hang("", "A promise says what the rules allow, not what happens on people's phones: lull sim does.")
	return p.err
}

type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// hang writes words after a head, in lines that are indented as far as the head is long.
func (p *printer) hang(head, text string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(head))
	for i, l := range wrap(text, width-len(indent)) {
		if i > 0 {
			head = indent
		}
		p.line("%s%s", head, strings.TrimRight(l, " "))
	}
}

// wrap cuts a text into lines of at most so many columns. A word that is longer, as an
// address, is cut after a slash.
func wrap(text string, most int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		for i, part := range cut(word, most) {
			last := &lines[len(lines)-1]
			switch n := utf8.RuneCountInString(*last); {
			case n == 0:
				*last = part
			case i == 0 && n+1+utf8.RuneCountInString(part) <= most:
				*last += " " + part
			default:
				lines = append(lines, part)
			}
		}
	}
	return lines
}

// cut divides a word into parts of at most so many columns, after slashes if it has any.
func cut(word string, most int) []string {
	var out []string
	for utf8.RuneCountInString(word) > most {
		head := string([]rune(word)[:most])
		if i := strings.LastIndexByte(head, '/'); i > 0 {
			head = head[:i+1]
		}
		out, word = append(out, head), word[len(head):]
	}
	return append(out, word)
}

func (p *printer) promise(x *Promise) {
	p.hang(fmt.Sprintf("  %-9s", names[x.Platform]), x.head())
	const in = "           "
	if x.Class != promise.None {
		p.hang(in+"runs      ", x.when())
	}
	if x.But != "" && !x.ended() {
		p.hang(in+"but       ", x.But)
	}
	for i := range x.Denied {
		d := &x.Denied[i]
		p.hang(in+"will not  ", d.Asked)
		p.hang(in+"  gets    ", d.Gets)
		p.hang(in+"  why     ", d.Why+" ["+d.Source+"]")
		if d.Instead != "" {
			p.hang(in+"  instead ", d.Instead)
		}
	}
	if len(x.Hidden) > 0 {
		p.hang(in+"hides     ", x.hides())
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
	p.line("")
	p.line("what the layers hide")
	for i := range list {
		s := &list[i]
		p.hang("  ", fmt.Sprintf("%s (%s: %s)", s.Name, strings.Join(s.platforms, ", "), strings.Join(s.tasks, ", ")))
		p.hang("    ", s.When+": "+s.Seen+" ["+s.Source+"]")
	}
}

func (p *printer) verdicts(r *Report) {
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
				p.line("expected")
				first = false
			}
			text := fmt.Sprintf("%s on %s: %s (line %d)", r.Tasks[i].Name, names[x.Platform], v.Expect, v.Line)
			p.hang(fmt.Sprintf("  %-11s", v.State), text+": "+v.because())
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
func (r *Report) Assumed() bool { return r.any(func(x *Promise) bool { return x.Assumed }) }

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
