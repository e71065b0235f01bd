package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/manifest"
	"github.com/lullwork/lull/internal/check/project"
)

// says tells whether any native code of Android, also in a string, has one of these words. What is
// commented out says nothing.
func (p *Pass) says(words ...string) bool {
	for _, m := range p.nativeModules() {
		for _, u := range m.Code.Units() {
			if slices.ContainsFunc(words, func(w string) bool { return saysIn(u, w) }) {
				return true
			}
		}
	}
	return false
}

func saysIn(u *code.Unit, word string) bool {
	text := u.Text(island.Span{End: len(u.Src)})
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		at := from + i
		if !slices.ContainsFunc(u.Comments, func(c island.Comment) bool { return c.Start <= at && at < c.End }) {
			return true
		}
		from = at + len(word)
	}
}

// hosted tells whether an app is one of a framework that has another language ask for permissions.
func (p *Pass) hosted() bool {
	return p.Project.Flutter || p.says("ReactActivity", "ReactApplication", "BridgeActivity", "CordovaActivity", "UnityPlayer", "FlutterActivity")
}

// nativeNotificationPermission reports native apps that show notifications, and in which no
// code has anything to do with the permission for it but to look whether it is there.
func nativeNotificationPermission(p *Pass) {
	shown := map[*project.Module][2]code.Call{} // by notify, and by a service
	for _, m := range p.nativeModules() {
		var at [2]code.Call
		for _, c := range m.Code.Calls("notify") {
			if at[0].Unit == nil && !inTests(c.Unit) && len(c.Node.Args) > 1 && notifies(m.Code, c) {
				at[0] = c
			}
		}
		for _, c := range m.Code.Calls("startForeground") {
			if at[1].Unit == nil && !inTests(c.Unit) {
				at[1] = c
			}
		}
		shown[m] = at
	}
	if !slices.ContainsFunc(p.nativeModules(), func(m *project.Module) bool { return shown[m] != [2]code.Call{} }) || p.hosted() || p.asksToNotify() || p.says(
		"areNotificationsEnabled", "APP_NOTIFICATION_SETTINGS", "MediaStyle", "CallStyle", "REMOTE_NOTIFICATION",
		"requestNotificationPermission", "requestNotificationsPermission", "handleNotificationPermission", "promptForPush",
	) {
		return
	}
	for _, m := range p.androidApps() {
		if is, sure := targets(m, androidLimit("API with a permission for notifications")); !is || !sure {
			continue
		}
		var first code.Call
		_, declared := m.Manifest.Permission("POST_NOTIFICATIONS")
		for i := range 2 { // a service runs without it, but an app that declares it wants its notification seen
			for _, of := range p.nativeModules() {
				if (of == m || !of.App) && first.Unit == nil && (i == 0 || declared) {
					first = shown[of][i]
				}
			}
		}
		if first.Unit == nil {
			continue
		}
		f := p.Report(finding.Whole(m.Manifest.Path), "the app shows notifications, and nothing asks the user for the permission")
		f.Related = []finding.Related{{Place: p.Call(first.Unit, first.Node), Text: "a notification is shown here"}}
	}
}

// asksToNotify tells whether native code names the permission for notifications in any other
// place than where it looks whether it has it.
func (p *Pass) asksToNotify() bool {
	const name = "POST_NOTIFICATIONS"
	for _, m := range p.nativeModules() {
		var looks []code.Call
		for _, call := range []string{"checkSelfPermission", "checkPermission", "checkCallingOrSelfPermission", "shouldShowRequestPermissionRationale"} {
			looks = append(looks, m.Code.Calls(call)...)
		}
		for _, u := range m.Code.Units() {
			text := u.Text(island.Span{End: len(u.Src)})
			if inTests(u) || !strings.Contains(text, name) {
				continue
			}
			if saysIn(u, name+`"`) {
				return true
			}
			for _, at := range u.Uses(name) {
				within := func(s island.Span) bool { return s.Start <= at && at < s.End }
				only := slices.ContainsFunc(u.Imports, func(i island.Import) bool { return within(i.Span) }) ||
					slices.ContainsFunc(looks, func(c code.Call) bool { return c.Unit == u && within(c.Node.Span) }) ||
					strings.Contains(text[strings.LastIndexByte(text[:at], '\n')+1:at], "@RequiresPermission")
				if !only {
					return true
				}
			}
		}
	}
	return false
}

// notifies tells whether a call of notify shows a notification.
func notifies(native *code.Program, c code.Call) bool {
	to := receiverOf(c)
	if to == nil {
		return false
	}
	name := native.TypeName(c.Unit, to)
	return strings.HasPrefix(name, "NotificationManager") || strings.Contains(strings.ToLower(c.Unit.Text(to.Span)), "notificationmanager")
}

// receiverOf is what a call is made on, also where that is what a with, run or apply around it is for; nil
// where that is not to be seen.
func receiverOf(c code.Call) *island.Node {
	if c.Node.Kids[0].Kind == island.Member {
		return c.Node.Kids[0].Kids[0]
	}
	for f := c.In; f != nil && f.Closure != nil && f.Outer != nil; f = f.Outer {
		var of *island.Node
		island.Walk(f.Outer.Body(), func(n *island.Node) bool {
			if n.Kind == island.Call && len(n.Args) > 0 && n.Args[len(n.Args)-1].Value == f.Closure {
				switch {
				case isCall(n, "with") && len(n.Args) == 2:
					of = n.Args[0].Value
				case isCall(n, "run", "apply") && n.Kids[0].Kind == island.Member:
					of = n.Kids[0].Kids[0]
				}
			}
			return of == nil
		})
		if of != nil {
			return of
		}
	}
	return nil
}

// nativeExactAlarms reports exact alarms of native code in an app without a permission for them,
// or with one that the user gives and nothing asks for.
func nativeExactAlarms(p *Pass) {
	granted := func(names ...string) bool {
		return p.inManifests(func(f *manifest.File) bool {
			return slices.ContainsFunc(names, func(name string) bool { _, ok := f.Permission(name); return ok })
		})
	}
	if p.Project.Flutter || granted("USE_EXACT_ALARM") {
		return
	}
	limit, message := "target with a permission for exact alarms", "%s needs SCHEDULE_EXACT_ALARM or USE_EXACT_ALARM, and the app declares neither"
	asks, declared := p.says("canScheduleExactAlarms", "REQUEST_SCHEDULE_EXACT_ALARM"), granted("SCHEDULE_EXACT_ALARM")
	switch exempt := granted("REQUEST_IGNORE_BATTERY_OPTIMIZATIONS"); { // who is left out of battery optimisation needs none
	case declared && asks: // too early for that
		limit, message = "alarm.exact.denied.target", "%s throws as the app starts where the user does not allow exact alarms: what looks for that does not keep it from being called"
	case exempt, asks && !declared:
		return
	case declared:
		limit, message = "alarm.exact.denied.target", "%s throws where the user has not allowed exact alarms, and the app never looks nor asks"
	}
	if !slices.ContainsFunc(p.androidApps(), func(m *project.Module) bool {
		is, sure := targets(m, androidLimit(limit))
		return is && sure
	}) {
		return
	}
	for _, m := range p.nativeModules() {
		var starts *code.Reach
		for _, c := range exactCalls(m) {
			if slices.ContainsFunc(m.Code.Guards(c.In, c.Node), func(g code.Guard) bool {
				return g.Kind == code.InTry || ofNewLevel(c.Unit, g)
			}) {
				continue
			}
			message := message
			if asks {
				if starts == nil {
					starts = m.Code.Reach(p.startsOf(m.Code)...)
				}
				switch {
				case goesOnDenied(m.Code, c):
					message = "%s throws where the user does not allow exact alarms: what looks for that before goes on"
				case !always(m.Code, starts, c):
					continue
				}
			}
			f := p.Report(p.verb(c.Unit, c.Node), message, island.CalleeName(c.Node))
			f.Certainty = finding.Warning // a library may bring it
			if declared {
				f.Fix = "Set it only if canScheduleExactAlarms() holds, else an inexact one, and ask with ACTION_REQUEST_SCHEDULE_EXACT_ALARM"
			}
		}
	}
}

// exactCalls are the calls of a module that set exact alarms. What takes a listener in the place of a
// PendingIntent has more arguments, needs no permission, and is for the process that sets it.
func exactCalls(m *project.Module) []code.Call {
	var all []code.Call
	for _, exact := range []struct {
		name string
		args int
	}{{"setExact", 3}, {"setExactAndAllowWhileIdle", 3}, {"setAlarmClock", 2}} {
		for _, c := range m.Code.Calls(exact.name) {
			if !inTests(c.Unit) && len(c.Node.Args) == exact.args && c.Node.Kids[0].Kind == island.Member && isAlarmManager(m.Code, c) && c.In != nil {
				all = append(all, c)
			}
		}
	}
	return all
}

// ofNewLevel tells whether a guard is a condition on the API level, and not on one before exact
// alarms had a permission.
func ofNewLevel(u *code.Unit, g code.Guard) bool {
	if g.Cond == nil || g.Kind != code.Condition {
		return false
	}
	text := u.Text(g.Cond.Span)
	if !strings.Contains(text, "SDK_INT") {
		return false
	}
	level := strings.TrimRight(text[strings.LastIndexAny(text, " .=<>(")+1:], ")")
	return !slices.Contains([]string{"KITKAT", "LOLLIPOP", "M", "N", "O", "P", "Q", "R", "19", "21", "23", "24", "26", "28", "29", "30"}, level)
}

// goesOnDenied tells whether a function looks before a call whether exact alarms are denied, and comes
// to the call in that case too.
func goesOnDenied(native *code.Program, c code.Call) bool {
	guards := native.Guards(c.In, c.Node)
	found := false
	island.Walk(c.In.Body(), func(n *island.Node) bool {
		if n.Kind != island.If || len(n.Kids) != 2 || n.End > c.Node.Start || n.Start < c.In.Body().Start {
			return true
		}
		cond := c.In.File.Text(n.Kids[0].Span)
		if strings.Contains(cond, "!") && strings.Contains(cond, "canScheduleExactAlarms") {
			found = !slices.ContainsFunc(guards, func(g code.Guard) bool { // that leaves there, or on what is found out there
				return g.Cond != nil && g.Cond.Start >= n.Start && (g.Kind == code.Condition || g.Kind == code.InCase)
			})
		}
		return true
	})
	return found
}

// always tells whether a call runs each time that one of the roots does, under no condition but one on
// older API levels.
func always(native *code.Program, starts *code.Reach, c code.Call) bool {
	if !atStart(starts, c) {
		return false
	}
	for in, n := c.In, c.Node; in != nil && n != nil; in, n = starts.Via(in) {
		if slices.ContainsFunc(native.Guards(in, n), func(g code.Guard) bool {
			return g.Kind != code.Condition || ofNewLevel(in.File, g) || !strings.Contains(in.File.Text(g.Cond.Span), "SDK_INT")
		}) {
			return false
		}
	}
	return true
}

func isAlarmManager(native *code.Program, c code.Call) bool {
	to := c.Node.Kids[0].Kids[0]
	if native.TypeName(c.Unit, to) == "AlarmManager" || strings.Contains(strings.ToLower(c.Unit.Text(to.Span)), "alarm") {
		return true
	}
	return slices.ContainsFunc(native.Resolve(c.In, c.Unit, to), func(d *island.Decl) bool {
		return d.Init() != nil && strings.Contains(d.File.Text(d.Init().Span), "AlarmManager")
	})
}

// nativeBoot reports receivers that look for the start of the phone, and that nothing but their
// own file knows.
func nativeBoot(p *Pass) {
	if p.Project.Flutter || len(p.androidApps()) == 0 {
		return
	}
	p.receivers(func(m *project.Module, u *code.Unit, class *island.Decl, f *code.Func) {
		looks := false
		island.Walk(f.Body(), func(n *island.Node) bool {
			looks = looks || lastName(n) == "ACTION_BOOT_COMPLETED" || n.Kind == island.String && strings.HasSuffix(strings.Trim(u.Text(n.Span), `"`), ".BOOT_COMPLETED")
			return !looks
		})
		if !looks || class.Has(island.Abstract) {
			return
		}
		if p.inManifests(func(f *manifest.File) bool { _, ok := f.Component("receiver", class.Name); return ok }) {
			if !p.inManifests(func(f *manifest.File) bool {
				return slices.ContainsFunc(f.Components("receiver"), func(c manifest.Component) bool { return c.From == "" && startsWithPhone(c) })
			}) {
				r := p.Report(p.Name(u, class), "%s looks for BOOT_COMPLETED, but no receiver of the manifest has that action", class.Name)
				r.Subject, r.Certainty = class.Name, finding.Warning
				r.Fix = "Add the action BOOT_COMPLETED to its intent filter, and the permission RECEIVE_BOOT_COMPLETED"
			}
			return
		}
		for _, other := range p.nativeModules() {
			for _, v := range other.Code.Units() {
				if v.Path != u.Path && len(v.Uses(class.Name)) > 0 || v.Path == u.Path && len(v.Uses(class.Name)) > 1 {
					return // registered by code, or another class comes of it
				}
			}
		}
		r := p.Report(p.Name(u, class), "%s looks for BOOT_COMPLETED, but no manifest has it", class.Name)
		r.Subject, r.Certainty = class.Name, finding.Warning
		r.Fix = "Declare it in AndroidManifest.xml as a receiver with the action BOOT_COMPLETED"
	})
}

// startsWithPhone tells whether a receiver is told that the phone has started, in any of the ways of
// its makers.
func startsWithPhone(c manifest.Component) bool {
	return boots(c) || slices.ContainsFunc(c.Filters, func(f manifest.Filter) bool {
		return slices.ContainsFunc(f.Actions, func(a string) bool { return strings.Contains(a, "BOOT") || strings.Contains(a, "${") })
	})
}
