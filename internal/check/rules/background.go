package rules

import (
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/plugins"
)

// Memo keeps what several rules ask of one project. The zero value is ready.
type Memo struct {
	nothing *code.Program // in the place of one that is not there
	entries []*entry
	starts  []start
	asked   struct{ entries, starts, spawned bool }
	spawned []*entry
	own     map[*code.Func]bool
	startup map[*code.Func]bool
	escapes map[*code.Func][]*island.Node
}

// entry is a function that a plugin runs without the app's screen.
type entry struct {
	plugins.Entry
	Call code.Call    // that hands it over
	Arg  *island.Node // by which it is named there
	To   code.Callback
	Work *code.Func // what does the work: inside of a dispatcher its handler; nil where unresolved

	hooks   []*code.Func   // methods of an object that it hands over, by which the plugin calls it again
	params  []island.Param // of a dispatcher's handler, also where Work is inside of it
	again   bool           // the same function has been handed over for the same job elsewhere
	program *code.Program
	reach   *code.Reach
}

// start is a call that asks for runs.
type start struct {
	plugins.Start
	code.Call
}

// dart is the project's Dart program, an empty one where it has none.
func (p *Pass) dart() *code.Program {
	if p.Project.Dart != nil {
		return p.Project.Dart
	}
	m := p.memo()
	if m.nothing == nil {
		m.nothing = code.New(nil, nil)
	}
	return m.nothing
}

func (p *Pass) memo() *Memo {
	if p.Memo == nil {
		p.Memo = new(Memo)
	}
	return p.Memo
}

// inTests tells whether a file is a test's.
func inTests(u *code.Unit) bool {
	for _, dir := range []string{"test/", "integration_test/", "test_driver/"} {
		if strings.HasPrefix(u.Path, dir) || strings.Contains(u.Path, "/"+dir) {
			return true
		}
	}
	return false
}

// calls are the calls of a method of a class outside of tests; those of a function, or of
// any class, where class is "". On a receiver whose type is not known it goes by what the
// file imports.
func (p *Pass) calls(pkg, class, method string) []code.Call {
	var out []code.Call
	for _, c := range p.dart().Calls(method) {
		if !inTests(c.Unit) && p.on(c, pkg, class) {
			out = append(out, c)
		}
	}
	return out
}

// on tells whether a call's receiver is a class, an instance of it, or may be.
func (p *Pass) on(c code.Call, pkg, class string) bool {
	if class == "" {
		return true
	}
	callee := c.Node.Kids[0]
	if callee.Kind == island.Ident {
		return callee.Name == class
	}
	if callee.Kind != island.Member || len(callee.Kids) == 0 {
		return false
	}
	receiver := callee.Kids[0]
	if named(receiver) == class {
		return true
	}
	if t := p.dart().TypeName(c.Unit, receiver); t != "" {
		return t == class
	}
	if receiver.Kind == island.Ident && receiver.Name == "" { // a cascade
		return imports(c.Unit, pkg)
	}
	// Every second plugin has one of these.
	switch callee.Name {
	case "initialize", "init", "configure", "cancel", "cancelAll", "periodic", "start", "show":
		return false
	}
	return imports(c.Unit, pkg) && len(p.dart().Resolve(c.In, c.Unit, callee)) == 0 && !classLike(named(receiver))
}

// named is the class that an expression starts from: C, C(), C.instance, p.C(), C.instance.
func named(n *island.Node) string {
	for n != nil {
		switch n.Kind {
		case island.Ident:
			return n.Name
		case island.Call:
			n = n.Kids[0]
		case island.Member:
			if classLike(n.Name) {
				return n.Name
			}
			n = n.Kids[0]
		case island.Await, island.Unary:
			n = n.Kids[0]
		default:
			return ""
		}
	}
	return ""
}

func classLike(name string) bool {
	name = strings.TrimLeft(name, "_")
	return name != "" && name[0] >= 'A' && name[0] <= 'Z'
}

// imports tells whether a file imports a package, or one whose name begins like it.
func imports(u *code.Unit, pkg string) bool {
	for i := range u.Imports {
		if rest, ok := strings.CutPrefix(u.Imports[i].URI, "package:"+pkg); ok && (rest == "" || rest[0] == '/' || rest[0] == '_') {
			return true
		}
	}
	return false
}

// uses tells whether some file of the project imports a package.
func (p *Pass) uses(pkg string) bool {
	for _, u := range p.dart().Units() {
		if imports(u, pkg) && !inTests(u) {
			return true
		}
	}
	return false
}

// entries are all functions that are handed over to plugins, in the order of the table.
func (p *Pass) entries() []*entry {
	m := p.memo()
	if m.asked.entries {
		return m.entries
	}
	m.asked.entries = true
	for _, row := range plugins.Entries() {
		method := row.Method
		if method == "" {
			method = row.Class
		}
		for _, c := range p.dart().Calls(method) {
			if inTests(c.Unit) {
				continue
			}
			arg := c.Node.Arg(row.Label)
			if row.Label == "" {
				arg = c.Node.Positional(row.Arg)
			}
			if arg == nil || arg.Kind == island.Null {
				continue
			}
			// A label of its own says enough, as does a dispatcher by what is inside of it.
			targets := p.dart().Targets(c.In, c.Unit, arg)
			if !(row.Method == "" && island.CalleeName(c.Node) == row.Class) && !strings.HasPrefix(row.Label, "on") &&
				!p.on(c, row.Plugin, row.Class) && !(imports(c.Unit, row.Plugin) && p.dispatches(targets, row)) {
				continue
			}
			for _, to := range targets {
				m.entries = append(m.entries, p.entry(row, c, arg, to)...)
			}
		}
	}
	type run struct {
		work *code.Func
		job  plugins.Job
	}
	seen := make(map[run]bool)
	for _, e := range m.entries {
		e.again = seen[run{e.Work, e.Job}]
		seen[run{e.Work, e.Job}] = true
	}
	return m.entries
}

// dispatches tells whether one of the functions calls what only a dispatcher calls.
func (p *Pass) dispatches(targets []code.Callback, row plugins.Entry) bool {
	if row.Inner == "" {
		return false
	}
	for _, to := range targets {
		if to.Func != nil && len(p.inside(to.Func, row.Inner)) > 0 {
			return true
		}
	}
	return false
}

// inside are the calls of a name in f and in what it calls.
func (p *Pass) inside(f *code.Func, name string) []code.Call {
	return p.dart().Reach(f).Calls(name)
}

// entry makes the entries of one function: a dispatcher's handlers, else itself.
func (p *Pass) entry(row plugins.Entry, c code.Call, arg *island.Node, to code.Callback) []*entry {
	base := entry{Entry: row, Call: c, Arg: arg, To: to, Work: to.Func, program: p.dart()}
	if row.Inner == "" || to.Func == nil {
		base.Work = p.unwrapped(base.Work)
		base.hooks = p.hooks(row, to.Func)
		return []*entry{&base}
	}
	var out []*entry
	for _, inner := range p.inside(to.Func, row.Inner) {
		for _, work := range p.dart().Targets(inner.In, inner.Unit, inner.Node.Positional(0)) {
			e := base
			e.Work, e.params = p.unwrapped(work.Func), paramsOf(work.Func)
			out = append(out, &e)
		}
	}
	if len(out) == 0 {
		base.Work = nil
		return []*entry{&base}
	}
	return out
}

// hooks are the methods of the handler that a function gives to its foreground task.
func (p *Pass) hooks(row plugins.Entry, f *code.Func) []*code.Func {
	if row.Plugin != foregroundTask || f == nil {
		return nil
	}
	var out []*code.Func
	for _, c := range p.inside(f, "setTaskHandler") {
		handler := c.Node.Positional(0)
		if handler == nil || handler.Kind != island.Call {
			continue
		}
		for _, d := range p.dart().Resolve(c.In, c.Unit, handler.Kids[0]) {
			for d != nil && d.Kind != island.Class {
				d = d.Parent
			}
			for _, m := range membersOf(d) {
				if g := p.dart().FuncOf(m); g != nil && m.Has(island.Override) {
					out = append(out, g)
				}
			}
		}
	}
	return out
}

// unwrapped is what a function hands to another one of the project that does nothing but run it,
// such as one that logs: (task) => logged(task, () async { ... }). Else it is f itself.
func (p *Pass) unwrapped(f *code.Func) *code.Func {
	if f == nil {
		return nil
	}
	body := f.Body()
	for body != nil && body.Kind == island.Await && len(body.Kids) > 0 {
		body = body.Kids[0]
	}
	if body == nil || body.Kind != island.Call {
		return f
	}
	var inner *island.Node
	for _, a := range body.Args {
		if a.Value == nil || a.Value.Kind != island.Closure || len(a.Value.Kids) == 0 {
			continue
		}
		if inner != nil || len(a.Value.Params) > 0 {
			return f
		}
		inner = a.Value
	}
	if inner == nil {
		return f
	}
	for _, d := range p.dart().Resolve(f, f.File, body.Kids[0]) {
		if !justRuns(p.dart().FuncOf(d)) {
			return f
		}
		if g := p.dart().FuncAt(f.File, inner.Kids[0].Start); g != nil && g.Closure == inner {
			return g
		}
	}
	return f
}

// justRuns tells whether a function calls one of its parameters, and throws on what it catches.
func justRuns(f *code.Func) bool {
	if f == nil || f.Body() == nil {
		return false
	}
	runs, swallows := false, false
	island.Walk(f.Body(), func(n *island.Node) bool {
		switch n.Kind {
		case island.Call:
			for _, param := range f.Decl.Params {
				runs = runs || n.Kids[0].Kind == island.Ident && n.Kids[0].Name == param.Name
			}
		case island.Catch:
			throws := false
			island.Walk(n, func(n *island.Node) bool {
				throws = throws || n.Kind == island.Throw
				return !throws
			})
			swallows = swallows || !throws
		}
		return true
	})
	return runs && !swallows
}

// Reach is what may run when the entry does.
func (e *entry) Reach() *code.Reach {
	if e.reach == nil {
		roots := []*code.Func{e.Work}
		if e.To.Func != nil && e.To.Func != e.Work {
			roots = append(roots, e.To.Func)
		}
		roots = append(roots, e.hooks...)
		e.reach = e.program.ReachIn(code.World{Build: "release"}, roots...)
	}
	return e.reach
}

// longestWay is how many steps from an entry a reader would follow.
const longestWay = 7

// certain tells whether f runs when the entry does, as far as a reader would say: on no
// guess, not through the code of a screen, and not far away.
func (e *entry) certain(f *code.Func) bool {
	if f == nil || !e.Reach().Sure(f) || e.Reach().Depth(f) >= longestWay {
		return false
	}
	for _, step := range e.Reach().Path(f) {
		if out := outermost(step); out.Decl != nil && out.Decl.Parent != nil && isState(out.Decl.Parent) && step != e.Work && outermost(e.Work) != out {
			return false
		}
	}
	return true
}

// working are the entries whose work is known, one for each function.
func (p *Pass) working() []*entry {
	var out []*entry
	for _, e := range p.entries() {
		if e.Work != nil && !e.again {
			out = append(out, e)
		}
	}
	return out
}

// name is what to call the entry in a message.
func (e *entry) name() string {
	switch {
	case e.To.Decl != nil:
		return e.To.Decl.Name
	case e.Work != nil:
		return e.Work.Name()
	case e.To.Func != nil:
		return e.To.Func.Name()
	}
	return "the function"
}

// starts are the calls that ask for runs.
func (p *Pass) starts() []start {
	m := p.memo()
	if m.asked.starts {
		return m.starts
	}
	m.asked.starts = true
	for _, row := range plugins.Starts() {
		for _, c := range p.dart().Calls(row.Method) {
			if inTests(c.Unit) || len(c.Node.Args) == 0 {
				continue
			}
			// The name says enough, unless it is a function of the app's own.
			if p.on(c, row.Plugin, row.Class) || imports(c.Unit, row.Plugin) && len(p.dart().Resolve(c.In, c.Unit, c.Node.Kids[0])) == 0 {
				m.starts = append(m.starts, start{row, c})
			}
		}
	}
	return m.starts
}

// unique is the argument with the unique name.
func (s *start) unique() *island.Node {
	if n := s.Node.Arg("uniqueName"); n != nil {
		return n
	}
	return s.Node.Positional(s.Unique)
}

// task is the argument with the name of the task.
func (s *start) task() *island.Node {
	if n := s.Node.Arg("taskName"); n != nil {
		return n
	}
	return s.Node.Positional(s.Task)
}

// value folds an argument.
func (p *Pass) value(c code.Call, n *island.Node) code.Value {
	if n == nil {
		return code.Value{}
	}
	return p.dart().Value(c.In, c.Unit, n)
}

// place is where to report what happens at a node of f on the way from an entry: the last
// step that is the background's own, for what comes after is used by the app as well. The
// node itself where that is in the entry's file.
func (p *Pass) place(e *entry, f *code.Func, n *island.Node) (*code.Unit, *island.Node) {
	way := e.Reach().Path(f)
	if len(way) == 0 {
		return f.File, n
	}
	home := way[0].File
	last := 0
	for last+1 < len(way) {
		next := way[last+1]
		if next.File != home && !(p.onlyPasses(way[last]) && p.ownWork(next)) {
			break
		}
		home = next.File
		last++
	}
	// Not below the first function that leaves the file for good.
	if last == len(way)-1 {
		return f.File, n
	}
	for _, edge := range p.dart().Callees(way[last]) {
		if edge.To == way[last+1] {
			return way[last].File, edge.Node
		}
	}
	return f.File, n
}

// onlyPasses tells whether f does little more than to call one function of the program.
func (p *Pass) onlyPasses(f *code.Func) bool {
	to := make(map[*code.Func]bool)
	for _, edge := range p.dart().Callees(f) {
		if !edge.Guess && edge.To.Closure == nil && edge.To.Decl.Kind == island.Function {
			to[edge.To] = true
		}
	}
	return len(to) == 1
}

// ownWork tells whether only background code uses a function.
func (p *Pass) ownWork(f *code.Func) bool {
	m := p.memo()
	if m.own == nil {
		m.own = make(map[*code.Func]bool)
		for _, e := range p.working() {
			m.own[e.Work], m.own[e.To.Func] = true, true
		}
	}
	for at := f; at != nil; at = at.Outer {
		if m.own[at] {
			return true
		}
	}
	f = outermost(f)
	if f == nil || f.Decl == nil {
		return false
	}
	if own, known := m.own[f]; known {
		return own
	}
	m.own[f] = true // a function that calls itself
	uses, own := 0, true
	for use := range p.dart().EachUse(f.Decl) {
		if inTests(use.Unit) {
			continue
		}
		uses++
		if own = use.In != nil && p.ownWork(use.In); !own {
			break
		}
	}
	m.own[f] = own && uses > 0
	return m.own[f]
}

// release tells whether a node can run in what users get.
func (p *Pass) release(u *code.Unit, n *island.Node) bool {
	return p.dart().May(code.World{Build: "release"}, u, n)
}

// reported tells whether this pass has a finding there: two entries may come the same way.
func (p *Pass) reported(u *code.Unit, n *island.Node) bool {
	for _, f := range p.found {
		if f.Place.File == u.Path && f.Place.Start == n.Start {
			return true
		}
	}
	return false
}

// related adds another place to a finding.
func (p *Pass) related(f *finding.Finding, u *code.Unit, n *island.Node, text string) {
	f.Related = append(f.Related, finding.Related{Place: p.Node(u, n), Text: text})
}
