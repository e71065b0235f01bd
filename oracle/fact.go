package oracle

import (
	"strings"

	"github.com/lullwork/lull/internal/check/island"
)

// kind is what is compared.
type kind int

const (
	function kind = iota // also methods and constructors
	annotation
	call
	kinds
)

func (k kind) String() string { return [...]string{"functions", "annotations", "calls"}[k] }

// fact is something that both have to see.
type fact struct {
	kind kind
	name string
	line int // of the name, from 1
}

type facts map[fact]bool

// islandFacts tells what the island parser sees.
func islandFacts(l island.Lang, src []byte) facts {
	w := walker{f: island.Parse(l, src), out: facts{}}
	for _, d := range w.f.Decls {
		w.decl(d)
	}
	w.node(w.f.Body())
	return w.out
}

type walker struct {
	f   *island.File
	out facts
}

func (w *walker) add(k kind, name string, at int) {
	line, _ := w.f.Position(at)
	w.out[fact{k, strings.Trim(name, "`"), line}] = true
}

func (w *walker) decl(d *island.Decl) {
	if d.Kind == island.Function && !d.Has(island.Getter) && !d.Has(island.Setter) || d.Kind == island.Constructor {
		w.add(function, d.Name, d.NameAt)
	}
	for i := range d.Annotations {
		a := &d.Annotations[i]
		w.add(annotation, last(a.Name), a.Start)
		w.args(a.Args)
	}
	w.params(d.Params)
	w.args(d.Args)
	w.node(d.Init())
	w.node(d.Body())
	for _, m := range d.Members {
		w.decl(m)
	}
}

func (w *walker) node(n *island.Node) {
	if n == nil {
		return
	}
	if n.Kind == island.Call {
		if name := island.CalleeName(n); name != "" {
			w.add(call, name, n.Kids[0].End-1)
		}
	}
	w.params(n.Params)
	for _, kid := range n.Kids {
		w.node(kid)
	}
	w.args(n.Args)
	if n.Decl != nil {
		w.decl(n.Decl)
	}
}

func (w *walker) params(list []island.Param) {
	for i := range list {
		w.node(list[i].Default())
	}
}

func (w *walker) args(list []island.Arg) {
	for i := range list {
		w.node(list[i].Value)
	}
}

func last(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }
