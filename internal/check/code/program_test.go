package code

import (
	"fmt"
	"math/rand/v2"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/lullwork/lull/internal/check/island"
)

// sources are the files of all scripts.
func sources(t testing.TB) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			if langs[path.Ext(f.Name)] != 0 {
				all[filepath.Base(file)+"/"+f.Name] = f.Data
			}
		}
	}
	return all
}

// everyFunc visits all functions of a program with a body, closures too.
func everyFunc(p *Program, visit func(*Func)) {
	seen := map[*Func]bool{}
	body := func(f *Func) {
		if f == nil || seen[f] {
			return
		}
		seen[f] = true
		visit(f)
		p.open(f)
	}
	var decls func(list []*island.Decl)
	decls = func(list []*island.Decl) {
		for _, d := range list {
			body(p.FuncOf(d))
			decls(d.Members)
		}
	}
	for _, u := range p.Units() {
		decls(u.Decls)
		body(p.Top(u))
		for _, f := range p.closures {
			body(f)
		}
	}
}

// askAll asks everything of everything.
func askAll(p *Program) {
	everyFunc(p, func(f *Func) {
		p.Ways(f, Question{Inline: 3, RunLater: Eventually, Event: func(_ *Func, n *island.Node) int {
			return int(n.Kind%6) - 1
		}})
		p.Unawaited(f, func(c Call) bool { return island.CalleeName(c.Node) == "finish" })
		p.Captures(f)
		p.Callees(f)
		p.IsAsync(f)
		_ = f.Name()
		f.Walk(func(n *island.Node) bool {
			u := f.File
			p.Refs(u, n)
			p.Value(f, u, n)
			p.Targets(f, u, n)
			p.Guards(f, n)
			p.Caught(f, n)
			p.TypeName(u, n)
			p.Test(World{OS: "ios", Build: "release"}, u, n)
			p.May(World{OS: "android"}, u, n)
			if n.Kind == island.Call {
				p.Calls(island.CalleeName(n))
			}
			return true
		})
		p.Reach(f).Mentions("finish")
	})
}

// TestNothingPanics asks everything of sources that were cut, doubled and mixed up.
func TestNothingPanics(t *testing.T) {
	all := sources(t)
	r := rand.New(rand.NewPCG(1, 2))
	for name, src := range all {
		lang := langs[path.Ext(name)]
		for range 25 {
			broken := mutate(r, src)
			askAll(New([]*Unit{{Path: "a" + path.Ext(name), File: island.Parse(lang, broken)}}, nil))
		}
	}
}

func mutate(r *rand.Rand, src []byte) []byte {
	out := append([]byte(nil), src...)
	for range 1 + r.IntN(6) {
		if len(out) < 2 {
			break
		}
		i, j := r.IntN(len(out)), r.IntN(len(out))
		if i > j {
			i, j = j, i
		}
		j = min(j, i+200)
		switch r.IntN(4) {
		case 0:
			out = append(out[:i:i], out[j:]...)
		case 1:
			out = append(out[:j:j], out[i:]...)
		case 2:
			out[i] = "(){}[];,.<>=\"'$@\\"[r.IntN(17)]
		case 3:
			out = out[:j]
		}
	}
	return out
}

func FuzzProgram(f *testing.F) {
	for name, src := range sources(f) {
		f.Add(byte(langs[path.Ext(name)]), src)
	}
	f.Fuzz(func(_ *testing.T, lang byte, src []byte) {
		if len(src) > 20_000 {
			return
		}
		l := island.Lang(1 + lang%6)
		askAll(New([]*Unit{{Path: "lib/main.dart", File: island.Parse(l, src)}}, map[string]string{"app": "."}))
	})
}

// TestTrail finds the way to each node back.
func TestTrail(t *testing.T) {
	for name, src := range sources(t) {
		u := &Unit{Path: name, File: island.Parse(langs[path.Ext(name)], src)}
		p := New([]*Unit{u}, nil)
		nodes := 0
		everyFunc(p, func(f *Func) {
			f.Walk(func(n *island.Node) bool {
				if n.Start == n.End {
					return true
				}
				nodes++
				_, way := p.trail(u, n)
				for i := 0; i+1 < len(way); i++ {
					found := false
					each(way[i], func(k *island.Node) { found = found || k == way[i+1] })
					if !found {
						t.Errorf("%s: %q is not inside of %q", name, u.Text(way[i+1].Span), u.Text(way[i].Span))
					}
				}
				if got := p.funcOf(u, n); n.Kind != island.Closure && n.Kind != island.LocalFn && got != f {
					t.Errorf("%s: %q is in %s, not in %s", name, u.Text(n.Span), nameOf(got), f.Name())
				}
				return true
			})
		})
		if nodes == 0 && strings.Contains(string(src), "{") {
			t.Errorf("%s has no nodes", name)
		}
	}
}

// long is a file with n statements in one function, and n functions that call each other.
func long(n int) []byte {
	var b strings.Builder
	b.WriteString("void main() async {\n  final a = 'x';\n")
	for i := range n {
		fmt.Fprintf(&b, "  if (a == '%d') return;\n  final v%d = f%d(a);\n  await v%d.call(() => a);\n", i, i, i, i)
	}
	b.WriteString("}\n")
	for i := range n {
		fmt.Fprintf(&b, "Future<int> f%d(String s) async => s == 'y' ? 1 : f%d(s);\n", i, (i+1)%n)
	}
	return []byte(b.String())
}

// TestLinear asks twice as much of twice as large a file, in no more than that much memory.
func TestLinear(t *testing.T) {
	cost := func(n int) float64 {
		src := long(n)
		return testing.AllocsPerRun(1, func() {
			p := New([]*Unit{{Path: "lib/main.dart", File: island.Parse(island.Dart, src)}}, nil)
			main := p.FuncOf(p.units[0].Decls[0])
			p.ReachIn(World{OS: "ios"}, main)
			p.Ways(main, Question{Inline: 1})
			p.Unawaited(main, func(Call) bool { return false })
			p.Calls("call")
		})
	}
	small, large := cost(500), cost(2000)
	t.Logf("%.0f and %.0f allocations", small, large)
	if large > 4.5*small {
		t.Errorf("4 times the source costs %.1f times the memory", large/small)
	}
}

func BenchmarkReach(b *testing.B) {
	src := long(5000)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		p := New([]*Unit{{Path: "lib/main.dart", File: island.Parse(island.Dart, src)}}, nil)
		if r := p.ReachIn(World{OS: "ios"}, p.FuncOf(p.units[0].Decls[0])); len(r.Funcs()) < 5000 {
			b.Fatal(len(r.Funcs()))
		}
	}
}

func BenchmarkWays(b *testing.B) {
	src := long(5000)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		p := New([]*Unit{{Path: "lib/main.dart", File: island.Parse(island.Dart, src)}}, nil)
		if w := p.Ways(p.FuncOf(p.units[0].Decls[0]), Question{}); w.Cut {
			b.Fatal("cut")
		}
	}
}
