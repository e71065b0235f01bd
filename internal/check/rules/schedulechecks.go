package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/work"
)

// runsOn are the starts that may run on a system.
func (p *Pass) runsOn(os string) []start {
	var out []start
	for _, s := range p.starts() {
		if p.mayRunOn(os, s.Call) {
			out = append(out, s)
		}
	}
	return out
}

func periodTooShort(p *Pass) {
	for _, s := range p.runsOn(OnAndroid) {
		n := s.Node.Arg(s.Every)
		if n == nil {
			continue
		}
		v := p.value(s.Call, n)
		if v.Min != nil && *v.Min >= minPeriod() {
			continue
		}
		for _, us := range v.Ints() {
			if us > 0 && us < minPeriod() {
				f := p.Report(p.Arg(s.Unit, s.Node, s.Every), "a period of %s is raised to %s", span(us), span(minPeriod()))
				f.Subject = p.nameOf(s)
				break
			}
		}
	}
	for _, c := range p.calls("android_alarm_manager_plus", "AndroidAlarmManager", "periodic") {
		for _, us := range p.value(c, c.Node.Positional(0)).Ints() {
			if us > 0 && us < minAlarm() {
				f := p.Report(p.Node(c.Unit, c.Node.Positional(0)), "a period of %s is raised to %s", span(us), span(minAlarm()))
				f.Subject = "AndroidAlarmManager.periodic"
				break
			}
		}
	}
	for _, c := range p.dart().Calls("BackgroundFetchConfig") {
		if inTests(c.Unit) || !imports(c.Unit, "background_fetch") {
			continue
		}
		for _, minutes := range p.value(c, c.Node.Arg("minimumFetchInterval")).Ints() {
			if us := minutes * 60_000_000; us > 0 && us < minPeriod() {
				f := p.Report(p.Arg(c.Unit, c.Node, "minimumFetchInterval"), "an interval of %s is raised to %s", span(us), span(minPeriod()))
				f.Subject = "minimumFetchInterval"
				break
			}
		}
	}
}

// nameOf is the unique name of a start where it is known.
func (p *Pass) nameOf(s start) string {
	name, _ := p.value(s.Call, s.unique()).String()
	return name
}

func uniqueNameChanges(p *Pass) {
	for _, s := range p.starts() {
		if !s.Periodic {
			continue
		}
		if by := p.changing(s.In, s.Unit, s.unique(), 0); by != "" {
			p.Report(p.Node(s.Unit, s.unique()), "the unique name is made from %s, so that each registration makes one more task", by)
		}
	}
}

// changing tells what makes an expression another one each time, "" where nothing does.
func (p *Pass) changing(in *code.Func, u *code.Unit, n *island.Node, depth int) string {
	by := ""
	island.Walk(n, func(x *island.Node) bool {
		switch {
		case by != "" || x.Kind == island.Closure:
			return false
		case x.Kind == island.Call && named(x.Kids[0]) == "DateTime" && island.CalleeName(x) == "now":
			by = "the clock"
		case x.Kind == island.Call && (island.CalleeName(x) == "Uuid" || island.CalleeName(x) == "UniqueKey"):
			by = "a UUID"
		case x.Kind == island.Call && island.CalleeName(x) == "Random":
			by = "a random number"
		case x.Kind == island.Ident && depth < 4:
			for _, d := range p.dart().Resolve(in, u, x) {
				if d.Kind == island.Variable && d.Init() != nil && by == "" {
					by = p.changing(in, u, d.Init(), depth+1)
				}
			}
		}
		return by == ""
	})
	return by
}

func reregisterEachLaunch(p *Pass) {
	for _, s := range p.runsOn(OnAndroid) {
		if !s.Periodic || !p.atLaunch(s.Call) {
			continue
		}
		if p.is(s.Call, s.Node.Arg(s.Policy), "replace") {
			f := p.Report(p.Arg(s.Unit, s.Node, s.Policy), "replace begins the period anew at each launch")
			f.ID, f.Subject = "W04", p.nameOf(s)
			continue
		}
		if c, ok := p.cancelled(s); ok {
			f := p.Report(p.Node(c.Unit, c.Node.Kids[0]), "the work is cancelled and registered anew at each launch")
			f.Subject = p.nameOf(s)
			p.related(f, s.Unit, s.Node.Kids[0], "registered here")
		}
	}
}

// is tells whether an argument can be no other enum value than that.
func (p *Pass) is(c code.Call, n *island.Node, value string) bool {
	if n == nil {
		return false
	}
	if n.Kind == island.Member && n.Name == value {
		return true
	}
	v := p.value(c, n)
	return v.Exact && len(v.Cases) == 1 && v.Cases[0].Kind == code.EnumName && v.Cases[0].Text == value
}

// cancelled is a cancel of the same work that comes before a start in its function.
func (p *Pass) cancelled(s start) (code.Call, bool) {
	name := p.nameOf(s)
	for _, method := range []string{"cancelAll", "cancelByUniqueName"} {
		for _, c := range p.calls(s.Plugin, s.Class, method) {
			if c.Unit != s.Unit || c.In == nil || s.In == nil || outermost(c.In) != outermost(s.In) || c.Node.Start > s.Node.Start {
				continue
			}
			if method == "cancelAll" {
				return c, true
			}
			if one, ok := p.value(c, c.Node.Positional(0)).String(); ok && one == name {
				return c, true
			}
		}
	}
	return code.Call{}, false
}

func periodDropped(p *Pass) {
	old := p.Project.Plugins["workmanager"].In("<0.9.0") == yes
	for _, s := range p.runsOn(OnAndroid) {
		every, policy := s.Node.Arg(s.Every), s.Node.Arg(s.Policy)
		if !s.Periodic || every == nil || !(policy == nil && old || p.is(s.Call, policy, "keep")) {
			continue
		}
		v := p.value(s.Call, every)
		if v.Exact && len(v.Cases) == 1 || !p.fromSettings(every) {
			continue
		}
		if _, ok := p.cancelled(s); ok {
			continue
		}
		f := p.Report(p.Arg(s.Unit, s.Node, s.Every), "the period can change, but work that is already there is kept with its old one")
		f.Subject = p.nameOf(s)
	}
}

// fromSettings tells whether an expression takes a value from somewhere.
func (p *Pass) fromSettings(n *island.Node) bool {
	some := false
	island.Walk(n, func(x *island.Node) bool {
		some = some || x.Kind == island.Ident && !classLike(x.Name)
		return !some
	})
	return some
}

func uniqueNameShared(p *Pass) {
	type use struct {
		s    start
		task string
	}
	seen := make(map[string]use)
	for _, s := range p.starts() {
		name, task := p.nameOf(s), ""
		if s.task() != nil {
			task, _ = p.value(s.Call, s.task()).String()
		}
		if name == "" || task == "" {
			continue
		}
		other, known := seen[name]
		if !known {
			seen[name] = use{s, task}
			continue
		}
		if other.task == task && other.s.Periodic == s.Periodic {
			continue
		}
		what := fmt.Sprintf("%q is the unique name of the tasks %q and %q", name, other.task, task)
		if other.task == task {
			what = fmt.Sprintf("%q is the unique name of periodic and of one-off work", name)
		}
		f := p.Report(p.Node(s.Unit, s.unique()), "%s", what)
		f.Subject = name
		p.related(f, other.s.Unit, other.s.unique(), "the other one")
	}
}

func backoffIncomplete(p *Pass) {
	if p.Project.Plugins["workmanager"].In(">=0.8.0") == no {
		return
	}
	for _, s := range p.runsOn(OnAndroid) {
		policy, delay := s.Node.Arg("backoffPolicy"), s.Node.Arg("backoffPolicyDelay")
		switch {
		case policy != nil && delay == nil:
			p.Report(p.Arg(s.Unit, s.Node, "backoffPolicy"), "backoffPolicy without backoffPolicyDelay is dropped").Subject = p.nameOf(s)
		case policy == nil && delay != nil:
			p.Report(p.Arg(s.Unit, s.Node, "backoffPolicyDelay"), "backoffPolicyDelay without backoffPolicy is dropped").Subject = p.nameOf(s)
		}
	}
}

func quotaPolicy(p *Pass) {
	if p.Project.Plugins["workmanager"].In(">=0.10.2") != yes {
		return
	}
	for _, s := range p.runsOn(OnAndroid) {
		if s.Node.Arg("outOfQuotaPolicy") != nil && !p.truth(s.Call, s.Node.Arg("expedited")) {
			p.Report(p.Arg(s.Unit, s.Node, "outOfQuotaPolicy"), "outOfQuotaPolicy says nothing about work that is not expedited").Subject = p.nameOf(s)
		}
	}
}

// truth tells whether an argument is true in what users get.
func (p *Pass) truth(c code.Call, n *island.Node) bool {
	if n == nil {
		return false
	}
	v := p.value(c, n)
	for _, is := range v.Cases {
		if is.Kind == code.Bool && is.Int == 1 && !is.Debug {
			return true
		}
	}
	return false
}

// constraint is the Constraints of a start, nil where it is not written here.
func (p *Pass) constraint(s start) *island.Node {
	n := s.Node.Arg("constraints")
	if n == nil {
		return nil
	}
	if n.Kind == island.Ident {
		for _, d := range p.dart().Resolve(s.In, s.Unit, n) {
			if d.Init() != nil {
				n = d.Init()
			}
		}
	}
	if n.Kind == island.Call && island.CalleeName(n) == "Constraints" {
		return n
	}
	return nil
}

// asks for what the system has to be.
func (p *Pass) needs(s start, label string) bool {
	c := p.constraint(s)
	return c != nil && p.truth(s.Call, c.Arg(label))
}

func expeditedWithConstraints(p *Pass) {
	byQuota := p.Project.Plugins["workmanager"].In("<0.10.2") == yes
	for _, s := range p.runsOn(OnAndroid) {
		if s.Periodic || !p.truth(s.Call, s.Node.Arg("expedited")) && !(byQuota && s.Node.Arg("outOfQuotaPolicy") != nil) {
			continue
		}
		for _, label := range []string{"requiresCharging", "requiresBatteryNotLow", "requiresDeviceIdle"} {
			if p.needs(s, label) {
				p.Report(p.Arg(s.Unit, p.constraint(s), label), "expedited work may not ask for %s", label).Subject = p.nameOf(s)
			}
		}
		if v := p.value(s.Call, s.Node.Arg("initialDelay")); v.Exact && len(v.Ints()) == 1 && v.Ints()[0] > 0 {
			p.Report(p.Arg(s.Unit, s.Node, "initialDelay"), "expedited work may not be delayed").Subject = p.nameOf(s)
		}
	}
}

func idleWithBackoff(p *Pass) {
	for _, s := range p.runsOn(OnAndroid) {
		if s.Node.Arg("backoffPolicy") != nil && s.Node.Arg("backoffPolicyDelay") != nil && p.needs(s, "requiresDeviceIdle") {
			p.Report(p.Arg(s.Unit, s.Node, "backoffPolicy"), "work that waits for an idle device may not set a backoff").Subject = p.nameOf(s)
		}
	}
}

func idleWithCharging(p *Pass) {
	for _, s := range p.runsOn(OnAndroid) {
		if !p.needs(s, "requiresDeviceIdle") {
			continue
		}
		for _, label := range []string{"requiresCharging", "requiresBatteryNotLow"} {
			if p.needs(s, label) {
				p.Report(p.Arg(s.Unit, p.constraint(s), label), "some devices are never idle and meet %s", label).Subject = p.nameOf(s)
				break
			}
		}
	}
}

func inputNotStorable(p *Pass) {
	nested := p.Project.Plugins["workmanager"].In("<0.9.1") != yes
	for _, s := range p.starts() {
		n := s.Node.Arg("inputData")
		if n != nil && n.Kind == island.Ident {
			for _, d := range p.dart().Resolve(s.In, s.Unit, n) {
				if d.Init() != nil {
					n = d.Init()
				}
			}
		}
		if n == nil || n.Kind != island.Map {
			continue
		}
		size := 0
		for _, pair := range n.Kids {
			if pair.Kind != island.Pair || len(pair.Kids) < 2 {
				continue
			}
			key, value := pair.Kids[0], pair.Kids[1]
			for _, part := range []*island.Node{key, value} {
				if text, ok := p.value(s.Call, part).String(); ok {
					size += len(text)
				}
			}
			if what := p.unstorable(s, value, nested); what != "" {
				f := p.Report(p.Node(s.Unit, value), "%s cannot be stored as input data", what)
				f.Subject = p.nameOf(s)
			}
		}
		if size > work.MaxData {
			f := p.Report(p.Arg(s.Unit, s.Node, "inputData"), "input data of %d bytes or more; at most %d can be stored", size, work.MaxData)
			f.Subject = p.nameOf(s)
		}
	}
}

// unstorable tells what about a value cannot be stored, "" where nothing is known.
func (p *Pass) unstorable(s start, n *island.Node, nested bool) string {
	switch n.Kind {
	case island.Map:
		if !nested {
			return "a map"
		}
	case island.Closure:
		return "a function"
	case island.Call:
		callee := n.Kids[0]
		if named(callee) == "DateTime" && (callee.Kind == island.Ident || callee.Kind == island.Member && (callee.Name == "now" || callee.Name == "parse")) {
			return "a DateTime"
		}
		if callee.Kind == island.Ident && callee.Name == "Duration" {
			return "a Duration"
		}
		if callee.Kind == island.Ident && classLike(callee.Name) {
			for _, d := range p.dart().Resolve(s.In, s.Unit, callee) {
				if d.Kind == island.Class || d.Kind == island.Constructor {
					return "an object of " + callee.Name
				}
			}
		}
	case island.Member:
		for _, d := range p.dart().Resolve(s.In, s.Unit, n) {
			if d.Kind == island.EnumValue {
				return "an enum value"
			}
		}
	}
	return ""
}

func oneOffPolicyAppends(p *Pass) {
	for _, s := range p.runsOn(OnAndroid) {
		if s.Periodic {
			continue
		}
		for _, policy := range []string{"update", "append"} {
			if p.is(s.Call, s.Node.Arg(s.Policy), policy) {
				p.Report(p.Arg(s.Unit, s.Node, s.Policy), "%s means append-or-replace of one-off work", policy).Subject = p.nameOf(s)
			}
		}
	}
}

func debugLeftOn(p *Pass) {
	for _, c := range p.calls("workmanager", "Workmanager", "initialize") {
		n := c.Node.Arg("isInDebugMode")
		if n == nil || !p.truth(c, n) || !p.release(c.Unit, c.Node) {
			continue
		}
		f := p.Report(p.Arg(c.Unit, c.Node, "isInDebugMode"), "isInDebugMode is true in release builds")
		if p.Project.Plugins["workmanager"].In(">=0.9.0") == yes {
			f.Message = "isInDebugMode is true, which has no effect since workmanager 0.9"
			f.Certainty = finding.Hint
		}
	}
}

// handled are the task names that a handler compares its first parameter with; known is
// false where it hands the name on, or takes every name.
func (p *Pass) handled(e *entry) (names []string, sw *island.Node, known bool) {
	params := e.params
	if len(params) == 0 || e.Work.Body() == nil {
		return nil, nil, false
	}
	name, known := params[0].Name, true
	isName := func(n *island.Node) bool { return n != nil && n.Kind == island.Ident && n.Name == name }
	add := func(n *island.Node) {
		v := p.dart().Value(e.Work, e.Work.File, n)
		texts := v.Strings()
		if len(texts) == 0 {
			known = false
		}
		names = append(names, texts...)
	}
	island.Walk(e.Work.Body(), func(n *island.Node) bool {
		switch {
		case n.Kind == island.Switch && len(n.Kids) > 0 && isName(n.Kids[0]):
			sw = n
			for _, c := range n.Kids[1:] {
				if c.Kind != island.Case || c.Name == "default" {
					continue
				}
				for _, pattern := range c.Kids[:max(0, len(c.Kids)-1)] {
					add(pattern)
				}
			}
		case n.Kind == island.Binary && (n.Name == "==" || n.Name == "!=") && len(n.Kids) == 2:
			for i, side := range n.Kids {
				if isName(side) {
					add(n.Kids[1-i])
				}
			}
		case n.Kind == island.Call:
			for i := range n.Args {
				// A log may have the name; what else gets it may decide by it.
				if isName(n.Args[i].Value) && !logs(island.CalleeName(n)) {
					known = false
				}
			}
		}
		return true
	})
	return names, sw, known && len(names) > 0
}

// paramsOf are the parameters of a function or closure.
func paramsOf(f *code.Func) []island.Param {
	switch {
	case f == nil:
		return nil
	case f.Closure != nil:
		return f.Closure.Params
	case f.Decl != nil:
		return f.Decl.Params
	}
	return nil
}

// logs tells whether a call of that name only writes a line.
func logs(name string) bool {
	switch name {
	case "print", "debugPrint", "log", "info", "fine", "finer", "warning", "severe", "error", "debug", "i", "d", "w", "e", "v", "t", "f", "trace", "verbose", "debugPrintStack":
		return true
	}
	return strings.HasPrefix(strings.ToLower(name), "log")
}

func iosNameNotHandled(p *Pass) {
	// Before, iOS had no periodic work by name.
	if p.Project.IOS == nil || p.Project.Plugins["workmanager"].In(">=0.6.0") == no {
		return
	}
	for _, e := range p.working() {
		if e.Plugin != "workmanager" {
			continue
		}
		names, _, known := p.handled(e)
		if !known {
			continue
		}
		for _, s := range p.runsOn(OnIOS) {
			if !s.IOS || s.task() == nil {
				continue
			}
			unique, task := p.nameOf(s), ""
			task, _ = p.value(s.Call, s.task()).String()
			if unique == "" || task == "" || unique == task || slices.Contains(names, unique) || !slices.Contains(names, task) {
				continue
			}
			f := p.Report(p.Node(s.Unit, s.unique()), "iOS calls the handler with %q, but it knows %q only", unique, task)
			f.Subject = unique
			p.related(f, e.Work.File, e.Work.Body(), "the handler")
		}
	}
}

func pluginOutdated(p *Pass) {
	wm := p.Project.Plugins["workmanager"]
	if wm.Name == "" || wm.In("<0.9.0") != yes || len(p.starts()) == 0 {
		return
	}
	f := p.Report(wm.At, "workmanager %s is older than 0.9", wm.Version)
	f.Subject = "workmanager"
}
