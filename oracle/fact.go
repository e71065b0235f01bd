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
	if isFunction(d) {
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

// isFunction tells whether a declaration is one that the grammars name. They have no
// names for operators, and other nodes for accessors, observers and initializers.
func isFunction(d *island.Decl) bool {
	if d.Kind != island.Function && d.Kind != island.Constructor || d.Has(island.Getter) || d.Has(island.Setter) {
		return false
	}
	switch d.Name {
	case "":
		return true
	case "init":
		return d.Kind == island.Function || d.File.Lang == island.Swift || d.File.Lang == island.Dart
	case "didSet", "willSet", "deinit":
		return d.File.Lang != island.Swift
	}
	c := d.Name[0]
	return c == '_' || c == '$' || c == '`' || c >= 0x80 || 'a' <= c|0x20 && c|0x20 <= 'z'
}

func (w *walker) node(n *island.Node) {
	if n == nil {
		return
	}
	if n.Kind == island.Call {
		if name := island.CalleeName(n); name != "" {
			w.add(call, strings.TrimPrefix(name, "#"), n.Kids[0].End-1) // a macro's call
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
