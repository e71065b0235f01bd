// Package flutter holds what the layers between a Flutter app and its system make of
// what the app asks for, and what they hide from it.
package flutter

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/work"
)

// Layer is a plugin in one range of versions, or none. Facts were read in the plugins'
// source: fluttercommunity/flutter_workmanager (main of 2026-08-04) and
// firebase/flutterfire (2026-08-21).
type Layer struct {
	Name string

	// Android.
	OneOffPolicy   work.Policy // where the app names none
	PeriodicPolicy work.Policy
	// NoUpdate makes update and append of one-off work append-or-replace
	// (workmanager_android, WorkManagerUtils.kt).
	NoUpdate bool
	// BackoffWhole: backoff is told only if both its policy and its delay are named
	// (workmanager_android, WorkManagerUtils.kt).
	BackoffWhole bool
	// DelayIgnored: the initial delay of periodic work without a flex is not told (mended in
	// workmanager_android 0.9.1+1).
	DelayIgnored bool
	// FalseRetries makes a callback that returns false retry, and one that throws fail.
	FalseRetries bool
	// HandleLost fails runs after an update of the app until it has been started: the
	// callback's handle belongs to the build that stored it. On iOS the cache in which it is
	// looked up is in Library (FlutterPluginAppLifeCycleDelegate.mm), which an update keeps.
	HandleLost bool
	// OneAtATime lets one callback run after the other, with no time limit of its own
	// (firebase_messaging: one JobIntentService, a latch without a timeout).
	OneAtATime bool

	// iOS.
	// FrequencyIgnored: the period of periodic work is not told to the system; the
	// initial delay is its earliest begin, at every submit (WorkmanagerPlugin.swift).
	FrequencyIgnored bool
	// SubmitsAgain: the layer itself asks for the next refresh as a run begins.
	SubmitsAgain bool
	// OneOffIsTimer: one-off work is a timer in the process, inside a background task.
	OneOffIsTimer bool
	// ConnectedOnly: of the kinds of network only that there is one is told, for connected
	// and metered; the others become none (WorkmanagerPlugin.swift registerProcessingTask).
	ConnectedOnly bool
	// FalseSucceeds: processing, as health research, reports success whatever the callback returns.
	FalseSucceeds bool
	// Cut is after how long, µs, a push is reported as done, whatever still runs; 0: never.
	Cut int64
	// RefusalHidden: a submit that the system refuses is logged only, and the app is told
	// of success.
	RefusalHidden bool
	// ExpiryHidden: the callback is not told of an expiration. That of a refresh is logged
	// only, and the completion of processing waits for the callback all the same.
	ExpiryHidden bool
	// InputDropped: processing gets no input.
	InputDropped bool
}

// Layers returns the layers that plans may name.
func Layers() []Layer {
	workmanager := Layer{
		OneOffPolicy: work.Keep, PeriodicPolicy: work.Update, NoUpdate: true, BackoffWhole: true, FalseRetries: true, HandleLost: true,
		FrequencyIgnored: true, SubmitsAgain: true, OneOffIsTimer: true, ConnectedOnly: true, FalseSucceeds: true,
		RefusalHidden: true, ExpiryHidden: true, InputDropped: true,
	}
	nine, ten := workmanager, workmanager
	nine.Name, nine.DelayIgnored = "workmanager@0.9", true
	ten.Name = "workmanager@0.10"
	return []Layer{
		{Name: Native},
		nine,
		ten,
		{Name: "firebase", HandleLost: true, OneAtATime: true, Cut: 25_000_000},
	}
}

// Native is what calls the system without a plugin.
const Native = "native"

// carried are the kinds of task that a plugin has calls for, by its name without version.
// An app goes to the system by other ways for the others.
var carried = map[string][]work.Kind{
	"workmanager": {work.KindWork, work.KindRefresh, work.KindProcessing, work.KindHealth, work.KindContinued, work.KindAssertion, work.KindTimer},
	"firebase":    {work.KindPush},
}

// Carries reports whether the layer has a call for a kind of task.
func (l *Layer) Carries(k work.Kind) bool {
	family, _, _ := strings.Cut(l.Name, "@")
	kinds, some := carried[family]
	return !some || slices.Contains(kinds, k)
}

// Network returns which network the layer tells iOS of.
func (l *Layer) Network(n work.Network) work.Network {
	switch {
	case !l.ConnectedOnly:
		return n
	case n == work.Connected || n == work.Metered:
		return work.Connected
	}
	return work.NoNetwork
}

// LayerFor returns the layer through which a task of a kind goes, if the app uses the one of
// a name where it can.
func LayerFor(name string, k work.Kind) Layer {
	if l, ok := LayerOf(name); ok && l.Carries(k) {
		return l
	}
	l, _ := LayerOf(Native)
	return l
}

// LayerOf finds a layer by its name.
func LayerOf(name string) (Layer, bool) {
	for _, l := range Layers() {
		if l.Name == name {
			return l, true
		}
	}
	return Layer{}, false
}
