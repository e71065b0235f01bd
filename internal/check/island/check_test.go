package island

import (
	"strconv"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

// checkFile checks what holds for every tree: spans nest, are in the file and in order.
func checkFile(t *testing.T, name string, f *File) {
	t.Helper()
	all := Span{0, len(f.Src)}
	within := func(what string, in, around Span) {
		if in.Start < around.Start || in.End > around.End || in.Start > in.End {
			t.Fatalf("%s: %s %v is not within %v: %q\n%s", name, what, in, around, f.Text(around),
				f.Text(Span{max(0, around.Start-400), min(len(f.Src), around.End+200)}))
		}
	}
	var decl func(d *Decl, around Span)
	var node func(n *Node, around Span)
	params := func(list []Param, around Span) {
		for i := range list {
			within("parameter", list[i].Span, around)
			if n := list[i].Default(); n != nil {
				node(n, list[i].Span)
			}
		}
	}
	args := func(list []Arg, around Span) {
		for i := range list {
			within("argument", list[i].Span, around)
			node(list[i].Value, list[i].Span)
		}
	}
	node = func(n *Node, around Span) {
		within("node "+nodeNames[n.Kind]+" "+n.Name, n.Span, around)
		if n.Decl != nil {
			decl(n.Decl, around)
		} else {
			params(n.Params, n.Span)
			args(n.Args, n.Span)
			for _, kid := range n.Kids {
				node(kid, n.Span)
			}
		}
	}
	decl = func(d *Decl, around Span) {
		within("declaration "+d.Name, d.Span, around)
		if d.File != f {
			t.Fatalf("%s: %s is of no file", name, d.Name)
		}
		for _, a := range d.Annotations {
			args(a.Args, a.Span)
		}
		params(d.Params, d.Span)
		args(d.Args, d.Span)
		if n := d.Init(); n != nil {
			node(n, d.Span)
		}
		if n := d.Body(); n != nil {
			node(n, d.Span)
		}
		before := d.Start
		for _, m := range d.Members {
			decl(m, d.Span)
			if m.Start < before {
				t.Fatalf("%s: %s is out of order", name, m.Name)
			}
			before = m.End
		}
	}
	before := 0
	for _, d := range f.Decls {
		decl(d, all)
		if d.Start < before {
			t.Fatalf("%s: %s is out of order", name, d.Name)
		}
		before = d.End
	}
	if n := f.Body(); n != nil {
		node(n, all)
	}
	for _, s := range f.Skipped {
		within("skipped", s, all)
	}
	for _, c := range f.Comments {
		within("comment", c.Span, all)
	}
	for _, i := range f.Imports {
		within("import", i.Span, all)
	}
}

// eachNode visits all the nodes of a declaration.
func eachNode(d *Decl, visit func(*Node)) {
	each := func(n *Node) bool { visit(n); return true }
	Walk(d.Init(), each)
	Walk(d.Body(), each)
	for i := range d.Params {
		Walk(d.Params[i].Default(), each)
	}
	for _, m := range d.Members {
		eachNode(m, visit)
	}
}
