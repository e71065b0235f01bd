package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/plugins"
)

// spawned are the functions that Dart code runs in an isolate of their own.
func (p *Pass) spawned() []*entry {
	m := p.memo()
	if m.asked.spawned {
		return m.spawned
	}
	m.asked.spawned = true
	seen := make(map[*code.Func]bool)
	for _, row := range []struct{ class, method string }{{"Isolate", "run"}, {"Isolate", "spawn"}, {"", "compute"}} {
		for _, c := range p.dart().Calls(row.method) {
			on := receiver(c.Node)
			if inTests(c.Unit) || row.class == "" && on != nil || row.class != "" && (on == nil || named(on) != row.class) || c.Node.Positional(0) == nil {
				continue
			}
			if row.class == "" && len(p.dart().Resolve(c.In, c.Unit, c.Node.Kids[0])) > 0 {
				continue
			}
			for _, to := range p.dart().Targets(c.In, c.Unit, c.Node.Positional(0)) {
				if to.Func == nil || seen[to.Func] {
					continue
				}
				seen[to.Func] = true
				m.spawned = append(m.spawned, &entry{
					Entry: plugins.Entry{Class: row.class, Method: row.method}, Call: c, Arg: c.Node.Positional(0),
					To: to, Work: to.Func, program: p.dart(),
				})
			}
		}
	}
	return m.spawned
}

func isolateWithoutMessenger(p *Pass) {
	if !p.Project.Flutter {
		return
	}
	channels := plugins.Channels()
	classes := make([]string, 0, len(channels))
	for class := range channels {
		classes = append(classes, class)
	}
	slices.Sort(classes)
	for _, e := range p.spawned() {
		ready := false
		for _, c := range e.Reach().Calls("ensureInitialized") {
			ready = ready || named(c.Node.Kids[0]) == "BackgroundIsolateBinaryMessenger"
		}
		if ready {
			continue
		}
		for _, class := range classes {
			if c, ok := p.channel(e, class, channels[class]); ok {
				u, n := p.place(e, c.In, c.Node.Kids[0])
				r := p.Report(p.Node(u, n), "a spawned isolate talks to the platform by %s, but has no messenger", called(c.Node))
				r.Subject = called(c.Node)
				p.related(r, e.Call.Unit, e.Call.Node.Kids[0], "spawned here")
				break
			}
		}
	}
}

// channel is the first sure call of a class's methods that talk to the platform.
func (p *Pass) channel(e *entry, class string, methods []string) (code.Call, bool) {
	for _, m := range methods {
		name := m
		if m == "" {
			name = class
		}
		for _, c := range p.sureCalls(e, name) {
			on := receiver(c.Node)
			if len(p.dart().Resolve(c.In, c.Unit, c.Node.Kids[0])) > 0 {
				continue
			}
			if class == "" && on == nil || m == "" && on == nil || on != nil && (named(on) == class || p.typeOf(c.Unit, on) == class) {
				return c, true
			}
		}
	}
	return code.Call{}, false
}

// called is what a call calls, in words.
func called(call *island.Node) string {
	if on := receiver(call); on != nil && named(on) != "" {
		return named(on) + "." + island.CalleeName(call)
	}
	return island.CalleeName(call)
}

func rootTokenInIsolate(p *Pass) {
	for _, e := range p.spawned() {
		for _, use := range p.sure(e, "instance") {
			if use.Node.Kind == island.Member && named(use.Node.Kids[0]) == "RootIsolateToken" {
				p.Report(p.Node(use.Unit, use.Node), "RootIsolateToken.instance is null in the isolate that runs this")
				break
			}
		}
	}
}

func uiInIsolate(p *Pass) {
	if !p.Project.Flutter {
		return
	}
	for _, e := range p.spawned() {
		for _, name := range []string{"rootBundle", "runApp"} {
			uses := p.sure(e, name)
			uses = slices.DeleteFunc(uses, func(u code.Use) bool {
				return u.Node.Kind == island.Member && !prefixed(u.Unit, u.Node) || len(p.dart().Resolve(u.In, u.Unit, u.Node)) > 0
			})
			if len(uses) == 0 {
				continue
			}
			u, n := p.place(e, uses[0].In, uses[0].Node)
			r := p.Report(p.Node(u, n), "%s works in the root isolate only", name)
			r.Subject = name
			p.related(r, e.Call.Unit, e.Call.Node.Kids[0], "spawned here")
			break
		}
	}
}

// prefixed tells whether a member is a name behind an import's prefix.
func prefixed(u *code.Unit, n *island.Node) bool {
	if len(n.Kids) == 0 || n.Kids[0].Kind != island.Ident {
		return false
	}
	for i := range u.Imports {
		if u.Imports[i].Prefix != "" && u.Imports[i].Prefix == n.Kids[0].Name {
			return true
		}
	}
	return false
}

func platformStreamInIsolate(p *Pass) {
	for _, e := range p.spawned() {
		for _, name := range []string{"receiveBroadcastStream", "snapshots", "authStateChanges", "getPositionStream"} {
			for _, c := range p.sureCalls(e, name) {
				if len(p.dart().Resolve(c.In, c.Unit, c.Node.Kids[0])) > 0 || receiver(c.Node) == nil {
					continue
				}
				p.Report(p.Node(c.Unit, c.Node.Kids[0]), "%s gives no values in a spawned isolate", name).Subject = name
				break
			}
		}
	}
}

func databaseShared(p *Pass) {
	behind := make(map[*code.Func]bool)
	for _, e := range p.alone() {
		for _, f := range e.Reach().Funcs() {
			behind[f] = behind[f] || e.Reach().Sure(f)
		}
	}
	if len(behind) == 0 {
		return
	}
	stores := []struct{ class, method, what string }{{"Hive", "openBox", "Hive box"}, {"Hive", "openLazyBox", "Hive box"}, {"", "openStore", "ObjectBox store"}}
	for _, row := range stores {
		back, front := make(map[string]code.Call), make(map[string]code.Call)
		var names []string
		for _, c := range p.dart().Calls(row.method) {
			on := receiver(c.Node)
			if inTests(c.Unit) || row.class != "" && (on == nil || named(on) != row.class) || row.class == "" && on != nil || c.In == nil {
				continue
			}
			name, ok := p.value(c, c.Node.Positional(0)).String()
			if row.class != "" && !ok || row.class == "" && !imports(c.Unit, "objectbox") && !strings.Contains(c.Unit.Path, "objectbox") {
				continue
			}
			// A function that both call opens it in both.
			if behind[c.In] {
				if _, known := back[name]; !known {
					back[name] = c
					names = append(names, name)
				}
			}
			if !behind[c.In] || !p.ownWork(c.In) {
				front[name] = c
			}
		}
		p.reportShared(row.what, names, back, front)
	}
}

// reportShared reports the databases that one function of the background opens, together.
func (p *Pass) reportShared(what string, names []string, back, front map[string]code.Call) {
	said := make(map[*code.Func]*finding.Finding)
	for _, name := range names {
		other, both := front[name]
		if !both {
			continue
		}
		c := back[name]
		if f := said[c.In]; f != nil {
			f.Related = append(f.Related, finding.Related{Place: p.Node(c.Unit, c.Node), Text: "so is " + name})
			continue
		}
		f := p.Report(p.Node(c.Unit, c.Node.Kids[0]), "the %s %q is opened in the background and by the app", what, name)
		if name == "" {
			f.Message = "the " + what + " is opened in the background and by the app"
		}
		f.Subject = name
		if other.Node != c.Node {
			p.related(f, other.Unit, other.Node.Kids[0], "opened by the app")
		}
		said[c.In] = f
	}
}

// unsendable are types that no isolate takes.
var unsendable = []string{
	"ReceivePort", "RawReceivePort", "Socket", "ServerSocket", "WebSocket", "HttpClient", "StreamController", "StreamSubscription",
	"Timer", "BuildContext", "WidgetRef", "Ref", "AnimationController", "TextEditingController", "Database", "Completer", "Isolate",
}

func capturingClosure(p *Pass) {
	for _, e := range p.spawned() {
		f := e.Work
		if f.Closure == nil {
			continue
		}
		what := ""
		for _, ref := range p.dart().Captures(f) {
			switch {
			case ref.Decl == nil && ref.Param == nil && ref.Func == nil && ref.Node == nil:
				if holder := p.holds(classOf(f)); holder != "" {
					what = "this, and with it " + holder
				}
			case ref.Decl != nil:
				if t := bareType(p.declaredType(f.File, ref.Decl)); slices.Contains(unsendable, t) {
					what = ref.Decl.Name + ", a " + t
				}
			case ref.Param != nil:
				if t := bareType(ref.Param.Type); slices.Contains(unsendable, t) {
					what = ref.Param.Name + ", a " + t
				}
			}
			if what != "" {
				break
			}
		}
		if what == "" {
			continue
		}
		r := p.Report(p.Node(e.Call.Unit, e.Call.Node.Kids[0]), "the closure takes %s into the isolate", what)
		r.Subject = what
	}
}

// classOf is the class around a function.
func classOf(f *code.Func) *island.Decl {
	if f = outermost(f); f == nil || f.Decl == nil {
		return nil
	}
	return f.Decl.Parent
}

// holds names a field of a class that cannot be sent, "" without.
func (p *Pass) holds(class *island.Decl) string {
	if class == nil {
		return ""
	}
	u := p.unitOf(class)
	for _, m := range class.Members {
		if m.Kind != island.Variable || m.Has(island.Static) {
			continue
		}
		if t := bareType(p.declaredType(u, m)); slices.Contains(unsendable, t) {
			return m.Name + ", a " + t
		}
	}
	if isState(class) {
		return "the state of a widget"
	}
	return ""
}

// unitOf is the unit of a declaration.
func (p *Pass) unitOf(d *island.Decl) *code.Unit {
	for _, u := range p.dart().Units() {
		if u.File == d.File {
			return u
		}
	}
	return nil
}

// declaredType is the type of a variable as written, else the class that its first value
// is made of.
func (p *Pass) declaredType(u *code.Unit, d *island.Decl) string {
	if d.Type != "" && d.Type != "var" && d.Type != "final" {
		return d.Type
	}
	if init := d.Init(); init != nil && init.Kind == island.Call && classLike(island.CalleeName(init)) {
		return island.CalleeName(init)
	}
	return ""
}

// bareType is a type without arguments and marks.
func bareType(t string) string {
	if i := strings.IndexAny(t, "<?"); i >= 0 {
		t = t[:i]
	}
	return strings.TrimSpace(t)
}

func largeBytesCopied(p *Pass) {
	for _, c := range p.dart().Calls("send") {
		arg := c.Node.Positional(0)
		if inTests(c.Unit) || arg == nil || receiver(c.Node) == nil || !importsURI(c.Unit, "dart:isolate") {
			continue
		}
		if arg.Kind == island.Ident {
			for _, d := range p.dart().Resolve(c.In, c.Unit, arg) {
				if d.Init() != nil {
					arg = d.Init()
				}
			}
		}
		if arg.Kind == island.Await && len(arg.Kids) > 0 {
			arg = arg.Kids[0]
		}
		if arg.Kind == island.Call && (island.CalleeName(arg) == "readAsBytes" || island.CalleeName(arg) == "readAsBytesSync") {
			p.Report(p.Node(c.Unit, c.Node.Kids[0]), "all of a file's bytes are copied to the other isolate")
		}
	}
}

// importsURI tells whether a file imports a library by that name.
func importsURI(u *code.Unit, uri string) bool {
	for i := range u.Imports {
		if u.Imports[i].URI == uri {
			return true
		}
	}
	return false
}

func listenerAfterSpawn(p *Pass) {
	for _, name := range []string{"addOnExitListener", "addErrorListener"} {
		for _, c := range p.dart().Calls(name) {
			on := receiver(c.Node)
			if inTests(c.Unit) || on == nil || on.Kind != island.Ident {
				continue
			}
			for _, d := range p.dart().Resolve(c.In, c.Unit, on) {
				spawn := d.Init()
				if spawn != nil && spawn.Kind == island.Await && len(spawn.Kids) > 0 {
					spawn = spawn.Kids[0]
				}
				if spawn == nil || spawn.Kind != island.Call || island.CalleeName(spawn) != "spawn" || named(spawn.Kids[0]) != "Isolate" {
					continue
				}
				if paused := spawn.Arg("paused"); paused != nil && isTrue(paused) {
					continue
				}
				p.Report(p.Node(c.Unit, c.Node.Kids[0]), "the isolate may be gone before %s", name).Subject = name
			}
		}
	}
}

func portLeak(p *Pass) {
	seen := make(map[*island.Node]bool)
	for _, e := range p.alone() {
		if e.Job == plugins.AsService || len(e.Reach().Calls("close")) > 0 && p.closesPort(e) {
			continue
		}
		for _, c := range e.Reach().Calls("registerPortWithName") {
			if seen[c.Node] || !e.certain(c.In) || !p.release(c.Unit, c.Node) || p.bySwitch(e, c.In, c.Node) || p.takesBack(c) {
				continue
			}
			seen[c.Node] = true
			what := "%s registers a port of its own isolate and never closes it"
			if !p.ownWork(c.In) {
				what = "%s registers a port of its own isolate, in the place of the app's, and never closes it"
			}
			r := p.Report(p.Node(c.Unit, c.Node.Kids[0]), what, e.name())
			r.Subject = e.name()
			p.related(r, e.Call.Unit, e.Arg, "runs in the background from here")
		}
	}
	p.replaced(seen)
	for _, class := range []string{"ReceivePort", "RawReceivePort"} {
		for _, c := range p.dart().Calls(class) {
			if inTests(c.Unit) || receiver(c.Node) != nil || c.In == nil {
				continue
			}
			if name := p.leaks(c); name != "" {
				p.Report(p.Node(c.Unit, c.Node.Kids[0]), "the port %s is never closed", name).Subject = name
			}
		}
	}
}

// replaced reports ports whose name is taken away for the next one while they stay open.
func (p *Pass) replaced(seen map[*island.Node]bool) {
	for _, c := range p.dart().Calls("registerPortWithName") {
		port := c.Node.Positional(0)
		if seen[c.Node] || inTests(c.Unit) || port == nil || port.Kind != island.Member || port.Name != "sendPort" || p.startup()[outermost(c.In)] || !p.takesAway(c) {
			continue
		}
		for _, d := range p.dart().Resolve(c.In, c.Unit, port.Kids[0]) {
			if d.Init() == nil || !slices.Contains([]string{"ReceivePort", "RawReceivePort"}, named(d.Init())) || d.Parent != nil && d.Parent.Kind == island.Class && !isState(d.Parent) {
				continue
			}
			kept := slices.ContainsFunc(p.dart().Uses(d), func(use code.Use) bool {
				return use.Node.Start != d.NameAt && (use.In == nil || !p.onlyListens(use))
			})
			if !kept {
				r := p.Report(p.Node(c.Unit, d.Init()), "the ReceivePort %s stays open when the next one takes its name", d.Name)
				r.Subject, r.Certainty = d.Name, finding.Hint
				p.related(r, c.Unit, c.Node.Kids[0], "it is registered here, each time anew")
			}
		}
	}
}

// takesAway tells whether a function removes a port's name before it registers it.
func (p *Pass) takesAway(c code.Call) bool {
	return slices.ContainsFunc(p.dart().Calls("removePortNameMapping"), func(away code.Call) bool {
		return away.Unit == c.Unit && outermost(away.In) == outermost(c.In) && away.Node.Start < c.Node.Start
	})
}

// takesBack tells whether a function removes a port's name after it has registered it.
func (p *Pass) takesBack(c code.Call) bool {
	for _, back := range p.dart().Calls("removePortNameMapping") {
		if back.Unit == c.Unit && outermost(back.In) == outermost(c.In) && back.Node.Start > c.Node.Start {
			return true
		}
	}
	return false
}

// closesPort tells whether something on the way closes a port.
func (p *Pass) closesPort(e *entry) bool {
	for _, c := range e.Reach().Calls("close") {
		if on := receiver(c.Node); on != nil {
			if t := p.typeOf(c.Unit, on); t == "ReceivePort" || t == "RawReceivePort" || t == "" && strings.Contains(strings.ToLower(named(on)), "port") {
				return true
			}
		}
	}
	return false
}

// leaks returns the name of a local port for a spawned isolate that nothing closes, "" if
// that is not certain.
func (p *Pass) leaks(c code.Call) string {
	var local *island.Decl
	c.In.Walk(func(n *island.Node) bool {
		if n.Kind == island.Local && n.Decl != nil && n.Decl.Init() == c.Node {
			local = n.Decl
		}
		return local == nil
	})
	if local == nil {
		return ""
	}
	spawns := false
	for _, call := range p.dart().Calls("spawn") {
		spawns = spawns || call.Unit == c.Unit && outermost(call.In) == outermost(c.In)
	}
	if !spawns {
		return ""
	}
	for _, use := range p.dart().Uses(local) {
		if use.Node.Start == local.NameAt {
			continue
		}
		if !p.onlyListens(use) {
			return ""
		}
	}
	return local.Name
}

// onlyListens tells whether a use of a port takes its send port, or listens and keeps
// nothing by which to stop: a subscription that is cancelled closes the port.
func (p *Pass) onlyListens(use code.Use) bool {
	only := false
	island.Walk(outermost(use.In).Body(), func(n *island.Node) bool {
		switch {
		case n.Kind == island.Member && len(n.Kids) > 0 && n.Kids[0] == use.Node:
			only = n.Name == "sendPort" || n.Name == "handler"
		case n.Kind == island.Expr && len(n.Kids) > 0 && n.Kids[0].Kind == island.Call && island.CalleeName(n.Kids[0]) == "listen":
			only = only || receiver(n.Kids[0]) == use.Node
		}
		return !only && n.Start <= use.Node.Start && use.Node.End <= n.End
	})
	return only
}

func codeAfterExit(p *Pass) {
	for _, c := range p.dart().Calls("exit") {
		if inTests(c.Unit) || named(c.Node.Kids[0]) != "Isolate" || c.In == nil {
			continue
		}
		var after *island.Node
		c.In.Walk(func(n *island.Node) bool {
			switch n.Kind {
			case island.Try:
				last := n.Kids[len(n.Kids)-1]
				if last.Kind == island.Finally && n.Start <= c.Node.Start && c.Node.End <= last.Start && len(last.Kids) > 0 && len(last.Kids[0].Kids) > 0 {
					after = last.Kids[0].Kids[0]
				}
			case island.Block, island.Case:
				for i, s := range n.Kids {
					if s.Kind == island.Expr && len(s.Kids) > 0 && s.Kids[0] == c.Node && i+1 < len(n.Kids) {
						if next := n.Kids[i+1]; next.Kind != island.Return && next.Kind != island.Break && next.Kind != island.Case {
							after = next
						}
					}
				}
			}
			return after == nil
		})
		if after != nil {
			r := p.Report(p.Node(c.Unit, c.Node.Kids[0]), "Isolate.exit never returns: what comes after it does not run")
			p.related(r, c.Unit, after, "never runs")
		}
	}
}
