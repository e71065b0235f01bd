package extract

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/plan"
)

// site is a call of a program, to be asked for its arguments.
type site struct {
	p *code.Program
	code.Call
}

func (s site) place(n *island.Node) finding.Place {
	if n == nil {
		n = s.Node
	}
	return s.Unit.Place(n.Span)
}

func (s site) value(n *island.Node) code.Value { return s.p.Value(s.In, s.Unit, n) }

func (s site) source(n *island.Node) string {
	const longest = 60
	text := strings.Join(strings.Fields(s.Unit.Text(n.Span)), " ")
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "..."
	}
	return text
}

// text is the only text that an argument can be.
func (s site) text(n *island.Node) (string, bool) {
	if n == nil {
		return "", false
	}
	v, ok := s.value(n).String()
	return v, ok && v != ""
}

// enum is the name of the enum value that an argument is, "" where it is not known.
func (s site) enum(n *island.Node) string {
	if n == nil {
		return ""
	}
	for _, c := range s.value(n).Cases {
		if c.Kind == code.EnumName && !c.Debug {
			return c.Text
		}
	}
	if n.Kind == island.Member || n.Kind == island.Ident {
		return n.Name // of a package that is not here
	}
	return ""
}

func (s site) yes(n *island.Node) bool {
	if n == nil {
		return false
	}
	for _, c := range s.value(n).Cases {
		if c.Kind == code.Bool && !c.Debug {
			return c.Int == 1
		}
	}
	return false
}

// number is the only whole number that an argument can be in a release build.
func (s site) number(n *island.Node) (int64, bool) {
	if n == nil {
		return 0, false
	}
	v := s.value(n)
	var out []int64
	for _, c := range v.Cases {
		if (c.Kind == code.Int || c.Kind == code.Duration) && !c.Debug && !slices.Contains(out, c.Int) {
			out = append(out, c.Int)
		}
	}
	if len(out) != 1 || !v.Exact && len(v.Cases) != 1 {
		return 0, false
	}
	return out[0], true
}

// duration is a setting out of a duration. unit is what a plain number counts, in
// microseconds. missing is what holds where there is no such argument, and fallback what
// is written where its value is not known: both may be "".
func (s site) duration(key string, n *island.Node, unit int64, missing, fallback string) Setting {
	if n == nil {
		return spanned(key, missing)
	}
	const longest = 3650 * 24 * 60 * minute // of a plan
	shortest := int64(millisecond)
	if key == "every" {
		shortest = second
	}
	v, ok := s.number(n)
	if ok && v > 0 && v < shortest/unit {
		return Setting{
			Key: key, Value: span(shortest), us: shortest, At: s.place(n),
			Open: fmt.Sprintf("%s is shorter than a plan can say; %s stands here for it", s.source(n), span(shortest)),
		}
	}
	if ok && v > 0 && v <= longest/unit && v*unit >= shortest {
		return Setting{Key: key, Value: span(v * unit), us: v * unit}
	}
	if least := s.value(n).Min; least != nil && *least > 0 && *least <= longest/unit && *least*unit >= shortest {
		fallback = span(*least * unit)
	}
	open := Setting{Key: key, Value: fallback, us: spanned(key, fallback).us, Open: s.source(n) + " is no constant span of time", At: s.place(n)}
	if fallback != "" {
		open.Open += fmt.Sprintf("; %s stands here for it", fallback)
	}
	return open
}

// spanned is a setting out of a span of time as plans write it; "" is none.
func spanned(key, text string) Setting {
	d, _ := plan.ParseDuration(text)
	return Setting{Key: key, Value: text, us: d.Microseconds()}
}

// name is what a task is called by an argument: its text, or where it stands.
func (s site) name(n *island.Node, kind string) (name string, open Setting) {
	if v, ok := s.text(n); ok {
		return v, Setting{}
	}
	if n == nil {
		n = s.Node
	}
	for _, c := range s.value(n).Cases {
		if (c.Kind == code.String || c.Kind == code.EnumName) && c.Text != "" && !strings.Contains(c.Text, code.Hole) {
			return c.Text, Setting{Key: "name", Open: "one of several that " + s.source(n) + " can be", At: s.place(n)}
		}
	}
	line, _ := s.Unit.Position(n.Start)
	base := s.Unit.Path[strings.LastIndexByte(s.Unit.Path, '/')+1:]
	base, _, _ = strings.Cut(base, ".")
	return fmt.Sprintf("%s-%s-%d", kind, base, line), Setting{Key: "name", Open: s.source(n) + " is not a constant", At: s.place(n)}
}

// identifier is the one of a task on iOS. A plan has none that is blank, is longer than names
// are or has control characters: it is left open.
func identifier(text string, at finding.Place) Setting {
	if !plan.IsLabel(text) {
		return Setting{Key: "id", Open: "a plan cannot have the identifier " + strconv.Quote(text), At: at}
	}
	return set("id", scalar(text))
}

// behind are an expression and what the variable that it names begins with.
func (s site) behind(n *island.Node) []*island.Node {
	out := []*island.Node{n}
	if n.Kind == island.Ident || n.Kind == island.Member {
		for _, d := range s.p.Resolve(s.In, s.Unit, n) {
			if d.Kind == island.Variable && d.Init() != nil {
				out = append(out, d.Init())
			}
		}
	}
	return out
}

// runs tells whether a call can run on a platform, as far as the conditions around it say.
func (s site) runs(os string) bool {
	return s.p.May(code.World{OS: os, Build: "release"}, s.Unit, s.Node)
}
