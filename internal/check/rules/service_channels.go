package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/project"
)

func checkServiceChannel(p *Pass) {
	made, known := p.channels()
	if !known {
		return
	}
	for _, c := range p.androidCalls(backgroundService, "", "AndroidConfiguration") {
		id, mode := c.Node.Arg("notificationChannelId"), c.Node.Arg("isForegroundMode")
		if id == nil || id.Kind == island.Null || mode != nil && mode.Name == "false" || p.has("awesome_notifications") {
			continue
		}
		if ids := p.value(c, id); len(made) > 0 && (!ids.Exact || slices.ContainsFunc(ids.Strings(), func(s string) bool { return slices.Contains(made, s) })) {
			continue
		}
		f := p.Report(p.Arg(c.Unit, c.Node, "notificationChannelId"), "no code creates the notification channel %s", c.Unit.Text(id.Span))
		f.Subject = c.Unit.Text(id.Span)
	}
}

// channels are the notification channels that the app creates, with those that come of what it
// shows before a service starts; known is false where it creates some whose names are not constant.
func (p *Pass) channels() (ids []string, known bool) {
	if p.asked("createNotificationChannels", "setNotificationChannels") || p.askedNatively("createNotificationChannel") {
		return nil, false
	}
	if !p.asked("createNotificationChannel") {
		return nil, true
	}
	for _, name := range []string{"AndroidNotificationChannel", "AndroidNotificationDetails"} {
		for _, c := range p.dart().Calls(name) {
			if p.byService(c) {
				continue
			}
			v := p.value(c, c.Node.Positional(0))
			if !v.Exact || len(v.Strings()) == 0 {
				return nil, false
			}
			ids = append(ids, v.Strings()...)
		}
	}
	return ids, len(ids) > 0
}

// byService tells whether only the Dart code of a service comes to what a call makes: that runs when the
// service is in the foreground already.
func (p *Pass) byService(c code.Call) bool {
	uses := []*code.Func{c.In}
	if c.In == nil { // a constant
		d := c.Unit.At(c.Node.Start)
		if d == nil {
			return false
		}
		uses = nil
		for _, use := range p.dart().Uses(d) {
			if !inTests(use.Unit) {
				uses = append(uses, use.In)
			}
		}
	}
	return len(uses) > 0 && !slices.ContainsFunc(uses, func(f *code.Func) bool {
		return f == nil || !p.ownWork(f) || !slices.ContainsFunc(p.entries(), func(e *entry) bool {
			return e.Plugin == backgroundService && e.Work != nil && e.Reach().Has(f)
		})
	})
}

// nativeServiceChannel reports services of the app's own that go to the foreground with a notification
// on a channel which no code creates, wherever the notification is built.
func nativeServiceChannel(p *Pass) {
	if p.hosted() { // Dart or JavaScript may create it
		return
	}
	some := p.says("otificationChannel") // of the app, or of a library that creates it
	for _, app := range p.androidApps() {
		if is, _ := targets(app, noPlainStarts); !is {
			continue
		}
		made, known := p.nativeChannelIDs(app)
		if some && !known {
			continue
		}
		for _, m := range p.partsOf(app) {
			for _, c := range m.Code.Calls("startForeground") {
				shown := p.shownBy(m.Code, c)
				if inTests(c.Unit) || c.In == nil || len(shown) == 0 || slices.ContainsFunc(shown, func(b code.Call) bool {
					id := channelOf(m.Code, b)
					return some && (!id.Exact || len(id.Strings()) == 0 || slices.ContainsFunc(id.Strings(), func(s string) bool { return slices.Contains(made, s) }))
				}) {
					continue
				}
				b := shown[0]
				f := p.Report(p.verb(c.Unit, c.Node), "no code creates the channel of the notification that the service goes to the foreground with")
				if ids := channelOf(m.Code, b).Strings(); len(ids) > 0 {
					f.Subject = strings.Join(ids, " ")
				}
				if some { // constants may have been read wrongly
					f.Certainty = finding.Warning
				}
				f.Related = []finding.Related{{Place: p.verb(b.Unit, b.Node), Text: "it is built here"}}
			}
		}
	}
}

// nativeChannelIDs are the channels that the native code of an app creates; known is false where it
// creates some whose names are not constant, or has another one create them.
func (p *Pass) nativeChannelIDs(app *project.Module) (ids []string, known bool) {
	known = true
	for _, m := range p.partsOf(app) {
		calls := m.Code.Calls("NotificationChannel")
		for _, c := range m.Code.Calls("Builder") {
			if strings.Contains(c.Unit.Text(c.Node.Kids[0].Span), "NotificationChannelCompat") {
				calls = append(calls, c)
			}
		}
		for _, c := range calls {
			v := m.Code.Value(c.In, c.Unit, firstArg(c.Node))
			known = known && v.Exact && len(v.Strings()) > 0
			ids = append(ids, v.Strings()...)
		}
	}
	return ids, known && len(ids) > 0
}

// shownBy are the builders of the notification that a call of startForeground shows; none where that is
// not to be seen.
func (p *Pass) shownBy(native *code.Program, c code.Call) []code.Call {
	var builders []code.Call
	for _, b := range native.Calls("Builder") {
		of := b.Unit.Text(b.Node.Kids[0].Span)
		if b.In == nil || !strings.Contains(of, "NotificationCompat.Builder") && !strings.Contains(of, "Notification.Builder") {
			continue
		}
		renamed := false
		island.Walk(b.In.Body(), func(n *island.Node) bool {
			renamed = renamed || isCall(n, "setChannelId")
			return !renamed
		})
		if !renamed {
			builders = append(builders, b)
		}
	}
	var shown []code.Call
	for i := range c.Node.Args {
		n := c.Node.Args[i].Value
		var from []*island.Node
		for _, d := range native.Resolve(c.In, c.Unit, n) {
			if d.Init() != nil {
				from = append(from, d.Init())
			}
		}
		if n.Kind == island.Ident || n.Kind == island.Member {
			from = append(from, assigned(c.In.Body(), n))
		}
		for _, n := range append(from, n) {
			var calls []*code.Func
			island.Walk(n, func(n *island.Node) bool {
				if n.Kind == island.Call && len(n.Kids) > 0 {
					for _, d := range native.Resolve(c.In, c.Unit, n.Kids[0]) {
						if f := native.FuncOf(d); f != nil && d.Kind == island.Function {
							calls = append(calls, f)
						}
					}
				}
				return true
			})
			reach := native.Reach(calls...)
			for _, b := range builders {
				if (b.Unit == c.Unit && holdsNode(n, b.Node) || len(calls) > 0 && reach.Sure(b.In)) && !slices.Contains(shown, b) {
					shown = append(shown, b)
				}
			}
		}
	}
	return shown
}

// channelOf is the channel that a builder of notifications is made for.
func channelOf(native *code.Program, builder code.Call) code.Value {
	if len(builder.Node.Args) < 2 {
		return code.Value{Exact: true}
	}
	return native.Value(builder.In, builder.Unit, builder.Node.Args[1].Value)
}
