package island

import "strings"

// Walk visits n and what is in it, in the order of the source as far as that is known:
// kids, arguments, first values, bodies of local functions. visit returns false for not
// into a node's kids.
func Walk(n *Node, visit func(*Node) bool) {
	if n == nil || !visit(n) {
		return
	}
	for _, kid := range n.Kids {
		Walk(kid, visit)
	}
	for i := range n.Args {
		Walk(n.Args[i].Value, visit)
	}
	if n.Decl != nil {
		walkDecl(n.Decl, visit)
	}
}

// walkDecl visits the bodies of a local function or class.
func walkDecl(d *Decl, visit func(*Node) bool) {
	for i := range d.Args {
		Walk(d.Args[i].Value, visit)
	}
	Walk(d.Body(), visit)
	for _, m := range d.Members {
		Walk(m.Init(), visit)
		walkDecl(m, visit)
	}
}

// Arg returns the value of the argument with this label, nil without.
func (n *Node) Arg(label string) *Node {
	for i := range n.Args {
		if n.Args[i].Label == label && label != "" {
			return n.Args[i].Value
		}
	}
	return nil
}

// Positional returns the value of an argument without a label, counted from 0; nil
// without.
func (n *Node) Positional(i int) *Node {
	for k := range n.Args {
		if n.Args[k].Label != "" {
			continue
		}
		if i == 0 {
			return n.Args[k].Value
		}
		i--
	}
	return nil
}

// CalleeName returns the last name of what a call calls, such as
// "registerPeriodicTask"; "" without.
func CalleeName(call *Node) string {
	if call == nil || call.Kind != Call || len(call.Kids) == 0 {
		return ""
	}
	switch callee := call.Kids[0]; callee.Kind {
	case Ident:
		return callee.Name[strings.LastIndexByte(callee.Name, '.')+1:]
	case Member:
		return callee.Name
	}
	return ""
}
