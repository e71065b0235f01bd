package extract

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/pub"
)

// The layers of a plan.
const (
	native        = "native"
	workmanager9  = "workmanager@0.9"
	workmanager10 = "workmanager@0.10"
	firebase      = "firebase"
)

// workmanagerLayer is the layer that behaves as the project's workmanager does.
func (x *reader) workmanagerLayer() string {
	v := x.project.Plugins["workmanager"].Version
	if v.Compare(pub.Version{Minor: 10}) >= 0 {
		return workmanager10
	}
	return workmanager9
}

// workmanager reads the tasks of Flutter's workmanager.
func (x *reader) workmanager(p *code.Program, m *moments) {
	for _, call := range []struct{ name, kind string }{
		{"registerPeriodicTask", "periodic"},
		{"registerOneOffTask", "one-off"},
		{"registerProcessingTask", "processing"},
		{"registerHealthResearchTask", "health"},
		{"registerContinuedProcessingTask", "continued"},
	} {
		for _, c := range p.Calls(call.name) {
			s := site{p, c}
			if c.Node.Positional(0) == nil {
				continue
			}
			x.registered(s, m, call.kind)
		}
	}
}

func (x *reader) registered(s site, m *moments, kind string) {
	n := s.Node
	arg := n.Positional(1)
	if arg == nil {
		arg = n.Positional(0)
	}
	name, open := s.name(arg, kind)
	t := x.task(name, "workmanager "+kind, s.place(nil))
	put(&t.Common, open)
	if kind == "periodic" {
		put(&t.Common, s.duration("every", n.Arg("frequency"), 1, "15m", "15m")) // the plugin's default: 900 s
	}
	put(&t.Common,
		group("needs", dartNeeds(s, n.Arg("constraints"))...),
		s.backoff(n.Arg("backoffPolicy"), n.Arg("backoffPolicyDelay")),
		m.submit(s, s.replaces(policy(s.enum(n.Arg("existingWorkPolicy"))))))
	if has(t.Common, "submit") && kind == "one-off" {
		put(&t.Common, s.duration("delay", n.Arg("initialDelay"), 1, "", ""))
	}
	if x.project.IOS != nil && s.runs("ios") {
		x.registeredIOS(s, t, kind)
	}
	if x.project.Android != nil && s.runs("android") {
		switch kind {
		case "periodic":
			put(&t.Android, set("as", "periodic"), s.duration("flex", n.Arg("flexInterval"), 1, "", ""))
		case "one-off":
			put(&t.Android, set("as", "one-off"))
			if s.yes(n.Arg("expedited")) || s.enum(n.Arg("outOfQuotaPolicy")) != "" && s.yes(n.Arg("expedited")) {
				put(&t.Android, set("expedited", "true"))
			}
		}
	}
}

func (x *reader) registeredIOS(s site, t *Task, kind string) {
	n := s.Node
	var id Setting
	if v, ok := s.text(n.Positional(0)); ok {
		id = identifier(x.bundled(v), s.place(n.Positional(0)))
	} else {
		id = Setting{Key: "id", Open: s.source(n.Positional(0)) + " is not a constant", At: s.place(n.Positional(0))}
	}
	switch kind {
	case "periodic": // a refresh that the plugin asks for again before it runs the callback
		put(&t.IOS, set("as", "refresh"), id, s.duration("earliest", n.Arg("initialDelay"), 1, "", ""), set("resubmit", "first"))
	case "one-off": // a timer under a UIKit background task: no request of the system's scheduler
		put(&t.IOS, set("as", "assertion"))
	case "processing":
		put(&t.IOS, set("as", "processing"), id)
		for _, need := range dartNeeds(s, n.Arg("constraints")) { // others are dropped
			switch {
			case need.Key == "charging":
				put(&t.IOS, set("power", "true"))
			case need.Key == "network" && (need.Value == "connected" || need.Value == "metered"):
				put(&t.IOS, set("network", "true"))
			}
		}
		put(&t.IOS, s.duration("earliest", n.Arg("initialDelay"), 1, "", ""), set("resubmit", "never"))
	case "health":
		put(&t.IOS, set("as", "health"), id, set("resubmit", "never"))
	case "continued":
		put(&t.IOS, set("as", "continued"), id)
	}
}

// dartNeeds reads Constraints(...).
func dartNeeds(s site, n *island.Node) []Setting {
	if n == nil {
		return nil
	}
	var c *island.Node
	for _, behind := range s.behind(n) {
		if behind.Kind == island.Call && island.CalleeName(behind) == "Constraints" {
			c = behind
		}
	}
	if c == nil {
		return []Setting{{Key: "network", Open: s.source(n) + " is not known", At: s.place(n)}}
	}
	var out []Setting
	switch net := network(s.enum(c.Arg("networkType"))); net {
	case "", "none":
	default:
		out = append(out, set("network", net))
	}
	for _, b := range []struct{ arg, key, value string }{
		{"requiresCharging", "charging", "true"},
		{"requiresDeviceIdle", "idle", "true"},
		{"requiresBatteryNotLow", "battery", "not-low"},
		{"requiresStorageNotLow", "storage", "not-low"},
	} {
		if s.yes(c.Arg(b.arg)) {
			out = append(out, set(b.key, b.value))
		}
	}
	return out
}

// network is a kind of network by the names of Dart's and of Android's enums.
func network(name string) string {
	switch strings.ToLower(strings.ReplaceAll(name, "_", "")) {
	case "connected":
		return "connected"
	case "unmetered":
		return "unmetered"
	case "notroaming":
		return "not-roaming"
	case "metered":
		return "metered"
	case "temporarilyunmetered":
		return "temporarily-unmetered"
	}
	return ""
}

// policies are the names of what happens to work that is there already.
var policies = map[string]string{
	"keep": "keep", "replace": "replace", "append": "append", "update": "update", "appendorreplace": "append-or-replace", "cancelandreenqueue": "replace",
}

func policy(name string) Setting {
	return set("policy", policies[strings.ToLower(strings.ReplaceAll(name, "_", ""))])
}

// replaces turns a policy into that of work which is cancelled before it is registered.
func (s site) replaces(policy Setting) Setting {
	for _, name := range []string{"cancelAll", "cancelByUniqueName"} {
		for _, c := range s.p.Calls(name) {
			if !strings.Contains(strings.ToLower(c.Unit.Text(c.Node.Kids[0].Span)), "workmanager") || c.Unit != s.Unit || c.Node.Start > s.Node.Start {
				continue
			}
			in := s.In
			for in != nil && in != c.In {
				in = in.Outer
			}
			if in == nil || name == "cancelByUniqueName" && !s.same(c, s.Node.Positional(0)) {
				continue
			}
			return set("policy", "replace")
		}
	}
	return policy
}

// same tells whether the first argument of a call is what an argument of the site is.
func (s site) same(c code.Call, n *island.Node) bool {
	other := site{s.p, c}
	a := c.Node.Positional(0)
	if a == nil || n == nil {
		return false
	}
	one, known := other.text(a)
	two, also := s.text(n)
	return known && also && one == two || !known && !also && other.source(a) == s.source(n)
}

func (s site) backoff(kind, delay *island.Node) Setting {
	var kids []Setting
	if k := strings.ToLower(s.enum(kind)); slices.Contains([]string{"exponential", "linear"}, k) {
		kids = append(kids, set("policy", k))
	}
	if d := s.duration("delay", delay, 1, "", ""); d.Value != "" || d.Open != "" {
		kids = append(kids, d)
	}
	if len(kids) < 2 {
		return Setting{} // half a setting is ignored by the plugin
	}
	return group("backoff", kids...)
}

// bundled puts the app's identifier into a text.
func (x *reader) bundled(s string) string {
	if x.project.IOS == nil {
		return s
	}
	for _, t := range x.project.IOS.Targets {
		if len(t.BundleIDs) > 0 {
			return strings.ReplaceAll(s, code.BundleID, t.BundleIDs[0].Text)
		}
	}
	return s
}
