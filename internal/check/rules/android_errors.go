package rules

import (
	"slices"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
)

// keptFrom is the catch by which a function keeps all its errors from a try of a worker that does
// nothing but call it, and that would try again or fail for them.
func keptFrom(native *code.Program, f *code.Func, try *island.Node) (*code.Unit, *island.Node) {
	if try.Kind != island.Try || len(try.Kids) != 2 {
		return nil, nil
	}
	hears := false
	island.Walk(try.Kids[1], func(n *island.Node) bool {
		hears = hears || n.Kind == island.Call && (results(n, "retry") || results(n, "failure"))
		return true
	})
	var only *island.Node
	for _, s := range try.Kids[0].Kids {
		for (s.Kind == island.Expr || s.Kind == island.Return) && len(s.Kids) > 0 {
			s = s.Kids[0]
		}
		switch {
		case s.Kind == island.Call && (results(s, "success") || logs(island.CalleeName(s))):
		case s.Kind == island.Call && only == nil:
			only = s
		default:
			return nil, nil
		}
	}
	if only == nil || !hears {
		return nil, nil
	}
	called := native.Resolve(f, f.File, only.Kids[0])
	called = slices.DeleteFunc(called, func(d *island.Decl) bool { return d.Body() == nil }) // of an interface
	if len(called) != 1 || called[0].Kind != island.Function || called[0].Type != "" && called[0].Type != "Unit" && called[0].Type != "void" {
		return nil, nil
	}
	last := called[0].Body()
	for last != nil && last.Kind != island.Try { // of each part of the work
		switch n := len(last.Kids); {
		case last.Kind == island.Block && n > 0:
			if slices.ContainsFunc(last.Kids[:n-1], func(s *island.Node) bool { return s.Kind != island.Local }) {
				return nil, nil
			}
			last = last.Kids[n-1]
		case last.Kind == island.Expr && n > 0:
			last = last.Kids[0]
		case isCall(last, "forEach") && len(last.Args) == 1 && last.Args[0].Value.Kind == island.Closure && len(last.Args[0].Value.Kids) > 0:
			last = last.Args[0].Value.Kids[len(last.Args[0].Value.Kids)-1]
		default:
			return nil, nil
		}
	}
	if last == nil || len(last.Kids) != 2 || !merelyLogs(last.Kids[1]) {
		return nil, nil
	}
	switch shortClass(last.Kids[1].Text) {
	case "Exception", "Throwable", "IOException", "":
		return native.UnitOf(called[0]), last.Kids[1]
	}
	return nil, nil
}

// merelyLogs tells whether a catch does nothing but log its error.
func merelyLogs(catch *island.Node) bool {
	return len(catch.Kids) > 0 && len(catch.Kids[0].Kids) > 0 && !slices.ContainsFunc(catch.Kids[0].Kids, func(does *island.Node) bool {
		return does.Kind != island.Expr || len(does.Kids) == 0 || does.Kids[0].Kind != island.Call || !logs(island.CalleeName(does.Kids[0])) && island.CalleeName(does.Kids[0]) != "printStackTrace"
	})
}
