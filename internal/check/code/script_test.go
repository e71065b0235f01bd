package code

import (
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/lullwork/lull/internal/check/island"
)

var rewrite = flag.Bool("rewrite", false, "write what is found into the scripts")

var langs = map[string]island.Lang{
	".dart": island.Dart, ".kt": island.Kotlin, ".java": island.Java, ".swift": island.Swift, ".m": island.ObjC,
}

// TestScripts asks what the "ask" file of each script asks of its other files. In them
// /*@x*/ marks the expression that follows as x. Folders of packages are pkg/NAME; a
// pubspec is not needed.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := newScript(ar)
			for i := range ar.Files {
				if ar.Files[i].Name != "ask" {
					continue
				}
				got := s.answer(string(ar.Files[i].Data))
				if *rewrite {
					ar.Files[i].Data = []byte(got)
				} else if want := string(ar.Files[i].Data); got != want {
					t.Errorf("got:\n%s\nwant:\n%s", got, want)
				}
			}
			if *rewrite {
				if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

type mark struct {
	unit *Unit
	off  int
}

type script struct {
	p     *Program
	marks map[string]mark
}

func newScript(ar *txtar.Archive) *script {
	s := &script{marks: map[string]mark{}}
	var units []*Unit
	packages := map[string]string{"app": "."}
	for _, f := range ar.Files {
		lang, ok := langs[path.Ext(f.Name)]
		if !ok {
			continue
		}
		u := &Unit{Path: f.Name, File: island.Parse(lang, f.Data)}
		units = append(units, u)
		if rest, ok := strings.CutPrefix(f.Name, "pkg/"); ok {
			name, _, _ := strings.Cut(rest, "/")
			packages[name] = "pkg/" + name
		}
		for at := 0; ; {
			i := strings.Index(string(f.Data[at:]), "/*@")
			if i < 0 {
				break
			}
			at += i
			end := at + strings.Index(string(f.Data[at:]), "*/")
			s.marks[string(f.Data[at+3:end])] = mark{u, end + 2}
			at = end
		}
	}
	s.p = New(units, packages)
	return s
}

// node is the outermost expression at a mark.
func (s *script) node(name string) (*Unit, *island.Node) {
	m, ok := s.marks[name]
	if !ok {
		return nil, nil
	}
	_, root := s.p.rootAt(m.unit, m.off)
	if root == nil {
		return m.unit, nil
	}
	for _, n := range descend(root, m.off) {
		if n.Start == m.off && n.Kind < island.Block {
			return m.unit, n
		}
	}
	return m.unit, nil
}

// fn is the function with a name as Func.Name gives it, or the closure at a mark.
func (s *script) fn(name string) *Func {
	if u, n := s.node(name); n != nil {
		return s.p.FuncAt(u, n.Start)
	}
	var found *Func
	var look func(list []*island.Decl)
	look = func(list []*island.Decl) {
		for _, d := range list {
			if f := s.p.FuncOf(d); f != nil && f.Name() == name && found == nil {
				found = f
			}
			look(d.Members)
		}
	}
	for _, u := range s.p.units {
		look(u.Decls)
	}
	return found
}

// answer writes what is found under each question.
func (s *script) answer(asked string) string {
	var b strings.Builder
	for line := range strings.Lines(asked) {
		if strings.HasPrefix(line, "\t") {
			continue
		}
		b.WriteString(line)
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		for _, a := range s.ask(words[0], words[1:]) {
			fmt.Fprintf(&b, "\t%s\n", a)
		}
	}
	return b.String()
}

func (s *script) ask(what string, args []string) []string {
	switch what {
	case "reach", "reachin":
		w := World{}
		if what == "reachin" {
			w = worldOf(args[0])
			args = args[1:]
		}
		return s.reach(w, args)
	case "ways":
		return s.ways(args)
	case "unawaited":
		return s.unawaited(args)
	case "calls":
		var out []string
		for _, c := range s.p.Calls(args[0]) {
			out = append(out, s.at(c.Unit, c.Node)+" in "+nameOf(c.In))
		}
		return out
	case "results":
		f := s.fn(args[0])
		if f == nil {
			return []string{"no function " + args[0]}
		}
		var out []string
		for _, r := range s.p.Results(f) {
			out = append(out, s.at(r.In.File, r.Node)+" "+firstLine(r.In.File.Text(r.Node.Span)))
		}
		return out
	case "captures":
		f := s.fn(args[0])
		if f == nil {
			return []string{"no function " + args[0]}
		}
		var out []string
		for _, r := range s.p.Captures(f) {
			out = append(out, s.ref(r))
		}
		return out
	}
	u, n := s.node(args[len(args)-1])
	if n == nil {
		return []string{"no node at " + args[len(args)-1]}
	}
	switch what {
	case "value":
		return []string{s.value(s.p.Value(nil, u, n))}
	case "valuein":
		return []string{s.value(s.p.ValueIn(worldOf(args[0]), u, n))}
	case "type":
		return []string{s.p.TypeName(u, n)}
	case "refs":
		var out []string
		for _, r := range s.p.Refs(u, n) {
			out = append(out, s.ref(r))
		}
		return out
	case "targets":
		var out []string
		for _, c := range s.p.Targets(nil, u, n) {
			out = append(out, s.callback(c))
		}
		return out
	case "guards":
		var out []string
		for _, g := range s.p.Guards(s.p.funcOf(u, n), n) {
			out = append(out, s.guard(u, g))
		}
		return out
	case "may":
		return []string{fmt.Sprint(s.p.May(worldOf(args[0]), u, n))}
	case "caught":
		return []string{fmt.Sprint(s.p.Caught(s.p.funcOf(u, n), n))}
	case "uses":
		var out []string
		for _, d := range s.p.Resolve(nil, u, n) {
			for _, use := range s.p.Uses(d) {
				line := s.at(use.Unit, use.Node) + " in " + nameOf(use.In)
				if use.Write {
					line += " written"
				}
				out = append(out, line)
			}
		}
		return out
	}
	return []string{"unknown question"}
}

func worldOf(s string) World {
	switch s {
	case "debug", "release", "profile":
		return World{Build: s}
	}
	return World{OS: s}
}

func nameOf(f *Func) string {
	if f == nil {
		return "nothing"
	}
	return f.Name()
}

func (s *script) at(u *Unit, n *island.Node) string {
	line, _ := u.Position(n.Start)
	return fmt.Sprintf("%s:%d", u.Path, line)
}

func (s *script) ref(r Ref) string {
	switch {
	case r == Ref{}:
		return "this"
	case r.Param != nil:
		return "parameter " + r.Param.Name + " of " + nameOf(r.Func)
	case r.Decl == nil:
		return "bound at " + s.at(r.Func.File, r.Node)
	}
	u := s.p.UnitOf(r.Decl)
	line, _ := u.Position(r.Decl.NameAt)
	name := r.Decl.Name
	if c := typeAround(r.Decl); c != nil {
		name = c.Name + "." + name
	}
	return fmt.Sprintf("%s %s:%d", name, u.Path, line)
}

func (s *script) value(v Value) string {
	var out []string
	for _, c := range v.Cases {
		var text string
		switch c.Kind {
		case String:
			text = fmt.Sprintf("%q", c.Text)
		case Int:
			text = itoa(c.Int)
		case Bool:
			text, _ = c.text(island.Dart)
		case Duration:
			text = fmt.Sprintf("%gs", float64(c.Int)/second)
		case EnumName:
			text = "enum " + c.Text
		default:
			text = "object"
			if c.Node != nil {
				text = "object " + c.Unit.Text(c.Node.Span)
			}
		}
		if c.Debug {
			text += " in debug"
		}
		out = append(out, text)
	}
	if !v.Exact {
		out = append(out, "...")
	}
	text := strings.Join(out, " | ")
	if v.Min != nil && (len(v.Cases) != 1 || !v.Exact) {
		text += " min " + itoa(*v.Min)
	}
	return text
}

func (s *script) callback(c Callback) string {
	kinds := map[CallbackKind]string{
		TopLevel: "top-level", StaticMethod: "static", InstanceMethod: "instance", ClosureKind: "closure", LocalFunc: "local",
	}
	if c.Kind == Unresolved {
		return "unresolved at " + s.at(c.Unit, c.Arg) + ": " + c.Why
	}
	return fmt.Sprintf("%s %s named at %s", kinds[c.Kind], nameOf(c.Func), s.at(c.Unit, c.Arg))
}

func (s *script) guard(u *Unit, g Guard) string {
	kinds := map[GuardKind]string{InTry: "try", InCatch: "catch", InFinally: "finally", InLoop: "loop", InCase: "case", InLater: "later"}
	if g.Kind != Condition {
		return kinds[g.Kind]
	}
	text := fmt.Sprintf("%s is %v", u.Text(g.Cond.Span), g.Holds)
	if g.Early {
		text += ", early"
	}
	return text
}

func (s *script) reach(w World, names []string) []string {
	var roots []*Func
	for _, name := range names {
		f := s.fn(name)
		if f == nil {
			return []string{"no function " + name}
		}
		roots = append(roots, f)
	}
	var out []string
	r := s.p.ReachIn(w, roots...)
	for _, f := range r.Funcs() {
		text := f.Name()
		if !r.Sure(f) {
			text += " ?"
		}
		out = append(out, fmt.Sprintf("%d %s", r.Depth(f), text))
	}
	return out
}

// ways FUNC NAME... counts the calls of the names; "await" is an await. inline=N and
// later set what they are called.
func (s *script) ways(args []string) []string {
	f := s.fn(args[0])
	if f == nil {
		return []string{"no function " + args[0]}
	}
	q := Question{}
	var names []string
	for _, a := range args[1:] {
		switch rest, ok := strings.CutPrefix(a, "inline="); {
		case ok:
			fmt.Sscan(rest, &q.Inline)
		case a == "later":
			q.RunLater = Eventually
		case strings.HasPrefix(a, "in="):
			q.World = worldOf(a[3:])
		default:
			names = append(names, a)
		}
	}
	q.Event = func(f *Func, n *island.Node) int {
		for i, name := range names {
			if name == "await" && n.Kind == island.Await || n.Kind == island.Call && island.CalleeName(n) == name {
				return i
			}
		}
		return -1
	}
	kinds := map[EndKind]string{Returns: "returns", Falls: "falls", Throws: "throws", Hangs: "hangs"}
	var out []string
	w := s.p.Ways(f, q)
	for _, e := range w.Ends {
		text := kinds[e.Kind]
		if e.Node != nil {
			text += " at " + s.at(e.In.File, e.Node)
		}
		if e.Value != nil {
			text += " " + firstLine(e.In.File.Text(e.Value.Span))
		}
		for i, name := range names {
			text += fmt.Sprintf(" %s %s", name, between(e.Min(i), e.Max(i)))
		}
		out = append(out, text)
	}
	for _, l := range w.Later {
		text := "later " + l.Name + " at " + s.at(l.In.File, l.Node)
		if l.Sure {
			text += " surely"
		}
		out = append(out, text)
	}
	for _, sight := range w.Sights {
		text := "sees " + names[sight.Event] + " at " + s.at(sight.In.File, sight.Node)
		e := End{States: sight.Before}
		for i, name := range names {
			text += fmt.Sprintf(" %s %s", name, between(e.Min(i), e.Max(i)))
		}
		out = append(out, text)
	}
	if w.Cut {
		out = append(out, "cut")
	}
	return out
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func between(low, high int) string {
	if low == high {
		return fmt.Sprint(low)
	}
	return fmt.Sprintf("%d-%d", low, high)
}

func (s *script) unawaited(args []string) []string {
	f := s.fn(args[0])
	if f == nil {
		return []string{"no function " + args[0]}
	}
	futures := func(c Call) bool { return slices.Contains(args[1:], island.CalleeName(c.Node)) }
	why := map[DropWhy]string{AsStatement: "statement", ForEach: "forEach", NeverUsed: "never used"}
	var out []string
	for _, d := range s.p.Unawaited(f, futures) {
		out = append(out, s.at(d.Unit, d.Node)+" "+island.CalleeName(d.Node)+": "+why[d.Why])
	}
	return out
}
