package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/plugins"
)

// visible are calls that are the work itself wherever they stand.
var visible = map[string]bool{"show": true, "createNotification": true, "zonedSchedule": true, "updateWidget": true}

// meant tells whether a comment above a line says that nobody is to wait.
func meant(d code.Dropped) bool {
	line, _ := d.Unit.Position(d.Node.Start)
	for i := range d.Unit.Comments {
		c := &d.Unit.Comments[i]
		if c.Start > d.Node.End {
			return false
		}
		if !strings.Contains(c.Text, "unawaited_futures") && !strings.Contains(c.Text, "discarded_futures") {
			continue
		}
		if at, _ := d.Unit.Position(c.End - 1); strings.Contains(c.Text, "ignore_for_file") || at == line || at+1 == line {
			return true
		}
	}
	return false
}

func notAwaited(p *Pass) {
	seen := make(map[*island.Node]bool)
	for _, e := range p.working() {
		if !e.Ends {
			continue
		}
		for _, f := range e.Reach().Funcs() {
			if !e.certain(f) {
				continue
			}
			for _, d := range p.dart().Unawaited(f, p.givesFuture) {
				// Of what the app uses as well only the calls that are the work itself.
				if seen[d.Node] || !p.lost(d) || meant(d) || !p.release(d.Unit, d.Node) || p.bySwitch(e, f, d.Node) || !p.isVisible(d) && e.Reach().Depth(f) > 1 && !p.ownWork(f) {
					continue
				}
				seen[d.Node] = true
				r := p.Report(p.Node(d.Unit, d.Node.Kids[0]), "%s does not wait for %s: it is cut off when the run ends", e.name(), island.CalleeName(d.Node))
				r.Subject = f.Name() + " " + island.CalleeName(d.Node)
				if ds := p.dart().Resolve(f, d.Unit, d.Node.Kids[0]); len(ds) > 0 && ds[0].Type == "void" {
					r.Fix = "Declare it as Future<void>, and await it"
				}
				if way := e.Reach().Path(f); len(way) > 2 {
					p.related(r, e.Call.Unit, e.Arg, "runs in the background from here")
				}
			}
		}
	}
}

// isVisible tells whether a call is one of those that a user sees, or of a function that waits for one.
func (p *Pass) isVisible(d code.Dropped) bool {
	if visible[island.CalleeName(d.Node)] {
		return true
	}
	ds := p.dart().Resolve(d.In, d.Unit, d.Node.Kids[0])
	if len(ds) != 1 || p.dart().FuncOf(ds[0]) == nil {
		return false
	}
	return slices.ContainsFunc(p.dart().FuncOf(ds[0]).Awaits(), func(n *island.Node) bool {
		return n.Kind == island.Await && len(n.Kids) > 0 && n.Kids[0].Kind == island.Call && visible[island.CalleeName(n.Kids[0])]
	})
}

func workTooLong(p *Pass) {
	for _, e := range p.working() {
		limit, what := longestRun(), "a run of Android"
		switch {
		case e.Job == plugins.OnFetch || e.Label == "onBackground":
			limit, what = refreshRun(), "a refresh of iOS"
		case e.Plugin != "workmanager":
			continue
		}
		if p.waits(e, limit, what) {
			continue
		}
		if c, loop := p.endless(e); loop != nil {
			r := p.Report(p.Span(c.File, island.Span{Start: loop.Start, End: loop.Start + len("while")}), "%s does not end this loop, but %s may be stopped after %s", e.name(), what, span(limit))
			r.Subject = e.name()
		}
	}
}

// waits reports a pause that is longer than a run may be.
func (p *Pass) waits(e *entry, limit int64, what string) bool {
	for _, c := range p.sureCalls(e, "delayed") {
		if named(c.Node.Kids[0]) != "Future" || e.Reach().Depth(c.In) > 1 && !p.ownWork(c.In) {
			continue
		}
		v := p.value(c, c.Node.Positional(0))
		if len(v.Ints()) != 1 || !v.Exact || v.Ints()[0] < limit {
			continue
		}
		r := p.Report(p.Node(c.Unit, c.Node.Positional(0)), "%s waits for %s, but %s may be stopped after %s", e.name(), span(v.Ints()[0]), what, span(limit))
		r.Subject = e.name()
		return true
	}
	return false
}

// endless is a loop that nothing ends, on the sure ways from an entry.
func (p *Pass) endless(e *entry) (*code.Func, *island.Node) {
	for _, f := range e.Reach().Funcs() {
		if !e.certain(f) || !p.awaited(e, f) {
			continue
		}
		var loop *island.Node
		f.Walk(func(n *island.Node) bool {
			if n.Kind != island.While || loop != nil || n.Name == "do" || len(n.Kids) < 2 || !isTrue(n.Kids[0]) || !p.release(f.File, n) {
				return loop == nil
			}
			ends := false
			island.Walk(n.Kids[len(n.Kids)-1], func(x *island.Node) bool {
				switch x.Kind {
				case island.Closure:
					return false
				case island.Break, island.Return, island.Throw, island.Yield:
					ends = true
				}
				return !ends
			})
			if !ends {
				loop = n
			}
			return true
		})
		if loop != nil && (e.Reach().Depth(f) <= 1 || p.ownWork(f)) {
			return f, loop
		}
	}
	return nil, nil
}

// awaited tells whether f is the entry's work or a declared function on its way.
func (p *Pass) awaited(e *entry, f *code.Func) bool {
	return f == e.Work || f.Closure == nil
}

func backgroundServiceStart(p *Pass) {
	workerServiceStart(p)
	plainServiceStart(p)
	for _, e := range p.alone() {
		if e.Job != plugins.OnSchedule && e.Job != plugins.OnFetch || e.Label == "onBackground" {
			continue
		}
		for _, row := range []struct{ pkg, class string }{{"flutter_background_service", "FlutterBackgroundService"}, {"flutter_foreground_task", "FlutterForegroundTask"}} {
			for _, c := range p.sureCalls(e, "startService") {
				if !p.on(c, row.pkg, row.class) || !p.dart().May(code.World{OS: OnAndroid, Build: "release"}, c.Unit, c.Node) {
					continue
				}
				u, n := p.place(e, c.In, c.Node.Kids[0])
				r := p.Report(p.Node(u, n), "%s starts a foreground service from the background", e.name())
				r.Subject = e.name()
				break
			}
		}
	}
}

// periodic tells whether an entry runs by a period, and is not asked for once.
func (p *Pass) periodic(e *entry) bool {
	switch {
	case e.Job == plugins.OnFetch:
		return true
	case e.Plugin == "workmanager":
		for _, s := range p.starts() {
			if s.Periodic && s.Plugin == e.Plugin {
				return true
			}
		}
	}
	return false
}

func periodicForTimeCritical(p *Pass) {
	for _, s := range p.starts() {
		if !s.Periodic {
			continue
		}
		for _, us := range p.value(s.Call, s.Node.Arg(s.Every)).Ints() {
			if us > 0 && us < minFlex() {
				r := p.Report(p.Call(s.Unit, s.Node), "periodic work cannot run each %s: %s is the least, and no promise", span(us), span(minPeriod()))
				r.Subject = p.nameOf(s)
				break
			}
		}
	}
	seen := make(map[*island.Node]bool)
	for _, e := range p.working() {
		if !p.periodic(e) {
			continue
		}
		for _, f := range e.Reach().Funcs() {
			if !e.certain(f) {
				continue
			}
			n := p.timeOfDay(f)
			if n == nil || seen[n] {
				continue
			}
			seen[n] = true
			r := p.Report(p.Node(f.File, n), "%s acts only if it happens to run near a time of day", e.name())
			r.Subject = f.Name()
		}
	}
}

// timeOfDay is a comparison of now with a time of day, to within some time or to the
// minute; nil without.
func (p *Pass) timeOfDay(f *code.Func) *island.Node {
	made, now := false, false
	var near, exact *island.Node
	f.Walk(func(n *island.Node) bool {
		switch {
		case n.Kind == island.Call && named(n.Kids[0]) == "DateTime" && island.CalleeName(n) == "now":
			now = true
		case n.Kind == island.Call && island.CalleeName(n) == "DateTime" && n.Positional(4) != nil:
			if n.Positional(0).Kind == island.Member && n.Positional(0).Name == "year" && n.Positional(3).Kind != island.Number {
				made = true
			}
		case n.Kind == island.Binary && (n.Name == "<" || n.Name == "<=") && len(n.Kids) == 2 && mentions(n.Kids[0], "difference"):
			near = n
		case n.Kind == island.Binary && n.Name == "==" && len(n.Kids) == 2 && isMinute(n.Kids[0]) && n.Kids[1].Kind != island.Number:
			exact = n
		}
		return true
	})
	switch {
	case now && made && near != nil:
		return near
	case now && exact != nil:
		return exact
	}
	return nil
}

func isMinute(n *island.Node) bool { return n.Kind == island.Member && n.Name == "minute" }

// mentions tells whether a member or a name is in an expression.
func mentions(n *island.Node, name string) bool {
	found := false
	island.Walk(n, func(x *island.Node) bool {
		found = found || (x.Kind == island.Member || x.Kind == island.Ident) && x.Name == name
		return !found
	})
	return found
}

func periodicForWidget(p *Pass) {
	if !p.uses("home_widget") {
		return
	}
	seen := make(map[*island.Node]bool)
	for _, e := range p.working() {
		if !p.periodic(e) {
			continue
		}
		for _, c := range e.Reach().Calls("updateWidget") {
			if c.In == nil || !p.on(c, "home_widget", "HomeWidget") || !p.release(c.Unit, c.Node) || p.guessed(e, c.In) > 1 {
				continue
			}
			u, n := p.place(e, c.In, c.Node.Kids[0])
			if seen[n] {
				break
			}
			seen[n] = true
			r := p.Report(p.Node(u, n), "%s runs periodically to refresh a home-screen widget", e.name())
			r.Subject = e.name()
			if n != c.Node.Kids[0] {
				p.related(r, c.Unit, c.Node.Kids[0], "refreshed here")
			}
			break
		}
	}
}

// guessed is how many steps of the way to f are guesses about a receiver.
func (p *Pass) guessed(e *entry, f *code.Func) int {
	way, guesses := e.Reach().Path(f), 0
	for i := 0; i+1 < len(way); i++ {
		sure := false
		for _, edge := range p.dart().Callees(way[i]) {
			sure = sure || edge.To == way[i+1] && !edge.Guess
		}
		if !sure {
			guesses++
		}
	}
	return guesses
}

func timerAsScheduler(p *Pass) {
	for _, c := range p.dart().Calls("periodic") {
		if inTests(c.Unit) || named(c.Node.Kids[0]) != "Timer" || !p.release(c.Unit, c.Node) {
			continue
		}
		v := p.value(c, c.Node.Positional(0))
		if !v.Exact || len(v.Ints()) != 1 || v.Ints()[0] < minPeriod() || p.inService(c.In) || !p.atLaunch(c) {
			continue
		}
		r := p.Report(p.Node(c.Unit, c.Node.Kids[0]), "a timer of %s does not run while the app is not on the screen", span(v.Ints()[0]))
		r.Certainty = finding.Hint
	}
}

// inService tells whether f runs in a service that keeps its process.
func (p *Pass) inService(f *code.Func) bool {
	for _, e := range p.working() {
		if e.Job == plugins.AsService && f != nil && e.Reach().Has(f) {
			return true
		}
	}
	return false
}
