package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
)

func iosCallbackRules() []*Rule {
	return []*Rule{
		{
			Name: "ios-callback-not-finished", Group: NativeIOS, Certainty: finding.Error, Platforms: []string{OnIOS},
			Title: "the completion handler of a call in the background is not called",
			Detail: "iOS starts the app for a push, a transfer, new health data or an action of a notification, and waits until the completion handler is called. " +
				"Until then the app counts as busy; one that does not call it is woken less often, or not any more: HealthKit gives up after three times.",
			Seen:   "iOS kills the app some seconds later; pushes and health data wake it more rarely, then never",
			Fix:    "Call the completion handler once on every way out, also on early returns and errors",
			Source: []string{appleDocs + "uikit/uiapplicationdelegate/application(_:didreceiveremotenotification:fetchcompletionhandler:)", appleDocs + "healthkit/hkobserverquerycompletionhandler", appleDocs + "uikit/uiapplicationdelegate/application(_:handleeventsforbackgroundurlsession:completionhandler:)"},
			Example: Example{
				Lang: "swift",
				Bad:  "func application(_ a: UIApplication, didReceiveRemoteNotification info: [AnyHashable: Any],\n                 fetchCompletionHandler done: @escaping (UIBackgroundFetchResult) -> Void) {\n  store.refresh()\n}\n",
				Good: "func application(_ a: UIApplication, didReceiveRemoteNotification info: [AnyHashable: Any],\n                 fetchCompletionHandler done: @escaping (UIBackgroundFetchResult) -> Void) {\n  store.refresh { done(.newData) }\n}\n",
			},
			Check: checkCallbackNotFinished,
		},
		{
			Name: "ios-scene-callback", Group: NativeIOS, Certainty: finding.Warning, Platforms: []string{OnIOS},
			Title: "the first request is submitted in a method that iOS does not call",
			Detail: "In an app with scenes, SwiftUI's life cycle among them, iOS tells the scene that it goes to the background, " +
				"and does not call applicationDidEnterBackground of the app's delegate. A task that is asked for only there, and in its own launch handler, is never asked for.",
			Seen:   "the task never runs, and nothing is logged",
			Fix:    "Submit the request in sceneDidEnterBackground(_:), in .onChange(of: scenePhase), or as the app launches",
			Source: []string{appleDocs + "uikit/uiapplicationdelegate/applicationdidenterbackground(_:)", appleDocs + "uikit/uiscenedelegate/scenedidenterbackground(_:)"},
			Example: Example{
				Lang: "swift",
				Bad:  "@main struct NotesApp: App { @UIApplicationDelegateAdaptor(AppDelegate.self) var delegate }\nfunc applicationDidEnterBackground(_ a: UIApplication) { scheduleRefresh() }\n",
				Good: ".onChange(of: scenePhase) { if $1 == .background { scheduleRefresh() } }\n",
			},
			Check: checkSceneCallback,
		},
	}
}

// awaitedLabels are the labels of the completion handlers that iOS waits for.
var awaitedLabels = []string{"fetchCompletionHandler", "performFetchWithCompletionHandler"}

func checkCallbackNotFinished(p *Pass) {
	if p.Project.IOS == nil || p.Project.IOS.Code == nil {
		return
	}
	native := p.Project.IOS.Code
	for _, label := range append(awaitedLabels, "handleEventsForBackgroundURLSession") {
		p.delegated(label, func(u *code.Unit, d *island.Decl) {
			if done := &d.Params[len(d.Params)-1]; strings.Contains(done.Type, "(") { // else it is the form that is async
				p.unfinished(native.FuncOf(d), done.Name, p.Name(u, d), slices.Contains(awaitedLabels, label))
			}
		})
	}
	p.responses(func(u *code.Unit, d *island.Decl) {
		before := len(p.found)
		p.unfinished(native.FuncOf(d), d.Params[len(d.Params)-1].Name, p.Name(u, d), true)
		for _, f := range p.found[before:] {
			f.Certainty = finding.Warning // the app is on the screen, but for some actions
		}
	})
	if len(native.Calls("enableBackgroundDelivery")) == 0 {
		return
	}
	for _, c := range native.Calls("HKObserverQuery") {
		if len(c.Node.Args) == 0 || inTests(c.Unit) {
			continue
		}
		to := native.Target(c.In, c.Unit, c.Node.Args[len(c.Node.Args)-1].Value)
		if f := to.Func; f != nil && len(f.Params()) == 3 {
			p.unfinished(f, f.Params()[1].Name, p.Call(c.Unit, c.Node), true)
		}
	}
}

// delegated visits the methods of the class that starts the app which have a label.
func (p *Pass) delegated(label string, visit func(u *code.Unit, d *island.Decl)) {
	for _, u := range p.Project.IOS.Code.Units() {
		for _, off := range u.Uses(label) {
			d := u.At(off)
			if d == nil || d.Kind != island.Function || d.Parent == nil || d.Body() == nil || d.Body().Start < off || len(d.Params) == 0 {
				continue
			}
			named := strings.Contains(d.Name, label+":") || slices.ContainsFunc(d.Params, func(param island.Param) bool { return param.Label == label })
			if named && slices.ContainsFunc(p.delegates(), func(own delegate) bool { return own.class.Name == d.Parent.Name }) {
				visit(u, d)
			}
		}
	}
}

// responses visits the method that iOS calls for what the user does with a notification, if there is
// one: of several the others may be what it hands a response on to.
func (p *Pass) responses(visit func(u *code.Unit, d *island.Decl)) {
	var unit *code.Unit
	var method *island.Decl
	for _, u := range p.Project.IOS.Code.Units() {
		for _, label := range []string{"withCompletionHandler", "didReceiveNotificationResponse"} {
			for _, off := range u.Uses(label) {
				d := u.At(off)
				if inTests(u) || d == nil || d == method || d.Kind != island.Function || d.Parent == nil || len(d.Params) != 3 || d.Body() == nil || d.Body().Start < off {
					continue
				}
				if d.Name == "userNotificationCenter:didReceiveNotificationResponse:withCompletionHandler:" || d.Name == "userNotificationCenter" && d.Params[1].Label == "didReceive" && d.Params[2].Label == label {
					if method != nil {
						return
					}
					unit, method = u, d
				}
			}
		}
	}
	if method != nil {
		visit(unit, method)
	}
}

// unfinished reports a function that never names its completion handler, and with ways the returns
// before which it does not call it.
func (p *Pass) unfinished(f *code.Func, done string, at finding.Place, ways bool, via ...*code.Func) {
	if f == nil || f.Body() == nil {
		return
	}
	native, named := p.Project.IOS.Code, false
	island.Walk(f.Body(), func(n *island.Node) bool {
		named = named || n.Kind == island.Ident && n.Name == done
		return !named
	})
	report := func(at finding.Place, what string) *finding.Finding {
		f := p.Report(at, "%s", what)
		f.Subject = done
		return f
	}
	if !named {
		if f := report(at, "the completion handler is never called"); len(via) > 0 {
			f.Certainty = finding.Warning
		}
		return
	}
	if !ways {
		return
	}
	is := func(n *island.Node) bool { return n != nil && n.Kind == island.Ident && n.Name == done }
	p.handedOn(is, append(via, f))
	found := native.Ways(f, code.Question{
		Event: func(_ *code.Func, n *island.Node) int {
			switch {
			case n.Kind == island.Call && len(n.Kids) > 0 && is(n.Kids[0]):
				return completes
			case n.Kind == island.Call && slices.ContainsFunc(n.Args, func(a island.Arg) bool { return is(a.Value) }), n.Kind == island.Assign && len(n.Kids) > 1 && is(n.Kids[1]):
				return handsOn
			}
			return -1
		},
		Throws:   func(*code.Func, *island.Node) bool { return false },
		RunLater: code.Eventually,
	})
	if found.Cut {
		return
	}
	for _, end := range found.Ends {
		if end.Node == nil || end.Node.Kind != island.Return || end.In != f || !misses(end.States) || guarded(native, f, end.Node) {
			continue
		}
		report(p.Node(f.File, end.Node), "this return leaves the completion handler uncalled").Certainty = finding.Warning
	}
}

// handedOn looks at the functions to which the last of some hands its completion handler. One that
// returns something may tell by it whether it has called the handler, and one of the same name may
// be one of several that answer.
func (p *Pass) handedOn(is func(n *island.Node) bool, via []*code.Func) {
	f, native := via[len(via)-1], p.Project.IOS.Code
	island.Walk(f.Body(), func(call *island.Node) bool {
		at := slices.IndexFunc(call.Args, func(a island.Arg) bool { return is(a.Value) })
		if call.Kind != island.Call || at < 0 || len(via) > 3 {
			return true
		}
		for _, edge := range native.Callees(f) {
			to := edge.To
			if edge.Guess || edge.Node != call.Kids[0] || to.Decl == nil || to.Decl.Kind != island.Function || slices.Contains(via, to) {
				continue
			}
			d := to.Decl
			if d.Type != "" && !strings.EqualFold(d.Type, "void") || len(call.Args) != len(d.Params) || f.Decl != nil && f.Decl.Name == d.Name ||
				slices.ContainsFunc(p.found, func(r *finding.Finding) bool {
					return r.Place.File == to.File.Path && r.Place.Start >= d.Start && r.Place.End <= d.End
				}) {
				continue
			}
			p.unfinished(to, d.Params[at].Name, p.Name(to.File, d), true, via...)
		}
		return true
	})
}

func checkSceneCallback(p *Pass) {
	for _, d := range p.delegates() {
		native := p.Project.IOS.Code
		for _, m := range d.class.Members {
			if strings.TrimSuffix(m.Name, ":") != "applicationDidEnterBackground" || m.Body() == nil || before13(d.target) || !p.hasScenes(&d) {
				continue
			}
			method := native.FuncOf(m)
			reach := native.Reach(method)
			for _, c := range p.schedulerCalls("submit", "submitTaskRequest:error:") {
				if c.In != nil && reach.Sure(c.In) && !p.askedElsewhere(reach, method, c.In) {
					f := p.Report(p.Name(d.unit, m), "in an app with scenes iOS does not call applicationDidEnterBackground, and the task is asked for nowhere else")
					f.Related = []finding.Related{{Place: p.Call(c.Unit, c.Node), Text: "the request is submitted here"}}
					break
				}
			}
		}
	}
}

// hasScenes tells whether an app uses scenes: by SwiftUI, its Info.plist or its delegate.
func (p *Pass) hasScenes(d *delegate) bool {
	if d.target.InfoPlist.Find("UIApplicationSceneManifest", "UISceneConfigurations") != nil {
		return true
	}
	return slices.ContainsFunc(p.Project.IOS.Code.Units(), func(u *code.Unit) bool {
		return builds(d.target, u) && (len(u.Uses("UIApplicationDelegateAdaptor")) > 0 || len(u.Uses("configurationForConnecting")) > 0)
	})
}

// askedElsewhere tells whether something but a method, and launch handlers, leads to a function that the
// method leads to.
func (p *Pass) askedElsewhere(reach *code.Reach, method, f *code.Func) bool {
	native, handlers := p.Project.IOS.Code, p.handlers()
	for _, step := range reach.Path(f) {
		d := methodOf(step)
		if d == nil {
			return true
		}
		if step == method {
			continue
		}
		for _, use := range native.Mentions(d.Name) { // by its name: what it is called on may not be known
			if use.In == nil || !reach.Has(use.In) && !slices.ContainsFunc(handlers, func(h handled) bool { return h.reach.Has(use.In) }) {
				return true
			}
		}
	}
	return false
}
