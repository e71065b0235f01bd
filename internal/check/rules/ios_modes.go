package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/plugins"
	"github.com/lullwork/lull/internal/check/project"
)

const (
	modesKey = "UIBackgroundModes"
	modesDoc = appleDocs + "bundleresources/information-property-list/uibackgroundmodes"
	pushMode = "remote-notification"
)

func iosModeRules() []*Rule {
	return []*Rule{
		{
			Name: "ios-mode-missing", IDs: []string{"I03"}, Group: IOS, Certainty: finding.Error, Platforms: []string{OnIOS},
			Title: "Info.plist lacks the background mode for what the app does",
			Detail: "Each way to run in the background needs its mode in " + modesKey + ": `fetch` for refresh tasks, `processing` for processing tasks, `remote-notification` for pushes that wake the app, `location` and `audio` for what goes on. " +
				"Without it iOS refuses the request, or shows the push without starting the app. Nothing fails at build time. " +
				"The mode has to stand in the file: Xcode knows no build setting INFOPLIST_KEY_" + modesKey + ".",
			Seen:   "refused by iOS, ended with the screen, or the push does not wake the app; plugins tell Dart nothing of it",
			Fix:    "Add the mode to UIBackgroundModes (Xcode: Signing & Capabilities, Background Modes)",
			Source: []string{modesDoc, "fluttercommunity/flutter_workmanager docs/quickstart.mdx", "https://firebase.google.com/docs/cloud-messaging/flutter/client", "swiftlang/swift-build InfoPlistProcessorTaskAction.swift"},
			Lint:   "saropa_lints reads the property list for audio and location only",
			Example: Example{
				Lang: "xml",
				Bad:  "<key>UIBackgroundModes</key>\n<array><string>audio</string></array>\n<!-- Dart: FirebaseMessaging.onBackgroundMessage(handler) -->\n",
				Good: "<key>UIBackgroundModes</key>\n<array><string>audio</string><string>remote-notification</string></array>\n",
			},
			Check: checkModeMissing,
		},
		{
			Name: "ios-push-entitlement", IDs: []string{"I18"}, Group: IOS, Certainty: finding.Warning, Platforms: []string{OnIOS},
			Title: "the app receives pushes, but its entitlements lack aps-environment",
			Detail: "Without the entitlement `aps-environment` an app gets no APNs token, so that no push ever reaches it on iOS. " +
				"It may be added when the app is signed elsewhere; if so, keep this finding out with a comment.",
			Seen:   "no APNs token: getToken() fails or returns null, no push arrives",
			Fix:    "Enable the capability Push Notifications for the target in Xcode",
			Source: []string{appleDocs + "bundleresources/entitlements/aps-environment", "https://firebase.google.com/docs/cloud-messaging/flutter/client"},
			Lint:   "saropa_lints: require_push_notification_entitlement (reads no file)",
			Example: Example{
				Lang: "xml",
				Bad:  "<dict/>\n",
				Good: "<dict>\n\t<key>aps-environment</key>\n\t<string>development</string>\n</dict>\n",
			},
			Check: checkPushEntitlement,
		},
		{
			Name: "ios-health-entitlement", IDs: []string{"I17"}, Group: IOS, Certainty: finding.Error, Platforms: []string{OnIOS},
			Title: "health work in the background without its entitlement",
			Detail: "iOS takes health research tasks from apps with the entitlement com.apple.developer.backgroundtasks.healthresearch only, which Apple grants to studies. " +
				"From iOS 15 on it wakes an app for new health data only if that has com.apple.developer.healthkit.background-delivery.",
			Seen:   "refused by iOS, logged only: the task never runs, the app is not woken",
			Fix:    "Add the entitlement; where Apple has not granted that of studies use a processing task",
			Source: []string{appleDocs + "backgroundtasks/bghealthresearchtask", appleDocs + "healthkit/hkhealthstore/enablebackgrounddelivery(for:frequency:withcompletion:)", "fluttercommunity/flutter_workmanager docs/quickstart.mdx, option D"},
			Example: Example{
				Lang: "dart",
				Bad:  "Workmanager().registerHealthResearchTask('study', 'study'); // no entitlement\n",
				Good: "Workmanager().registerProcessingTask('study', 'study');\n",
			},
			Check: checkHealthEntitlement,
		},
	}
}

// need is a background mode that something needs.
type need struct {
	mode string
	what string
	at   finding.Place
	ask  *ask       // nil for a push
	unit *code.Unit // of native code that takes pushes
	own  bool       // of a plugin that works without it while the app is open
}

func (p *Pass) modeNeeds() []need {
	var needs []need
	asks := p.asksOfIOS()
	for i := range asks {
		a := &asks[i]
		if mode := a.Kind.Mode(); mode != "" {
			needs = append(needs, need{mode: mode, what: a.What, at: a.At, ask: a})
		}
	}
	for _, row := range plugins.Modes() {
		for _, c := range p.iosCalls(row.Plugin, row.On, row.Call) {
			if arg := c.Node.Arg(row.With); row.With == "" || arg != nil && arg.Kind == island.Bool && arg.Name == "true" {
				needs = append(needs, need{mode: row.Mode, what: row.What(), at: p.Call(c.Unit, c.Node), own: true})
			}
		}
	}
	for _, c := range p.iosCalls("firebase_messaging", "", "onBackgroundMessage") {
		needs = append(needs, need{mode: pushMode, what: "onBackgroundMessage", at: p.Call(c.Unit, c.Node)})
	}
	if len(needs) > 0 && needs[len(needs)-1].mode == pushMode || p.Project.IOS == nil || p.Project.IOS.Code == nil {
		return needs
	}
	p.delegated("didReceiveRemoteNotification", func(u *code.Unit, d *island.Decl) {
		if strings.Contains(d.Name, awaitedLabels[0]) || d.Params[len(d.Params)-1].Label == awaitedLabels[0] || d.Has(island.Async) {
			needs = append(needs, need{mode: pushMode, what: "didReceiveRemoteNotification", at: p.Name(u, d), unit: u})
		}
	})
	return needs
}

func checkModeMissing(p *Pass) {
	needs := p.modeNeeds()
	if len(needs) == 0 {
		return
	}
	p.plists(func(t *project.Target) {
		list := t.InfoPlist.Find(modesKey)
		modes, known := t.List(modesKey)
		if !known {
			return
		}
		var have []string
		for _, m := range modes {
			have = append(have, m.Text)
		}
		var missing []need
		var lacks []string
		for _, n := range needs {
			if slices.Contains(have, n.mode) || slices.Contains(lacks, n.mode) || n.ask != nil && !n.ask.of(t) || n.unit != nil && !builds(t, n.unit) {
				continue
			}
			missing, lacks = append(missing, n), append(lacks, n.mode)
		}
		edits := p.addStrings(t.InfoPlist, modesKey, lacks...)
		for _, n := range missing {
			at := finding.Whole(t.InfoPlist.Path)
			if list != nil {
				at = list.At
			}
			f := p.Report(at, "%s needs the background mode %q, which %s does not hold", n.what, n.mode, modesKey)
			f.Subject, f.Edits = n.mode, edits
			switch {
			case n.ask != nil:
				f.Certainty = n.ask.certainty(t)
			case n.unit != nil || n.own:
				f.Certainty = finding.Warning // the app may mean it while it is open
			}
			f.Related = []finding.Related{{Place: n.at, Text: "it is needed here"}}
			leftOut(f, t, modesKey)
		}
	})
}

// leftOut notes a build setting that was meant to add a key to Info.plist, which Xcode does for
// some keys only (swiftlang/swift-build InfoPlistProcessorTaskAction.swift); a script of the app's own may.
func leftOut(f *finding.Finding, t *project.Target, key string) {
	if v, ok := t.Setting("INFOPLIST_KEY_" + key); ok {
		f.Certainty = min(f.Certainty, finding.Warning)
		f.Related = append(f.Related, finding.Related{Place: v.At, Text: "Xcode does not put this setting into Info.plist"})
	}
}

func checkPushEntitlement(p *Pass) {
	calls := append(p.iosCalls("firebase_messaging", "", "onBackgroundMessage"), p.iosCalls("firebase_messaging", "", "getToken")...)
	if len(calls) == 0 {
		return
	}
	for _, t := range p.apps() {
		if entitled(t, "aps-environment") {
			continue
		}
		var at finding.Place
		switch {
		case len(t.Entitlements) > 0:
			at = finding.Whole(t.Entitlements[0].Path)
		case t.InfoPlist != nil:
			at = finding.Whole(t.InfoPlist.Path)
		default:
			continue
		}
		f := p.Report(at, "the app uses firebase_messaging, but no entitlement of the target %s is aps-environment", t.Name)
		f.Subject = t.Name
		f.Related = []finding.Related{{Place: p.Call(calls[0].Unit, calls[0].Node), Text: "pushes are received here"}}
		return
	}
}

// entitled tells whether a key is in any entitlements of a target.
func entitled(t *project.Target, key string) bool {
	for _, e := range t.Entitlements {
		if e.Find(key) != nil {
			return true
		}
	}
	return false
}

func checkHealthEntitlement(p *Pass) {
	research := slices.DeleteFunc(p.asksOfIOS(), func(a ask) bool { return a.Kind != plugins.Health })
	for _, t := range p.apps() {
		const delivery = "com.apple.developer.healthkit.background-delivery"
		if len(t.Entitlements) > 0 && !entitled(t, delivery) && p.Project.IOS.Code != nil {
			for _, c := range p.Project.IOS.Code.Calls("enableBackgroundDelivery") {
				if c.Node.Arg("frequency") != nil && builds(t, c.Unit) && !inTests(c.Unit) {
					f := p.Report(finding.Whole(t.Entitlements[0].Path), "enableBackgroundDelivery needs the entitlement %s, which the target %s does not have", delivery, t.Name)
					f.Subject, f.Fix = delivery, "Add "+delivery+" (Xcode: HealthKit, Background Delivery)"
					f.Related = []finding.Related{{Place: p.Call(c.Unit, c.Node), Text: "it is needed here"}}
					break
				}
			}
		}
		if entitled(t, "com.apple.developer.backgroundtasks.healthresearch") {
			continue
		}
		for _, a := range distinct(research, t) { // an older iOS may be asked for another kind by the same name
			p.Report(a.At, "%s needs an entitlement that the target %s does not have", a.What, t.Name).Subject = a.ID
		}
		return
	}
}
