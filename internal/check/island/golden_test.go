package island

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write what the golden trees are now")

// sketch writes trees as S-expressions.
type sketch struct {
	b      strings.Builder
	indent int
}

func (s *sketch) line(format string, args ...any) {
	s.b.WriteString(strings.Repeat("  ", s.indent))
	fmt.Fprintf(&s.b, format, args...)
	s.b.WriteByte('\n')
}

func (s *sketch) file(f *File) {
	kinds := []string{"import", "export", "part-of", "part", "package"}
	for _, i := range f.Imports {
		line := kinds[i.Kind] + " " + strconv.Quote(i.URI)
		for _, o := range i.Other {
			line += " or " + strconv.Quote(o)
		}
		if i.Prefix != "" {
			line += " as " + i.Prefix
		}
		if i.Show != nil {
			line += " show " + strings.Join(i.Show, ",")
		}
		if i.Hide != nil {
			line += " hide " + strings.Join(i.Hide, ",")
		}
		s.line("%s", line)
	}
	for _, d := range f.Decls {
		s.decl(d)
	}
	if body := f.Body(); body != nil {
		s.line("top")
		s.indent++
		s.node("", body)
		s.indent--
	}
	for _, span := range f.Skipped {
		s.line("SKIPPED %q", f.Text(span))
	}
}

var declNames = []string{
	"?", "function", "constructor", "variable", "class", "enum", "value", "interface", "extension", "object", "alias",
}

var modifierNames = []string{
	"static", "const", "final", "late", "async", "generator", "override", "abstract", "external", "getter", "setter",
	"factory", "private", "lazy", "throws", "optional",
}

func (s *sketch) decl(d *Decl) {
	line := declNames[d.Kind] + " " + strconv.Quote(d.Name)
	for i, name := range modifierNames {
		if d.Modifiers>>i&1 == 1 {
			line += " " + name
		}
	}
	if d.Type != "" {
		line += " : " + d.Type
	}
	if len(d.Supers) > 0 {
		line += " <- " + strings.Join(d.Supers, ", ")
	}
	s.line("%s", line)
	s.indent++
	defer func() { s.indent-- }()
	for _, a := range d.Annotations {
		s.line("@%s", a.Name)
		s.args(a.Args)
	}
	s.params(d.Params)
	s.args(d.Args)
	if n := d.Init(); n != nil {
		s.node("= ", n)
	}
	for _, m := range d.Members {
		s.decl(m)
	}
	if n := d.Body(); n != nil {
		s.node("", n)
	}
}

func (s *sketch) params(list []Param) {
	for i := range list {
		p := &list[i]
		line := "param " + p.Name
		if p.Label != "" {
			line += " label " + p.Label
		}
		if p.Type != "" {
			line += " : " + p.Type
		}
		if p.Named {
			line += " named"
		}
		if p.Field {
			line += " field"
		}
		s.line("%s", line)
		if n := p.Default(); n != nil {
			s.indent++
			s.node("= ", n)
			s.indent--
		}
	}
}

func (s *sketch) args(list []Arg) {
	s.indent++
	for i := range list {
		prefix := "- "
		if list[i].Label != "" {
			prefix = list[i].Label + ": "
		}
		s.node(prefix, list[i].Value)
	}
	s.indent--
}

var nodeNames = map[Kind]string{
	Unknown: "unknown", Ident: "ident", Member: "member", Call: "call", Index: "index", String: "string",
	Number: "number", Bool: "bool", Null: "null", List: "list", Map: "map", Pair: "pair", Spread: "spread",
	Closure: "closure", Await: "await", Throw: "throw", Unary: "unary", Binary: "binary", Assign: "assign",
	Cond: "cond", Cascade: "cascade", This: "this", Super: "super", Block: "block", Expr: "expr", Local: "local",
	LocalFn: "local-fn", If: "if", Guard: "guard", For: "for", While: "while", Switch: "switch", Case: "case",
	Try: "try", Catch: "catch", Finally: "finally", Return: "return", Break: "break", Continue: "continue",
	Yield: "yield", Defer: "defer", Do: "do",
}

func (s *sketch) node(prefix string, n *Node) {
	line := prefix + nodeNames[n.Kind]
	if n.Name != "" && n.Kind != Local && n.Kind != LocalFn {
		line += " " + n.Name
	}
	if n.Kind == String && n.Kids == nil || n.Text != "" {
		line += " " + strconv.Quote(n.Text)
	}
	if n.NullAware {
		line += " null-aware"
	}
	if n.New {
		line += " new"
	}
	if n.Async {
		line += " async"
	}
	if n.TypeArgs != nil {
		line += " <" + strings.Join(n.TypeArgs, "|") + ">"
	}
	s.line("%s", line)
	s.indent++
	s.params(n.Params)
	for _, kid := range n.Kids {
		if n.Decl == nil || n.Decl.Init() != kid {
			s.node("", kid)
		}
	}
	s.indent--
	s.args(n.Args)
	if n.Decl != nil {
		s.indent++
		s.decl(n.Decl)
		s.indent--
	}
}

var extensions = map[string]Lang{
	".dart": Dart, ".kt": Kotlin, ".kts": Kotlin, ".java": Java, ".swift": Swift, ".m": ObjC, ".h": ObjC, ".mm": ObjC, ".gradle": Groovy,
}

// TestGolden compares trees with those of testdata/LANGUAGE-*.txt. There, each case is
// "-- name.extension --", a source, "->" on a line of its own, and the tree.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden trees", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			for _, c := range cases(string(text)) {
				var s sketch
				f := Parse(extensions[filepath.Ext(c.name)], []byte(c.source))
				s.file(f)
				s.b.Reset() // bodies are parsed now, so that all is known that was skipped
				s.file(f)
				got := s.b.String()
				if got != c.want && !*rewrite {
					t.Errorf("%s:\n%s\ngot:\n%s\nwant:\n%s", c.name, c.source, got, c.want)
				}
				fmt.Fprintf(&out, "-- %s --\n%s->\n%s\n", c.name, c.source, got)
			}
			if *rewrite {
				if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

type golden struct{ name, source, want string }

func cases(text string) (list []golden) {
	var c *golden
	part := 0
	for line := range strings.Lines(text) {
		head := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(head, "-- ") && strings.HasSuffix(head, " --"):
			list = append(list, golden{name: head[3 : len(head)-3]})
			c, part = &list[len(list)-1], 0
		case c == nil:
		case head == "->":
			part = 1
		case part == 0:
			c.source += line
		default:
			c.want += line
		}
	}
	for i := range list {
		list[i].want = strings.TrimRight(list[i].want, "\n") + "\n"
	}
	return list
}
