package extract

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/check/finding"
)

// YAML writes the plan as lull.yaml.
func (p *Plan) YAML() []byte {
	var b strings.Builder
	w := writer{&b}
	from := "this project"
	if p.Dir != "." {
		from = p.Dir
	}
	fmt.Fprintf(&b, "# The background work of %s, read from its files by lull plan. A ? marks what they do not say.\n#\n", from)
	b.WriteString("#   lull sim lull.yaml       how often it would run, on whom never, and why\n")
	b.WriteString("#   lull promise lull.yaml   what each platform guarantees\n")
	b.WriteString("app:\n")
	via := p.Via
	if via == "" {
		via = "native"
	}
	fmt.Fprintf(&b, "  via: %s\n", via)
	w.section("  ", group("android", p.Android...))
	w.section("  ", group("ios", p.IOS...))
	if len(p.Tasks) == 0 {
		b.WriteString("tasks: {}\n")
		return []byte(b.String())
	}
	b.WriteString("tasks:\n")
	for _, t := range p.Tasks {
		fmt.Fprintf(&b, "  %s: # %s\n", scalar(t.Name), places(t.Places))
		for _, s := range t.Common {
			w.section("    ", s)
		}
		w.section("    ", group("ios", t.IOS...))
		w.section("    ", group("android", t.Android...))
		b.WriteString("    # model: {takes: 5s, succeeds: 1} # ? what a run does\n")
	}
	return []byte(b.String())
}

type writer struct{ b *strings.Builder }

// section writes a setting on a line, and below it what of it is open.
func (w writer) section(indent string, s Setting) {
	if text := inline(s); text != "" {
		fmt.Fprintf(w.b, "%s%s\n", indent, text)
	}
	w.questions(indent, "", s)
}

func (w writer) questions(indent, path string, s Setting) {
	path += s.Key
	if s.Open != "" {
		at := ""
		if s.At.File != "" {
			at = ": " + place(s.At)
		}
		fmt.Fprintf(w.b, "%s# %s: ? # %s%s\n", indent, path, oneLine(s.Open), at)
	}
	for _, k := range s.Kids {
		w.questions(indent, path+".", k)
	}
}

// inline is a setting as "key: value" or "key: {key: value}"; "" where nothing is known.
func inline(s Setting) string {
	if len(s.Kids) == 0 {
		if s.Value == "" {
			return ""
		}
		return s.Key + ": " + s.Value
	}
	var kids []string
	for _, k := range s.Kids {
		if text := inline(k); text != "" {
			kids = append(kids, text)
		}
	}
	if len(kids) == 0 {
		return ""
	}
	return s.Key + ": {" + strings.Join(kids, ", ") + "}"
}

// list is a list of texts.
func list(items []string) string {
	if len(items) == 0 {
		return ""
	}
	quoted := make([]string, len(items))
	for i, s := range items {
		quoted[i] = scalar(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// scalar writes a text so that YAML reads it as that text, also in a flow.
func scalar(s string) string {
	plain := s != ""
	for i, c := range s {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || strings.ContainsRune("-./", c))) {
			plain = false
		}
	}
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "y", "n", "null":
		plain = false
	}
	if plain {
		return s
	}
	return strconv.Quote(strings.ToValidUTF8(s, "?"))
}

func places(at []finding.Place) string {
	texts := make([]string, 0, len(at))
	for _, p := range at {
		texts = append(texts, place(p))
	}
	return strings.Join(texts, ", ")
}

func place(p finding.Place) string { return oneLine(p.File) + ":" + strconv.Itoa(p.Line) }

func oneLine(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c == 0x85 || c == 0x2028 || c == 0x2029 || c == 0xfeff {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(s, "?"))
}
