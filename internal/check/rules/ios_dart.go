package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/pub"
	"github.com/lullwork/lull/internal/policy/flutter"
	"github.com/lullwork/lull/work"
)

const pluginSwift = "fluttercommunity/flutter_workmanager WorkmanagerPlugin.swift"

func crossPlatformRules() []*Rule {
	return []*Rule{
		{
			Name: "ios-period-ignored", IDs: []string{"I11"}, Group: IOS, Certainty: finding.Hint, Platforms: []string{OnIOS},
			Title:  "a period is not told to iOS",
			Detail: "iOS decides when a refresh task runs, by how often the app is used. workmanager does not pass `frequency` on to iOS; `initialDelay` is the earliest begin, at every submit.",
			Seen:   "on iOS runs come when the system likes, often once a day or less, and not at all for an app that is not used",
			Fix:    "Pass initialDelay for iOS, and do not rely on the period there",
			Source: []string{"fluttercommunity/flutter_workmanager workmanager_impl.dart", pluginSwift},
			Example: Example{
				Lang: "dart",
				Bad:  "registerPeriodicTask('sync', 'sync', frequency: const Duration(hours: 1));\n",
				Good: "registerPeriodicTask('sync', 'sync',\n    frequency: const Duration(hours: 1), initialDelay: const Duration(hours: 1));\n",
			},
			Check: checkPeriodIgnored,
		},
		{
			Name: "ios-constraint-dropped", IDs: []string{"I12"}, Group: IOS, Certainty: finding.Warning, Platforms: []string{OnIOS},
			Title: "a condition of the task does not hold on iOS",
			Detail: "workmanager passes no conditions of periodic and one-off tasks on to iOS. Of processing tasks it passes charging, and a network for `connected` and `metered`: `unmetered` and `notRoaming` become no condition at all. " +
				"The input data of processing tasks is dropped.",
			Seen:   "on iOS the task runs though its condition does not hold, as on battery or without a network",
			Fix:    "Check the condition in the callback, and return false if it does not hold",
			Source: []string{pluginSwift + " registerProcessingTask, registerPeriodicTask"},
			Example: Example{
				Lang: "dart",
				Bad:  "registerProcessingTask('backup', 'backup',\n    constraints: Constraints(networkType: NetworkType.unmetered));\n",
				Good: "registerProcessingTask('backup', 'backup',\n    constraints: Constraints(networkType: NetworkType.connected)); // the callback asks for Wi-Fi\n",
			},
			Check: checkConstraintDropped,
		},
		{
			Name: "ios-one-off-delay", IDs: []string{"I13"}, Group: IOS, Certainty: finding.Warning, Platforms: []string{OnIOS},
			Title:  "a one-off task is delayed for longer than iOS keeps the app alive",
			Detail: "On iOS workmanager runs a one-off task in the app's process: a timer inside of a background task of UIKit, which gets about " + span(iosLimits().AssertionLimit) + ". When the app is suspended before, the timer is lost.",
			Seen:   "the task never runs on iOS, unless the app stays open",
			Fix:    "Use registerProcessingTask on iOS, or a push",
			Source: []string{pluginSwift + " startOneOffTask"},
			Example: Example{
				Lang: "dart",
				Bad:  "registerOneOffTask('tidy', 'tidy', initialDelay: const Duration(hours: 2));\n",
				Good: "registerProcessingTask('tidy', 'tidy', initialDelay: const Duration(hours: 2)); // on iOS\n",
			},
			Check: checkOneOffDelay,
		},
		{
			Name: "wrong-platform-call", IDs: []string{"I15"}, Group: IOS, Certainty: finding.Error, Platforms: []string{OnAndroid, OnIOS},
			Title:    "a call throws on the other platform",
			Detail:   "cancelByTag and isScheduledByUniqueName of workmanager throw on iOS; processing, health research and continued tasks, and printScheduledTasks, throw on Android. A platform check keeps the call to where it works.",
			Seen:     "UnsupportedError or UnimplementedError on the other platform; what comes after the call does not happen",
			Fix:      "Guard the call with Platform.isAndroid or Platform.isIOS",
			Versions: []string{"workmanager >=0.8.0"},
			Source:   []string{"fluttercommunity/flutter_workmanager workmanager_apple.dart, workmanager_android.dart"},
			Example: Example{
				Lang: "dart",
				Bad:  "await Workmanager().cancelByTag('sync');\n",
				Good: "if (Platform.isAndroid) await Workmanager().cancelByTag('sync');\n",
			},
			Check: checkWrongPlatform,
		},
	}
}

// workCalls are calls of workmanager that may run on a system which the app has.
func (p *Pass) workCalls(os string, names ...string) []code.Call {
	if os == OnIOS && p.Project.IOS == nil || os == OnAndroid && p.Project.Android == nil {
		return nil
	}
	var calls []code.Call
	for _, name := range names {
		for _, c := range p.pluginCalls("workmanager", "", name) {
			if p.mayRunOn(os, c) {
				calls = append(calls, c)
			}
		}
	}
	return calls
}

func checkPeriodIgnored(p *Pass) {
	for _, c := range p.workCalls(OnIOS, "registerPeriodicTask") {
		if c.Node.Arg("frequency") != nil && c.Node.Arg("initialDelay") == nil {
			p.Report(p.Arg(c.Unit, c.Node, "frequency"), "iOS is not told of this period")
		}
	}
}

// networks are the kinds of network by their names in Dart.
var networks = map[string]work.Network{
	"connected": work.Connected, "metered": work.Metered, "notRoaming": work.NotRoaming, "unmetered": work.Unmetered, "temporarilyUnmetered": work.TemporarilyUnmetered,
}

// without is when a task runs that iOS is not told a condition of, by the condition.
var without = map[string]string{
	"requiresCharging": "on battery", "requiresDeviceIdle": "while the phone is in use", "requiresBatteryNotLow": "with a low battery", "requiresStorageNotLow": "with little storage left",
}

// withoutNetwork is when a task runs that iOS is not told the network of.
func withoutNetwork(kind work.Network) []string {
	switch kind {
	case work.Unmetered, work.TemporarilyUnmetered:
		return []string{"without a network", "on mobile data"}
	case work.NotRoaming:
		return []string{"without a network", "while roaming"}
	}
	return []string{"without a network"}
}

func checkConstraintDropped(p *Pass) {
	layer := flutter.LayerFor("workmanager@0.10", work.KindProcessing)
	for _, c := range p.workCalls(OnIOS, "registerProcessingTask", "registerPeriodicTask", "registerOneOffTask") {
		processing := island.CalleeName(c.Node) == "registerProcessingTask"
		if processing && c.Node.Arg("inputData") != nil && layer.InputDropped {
			f := p.Report(p.Arg(c.Unit, c.Node, "inputData"), "the input of a processing task does not reach the callback on iOS")
			f.Seen, f.Fix = "on iOS the callback gets no input", "Keep what the task needs in a file or in the preferences, and read it in the callback"
		}
		constraints := c.Node.Arg("constraints")
		if constraints == nil || island.CalleeName(constraints) != "Constraints" {
			continue
		}
		var dropped, seen []string
		for i := range constraints.Args {
			a := &constraints.Args[i]
			switch {
			case a.Label == "networkType":
				kind, some := networks[lastName(a.Value)]
				if some && !(processing && layer.Network(kind) != work.NoNetwork) {
					dropped, seen = append(dropped, "networkType: "+lastName(a.Value)), append(seen, withoutNetwork(kind)...)
				}
			case without[a.Label] != "" && a.Value.Kind == island.Bool && a.Value.Name == "true" && !(processing && a.Label == "requiresCharging"):
				dropped, seen = append(dropped, a.Label), append(seen, without[a.Label])
			}
		}
		if len(dropped) == 0 {
			continue
		}
		f := p.Report(p.Arg(c.Unit, c.Node, "constraints"), "iOS is not told of %s", list(dropped))
		f.Subject, f.Seen = strings.Join(dropped, " "), "on iOS the task also runs "+list(seen)
		if !processing {
			f.Certainty = finding.Hint
		}
	}
}

func checkOneOffDelay(p *Pass) {
	for _, c := range p.workCalls(OnIOS, "registerOneOffTask") {
		delay := c.Node.Arg("initialDelay")
		if delay == nil || p.version("workmanager", "<0.6.0") == pub.Yes {
			continue
		}
		v := p.value(c, delay)
		longest := int64(0)
		for _, us := range v.Ints() {
			longest = max(longest, us)
		}
		if v.Min != nil {
			longest = max(longest, *v.Min)
		}
		if longest > iosLimits().AssertionLimit {
			p.Report(p.Arg(c.Unit, c.Node, "initialDelay"), "a delay of %s is longer than the %s that iOS leaves the app", span(longest), span(iosLimits().AssertionLimit))
		}
	}
}

func checkWrongPlatform(p *Pass) {
	if p.version("workmanager", "<0.8.0") == pub.Yes { // it was one plugin, which did not throw
		return
	}
	for _, of := range []struct {
		os    string
		calls []string
	}{
		{OnIOS, []string{"cancelByTag", "isScheduledByUniqueName"}},
		{OnAndroid, []string{"registerProcessingTask", "registerHealthResearchTask", "registerContinuedProcessingTask", "printScheduledTasks"}},
	} {
		for _, c := range p.workCalls(of.os, of.calls...) {
			if c.In != nil && slices.ContainsFunc(p.Project.Dart.Guards(c.In, c.Node), func(g code.Guard) bool { return g.Kind == code.InTry }) {
				continue // what it throws is expected
			}
			f := p.Report(p.Call(c.Unit, c.Node), "%s throws on %s", island.CalleeName(c.Node), shownOS[of.os])
			f.Subject = island.CalleeName(c.Node)
		}
	}
}

// shownOS are systems as people write them.
var shownOS = map[string]string{OnAndroid: "Android", OnIOS: "iOS"}
