package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/project"
)

// workRequest is a request of WorkManager that Kotlin or Java code builds.
type workRequest struct {
	code.Call // of its builder
	native    *code.Program
	module    *project.Module
	periodic  bool
	worker    string         // name of its class, "" where not known
	calls     []*island.Node // that go on with the builder
}

// nativeModules are the modules of Android with code.
func (p *Pass) nativeModules() []*project.Module {
	if p.Project.Android == nil {
		return nil
	}
	var all []*project.Module
	for _, m := range p.Project.Android.Modules {
		if m.Code != nil {
			all = append(all, m)
		}
	}
	return all
}

// partsOf are the modules with code that get into an app, itself too.
func (p *Pass) partsOf(app *project.Module) []*project.Module {
	return slices.DeleteFunc(p.nativeModules(), func(m *project.Module) bool { return m != app && m.Merged != app.Merged })
}

// workRequests are all requests that native code builds.
func (p *Pass) workRequests() []*workRequest {
	var all []*workRequest
	for _, m := range p.nativeModules() {
		for _, name := range []string{"PeriodicWorkRequestBuilder", "OneTimeWorkRequestBuilder", "Builder"} {
			for _, c := range m.Code.Calls(name) {
				r := &workRequest{Call: c, native: m.Code, module: m, periodic: name == "PeriodicWorkRequestBuilder"}
				if name == "Builder" {
					of := c.Unit.Text(c.Node.Kids[0].Span)
					r.periodic = strings.Contains(of, "PeriodicWorkRequest")
					if !r.periodic && !strings.Contains(of, "OneTimeWorkRequest") {
						continue
					}
				}
				if inTests(c.Unit) || c.In == nil {
					continue
				}
				r.worker = workerOf(c.Node)
				r.calls = goesOn(c.In.Body(), c.Node)
				all = append(all, r)
			}
		}
	}
	return all
}

// workerOf is the class that a builder is for: a type argument, or W::class.java, W.class.
func workerOf(builder *island.Node) string {
	if len(builder.TypeArgs) > 0 {
		return shortClass(builder.TypeArgs[0])
	}
	name := ""
	island.Walk(firstArg(builder), func(n *island.Node) bool {
		if n.Kind == island.Ident && name == "" {
			name = shortClass(n.Name)
		}
		return true
	})
	return name
}

// goesOn are the calls in a body that go on with what an expression makes: in a chain, in
// apply { }, and on the variable that holds it.
func goesOn(body, from *island.Node) []*island.Node {
	variable := ""
	var calls []*island.Node
	within := func(closure *island.Node) {
		island.Walk(closure, func(n *island.Node) bool {
			if n.Kind == island.Call && len(n.Kids) > 0 && n.Kids[0].Kind == island.Ident {
				calls = append(calls, n)
			}
			return true
		})
	}
	add := func(n *island.Node) {
		calls = append(calls, n)
		if name := island.CalleeName(n); name == "apply" || name == "also" || name == "run" {
			for i := range n.Args {
				within(n.Args[i].Value)
			}
		}
	}
	island.Walk(body, func(n *island.Node) bool {
		switch {
		case n.Kind == island.Local && n.Decl != nil && len(n.Kids) > 0 && rootOf(n.Kids[0]) == from && !endsIn(n.Kids[0], "build"):
			variable = n.Decl.Name
		case n.Kind == island.Call && n != from:
			root := rootOf(n)
			if chainHas(n, from) || variable != "" && root != nil && root.Kind == island.Ident && root.Name == variable && n.Kids[0] != root {
				add(n)
			}
		}
		return true
	})
	slices.SortStableFunc(calls, func(a, b *island.Node) int { return a.End - b.End })
	return calls
}

// rootOf is where a chain of calls begins: the builder, or the first name.
func rootOf(n *island.Node) *island.Node {
	for n != nil {
		switch {
		case n.Kind == island.Call && len(n.Kids) > 0 && n.Kids[0].Kind == island.Member && len(n.Kids[0].Kids) > 0:
			next := n.Kids[0].Kids[0]
			if next.Kind != island.Call { // a.b(): the call itself is where it begins, unless a is a variable
				if isBuilder(n) {
					return n
				}
				return next
			}
			n = next
		default:
			return n
		}
	}
	return nil
}

func isBuilder(n *island.Node) bool { return island.CalleeName(n) == "Builder" }

func endsIn(n *island.Node, name string) bool { return island.CalleeName(n) == name }

// with is the last call of a name that goes on with the request, nil without.
func (r *workRequest) with(name string) *island.Node {
	for _, c := range slices.Backward(r.calls) {
		if island.CalleeName(c) == name {
			return c
		}
	}
	return nil
}

// constraints are the conditions of a request that are set, by the name of their setter:
// "setRequiresCharging".
func (r *workRequest) constraints() map[string]*island.Node {
	set := make(map[string]*island.Node)
	call := r.with("setConstraints")
	if call == nil {
		return set
	}
	n := firstArg(call)
	in := r.In.Body()
	if n != nil && (n.Kind == island.Ident || n.Kind == island.Member) {
		for _, d := range r.native.Resolve(r.In, r.Unit, n) {
			if init := d.Init(); init != nil {
				n = init
				if d.Parent != nil {
					in = init
				}
			}
		}
	}
	if n == nil {
		return set
	}
	if island.CalleeName(n) == "Constraints" {
		for i := range n.Args {
			if label := n.Args[i].Label; label != "" {
				set["set"+strings.ToUpper(label[:1])+label[1:]] = n.Args[i].Value
			}
		}
		return set
	}
	root := rootOf(n)
	if root == nil {
		return set
	}
	for _, c := range append(goesOn(in, root), goesOn(n, root)...) {
		if name := island.CalleeName(c); strings.HasPrefix(name, "set") || strings.HasPrefix(name, "add") {
			set[name] = firstArg(c)
		}
	}
	return set
}

// asks tells whether a condition is set to true.
func asks(set map[string]*island.Node, name string) bool {
	n, ok := set[name]
	return ok && (n == nil || n.Kind != island.Bool || n.Name == "true")
}

// units are Java's units of time in microseconds.
var units = map[string]int64{
	"NANOSECONDS": 0, "MICROSECONDS": 1, "MILLISECONDS": 1_000, "SECONDS": 1_000_000, "MINUTES": 60_000_000, "HOURS": 3_600_000_000, "DAYS": 86_400_000_000,
	"ofMillis": 1_000, "ofSeconds": 1_000_000, "ofMinutes": 60_000_000, "ofHours": 3_600_000_000, "ofDays": 86_400_000_000,
	"milliseconds": 1_000, "seconds": 1_000_000, "minutes": 60_000_000, "hours": 3_600_000_000, "days": 86_400_000_000,
}

// duration is what a time in arguments is: a number with a unit after it, or a Duration. next is
// the index of the argument after it; known is false where it is not constant.
func (r *workRequest) duration(args []island.Arg, at int) (us int64, next int, known bool) {
	if at >= len(args) {
		return 0, at, false
	}
	n := args[at].Value
	if at+1 < len(args) {
		if unit, ok := units[lastName(args[at+1].Value)]; ok && strings.ToUpper(lastName(args[at+1].Value)) == lastName(args[at+1].Value) {
			v := r.native.Value(r.In, r.Unit, n)
			if ints := v.Ints(); v.Exact && len(ints) == 1 {
				return ints[0] * unit, at + 2, true
			}
			return 0, at + 2, false
		}
	}
	v := r.native.Value(r.In, r.Unit, n)
	if v.Exact && len(v.Cases) == 1 && v.Cases[0].Kind == code.Duration {
		return v.Cases[0].Int, at + 1, true
	}
	if n.Kind == island.Call { // Duration.ofMinutes(15)
		if unit, ok := units[island.CalleeName(n)]; ok && strings.HasPrefix(island.CalleeName(n), "of") {
			v := r.native.Value(r.In, r.Unit, firstArg(n))
			if ints := v.Ints(); v.Exact && len(ints) == 1 {
				return ints[0] * unit, at + 1, true
			}
		}
	}
	return 0, at + 1, false
}

// period is how often periodic work is to run and in which part of that time; flexAt is nil
// where there is no flex.
func (r *workRequest) period() (every, flex int64, everyKnown, flexKnown bool, flexAt *island.Node) {
	args := r.Node.Args
	at := 0
	if len(r.Node.TypeArgs) == 0 { // the class comes first
		at = 1
	}
	every, at, everyKnown = r.duration(args, at)
	if at < len(args) {
		flexAt = args[at].Value
		flex, _, flexKnown = r.duration(args, at)
	}
	return every, flex, everyKnown, flexKnown, flexAt
}

// requestOf is the request that an expression is, nil where that is not known.
func requestOf(all []*workRequest, native *code.Program, in *code.Func, u *code.Unit, n *island.Node) *workRequest {
	if n == nil {
		return nil
	}
	if root := rootOf(n); endsIn(n, "build") && root != nil && root.Kind == island.Ident { // builder.build()
		n = root
	}
	if n.Kind == island.Ident || n.Kind == island.Member {
		for _, d := range native.Resolve(in, u, n) {
			if init := d.Init(); init != nil {
				n = init
			} else if f := native.FuncOf(d); f != nil && f.Body() != nil {
				n = f.Body()
			} else if in != nil && d.Kind == island.Variable {
				n = assigned(in.Body(), n)
			}
		}
	}
	for _, r := range all {
		if r.Node.Start >= n.Start && r.Node.End <= n.End && holdsNode(n, r.Node) {
			return r
		}
	}
	return nil
}

// assigned is what a body last assigns to a name before it is used, the name itself without.
func assigned(body, name *island.Node) *island.Node {
	value := name
	island.Walk(body, func(n *island.Node) bool {
		if n.Kind == island.Assign && n.Name == "=" && len(n.Kids) == 2 && n.End <= name.Start && lastName(n.Kids[0]) == lastName(name) {
			value = n.Kids[1]
		}
		return true
	})
	return value
}

func holdsNode(n, want *island.Node) bool {
	found := false
	island.Walk(n, func(m *island.Node) bool {
		found = found || m == want
		return !found
	})
	return found
}
