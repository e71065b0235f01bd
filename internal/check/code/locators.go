package code

import (
	"strings"

	"github.com/lullwork/lull/internal/check/island"
)

// isInstance tells whether a static member gives the one object of its class.
func isInstance(name string) bool {
	switch name {
	case "instance", "shared", "standard", "default", "current", "main":
		return true
	}
	return false
}

// located is the type of what a call gets from a container: getIt<T>(), context.read<T>(),
// ref.read(provider).
func (p *Program) located(u *Unit, n *island.Node, depth int) typ {
	if u.Lang != island.Dart {
		return typ{}
	}
	name := island.CalleeName(n)
	switch name {
	case "read", "watch", "refresh", "of", "find", "get", "call", "select", "resolve", "put", "I", "getIt", "locator", "sl", "inject":
	default:
		return typ{}
	}
	if len(n.TypeArgs) == 1 {
		return p.named(u, n.TypeArgs[0])
	}
	if len(n.Args) == 1 && (name == "read" || name == "watch" || name == "refresh") {
		return p.provided(u, n.Args[0].Value, depth)
	}
	return typ{}
}

// provided is what a provider of Riverpod provides.
func (p *Program) provided(u *Unit, n *island.Node, depth int) typ {
	if n == nil {
		return typ{}
	}
	notifier := false
	if n.Kind == island.Member && len(n.Kids) > 0 {
		switch n.Name {
		case "notifier":
			n, notifier = n.Kids[0], true
		case "future", "stream", "state":
			return typ{}
		}
	}
	if n.Kind == island.Call && len(n.Kids) > 0 { // a family
		n = n.Kids[0]
	}
	for _, r := range p.refs(u, n, depth) {
		if r.Decl == nil || r.Decl.Kind != island.Variable {
			continue
		}
		return p.provides(p.byFile[r.Decl.File], initOf(r), notifier, depth)
	}
	d := p.generated(u, n)
	switch {
	case d == nil:
	case isType(d) && notifier:
		return typ{name: d.Name, decls: []*island.Decl{d}, unit: p.byFile[d.File]}
	case isType(d): // what its build gives
		for _, m := range p.own(d, "build") {
			return p.awaited(p.result(p.byFile[d.File], m, depth))
		}
	case !notifier:
		return p.result(p.byFile[d.File], d, depth)
	}
	return typ{}
}

// provides is the type that Provider<T>((ref) => ...) and its kin give.
func (p *Program) provides(u *Unit, init *island.Node, notifier bool, depth int) typ {
	if init == nil || init.Kind != island.Call || u == nil {
		return typ{}
	}
	class := strings.Contains(island.CalleeName(init)+u.Text(init.Kids[0].Span), "Notifier")
	args := init.TypeArgs
	if len(args) == 0 && init.Kids[0].Kind == island.Member { // Provider.autoDispose<T>
		args = init.Kids[0].TypeArgs
	}
	switch {
	case class && notifier && len(args) > 0:
		return p.named(u, args[0])
	case class && !notifier && len(args) > 1:
		return p.named(u, args[1])
	case class == notifier && len(args) > 0:
		return p.named(u, args[0])
	}
	if make := init.Positional(0); make != nil && class == notifier {
		switch {
		case make.Kind == island.Closure && len(make.Kids) > 0 && make.Kids[0].Kind != island.Block:
			return p.typeOf(u, make.Kids[0], depth)
		case make.Kind == island.Member && make.Name == "new":
			t := p.typeOf(u, make.Kids[0], depth)
			t.static = false
			return t
		}
	}
	return typ{}
}

// generated is the function or the class of which Riverpod's generator makes xProvider,
// where what it writes is not here.
func (p *Program) generated(u *Unit, n *island.Node) *island.Decl {
	name, ok := strings.CutSuffix(n.Name, "Provider")
	if !ok || name == "" || u.Lang != island.Dart || n.Kind != island.Ident {
		return nil
	}
	class := strings.ToUpper(name[:1]) + name[1:]
	for _, name := range []string{name, class, class + "Notifier"} {
		for _, d := range p.visible(u, name) {
			for _, a := range d.Annotations {
				if strings.EqualFold(a.Name, "riverpod") {
					return d
				}
			}
		}
	}
	return nil
}
