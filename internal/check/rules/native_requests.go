package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/work"
)

// What Kotlin and Java have in common with Dart is added to the rules of Dart.

func nativePeriods(p *Pass) {
	for _, r := range p.workRequests() {
		if !r.periodic {
			continue
		}
		every, _, known, _, _ := r.period()
		if known && every > 0 && every < minPeriod() {
			f := p.Report(p.Call(r.Unit, r.Node), "a period of %s is raised to %s", span(every), span(minPeriod()))
			f.Subject = r.worker
		}
	}
}

func nativeIdleBackoff(p *Pass) {
	for _, r := range p.workRequests() {
		if call := r.with("setBackoffCriteria"); call != nil && asks(r.constraints(), "setRequiresDeviceIdle") {
			p.Report(p.verb(r.Unit, call), "the request sets a backoff and waits for an idle device: build() throws").Subject = r.worker
		}
	}
}

func nativeIdleCharging(p *Pass) {
	for _, r := range p.workRequests() {
		if set := r.constraints(); asks(set, "setRequiresDeviceIdle") && asks(set, "setRequiresCharging") {
			p.Report(p.Call(r.Unit, r.Node), "some devices are never idle and charging at a time").Subject = r.worker
		}
	}
}

// nativeExpedited reports expedited requests that cannot be built, or cannot run before
// Android 12.
func nativeExpedited(p *Pass) {
	for _, r := range p.workRequests() {
		call := r.with("setExpedited")
		if call == nil || r.depends(call) {
			continue
		}
		set := r.constraints()
		for _, name := range []string{"setRequiresCharging", "setRequiresBatteryNotLow", "setRequiresDeviceIdle"} {
			if asks(set, name) {
				p.Report(p.verb(r.Unit, call), "expedited work may not ask for %s: build() throws", strings.TrimPrefix(name, "setRequires")).Subject = r.worker
			}
		}
		if set["addContentUriTrigger"] != nil {
			p.Report(p.verb(r.Unit, call), "expedited work may not wait for a content URI: build() throws").Subject = r.worker
		}
		if delay := r.with("setInitialDelay"); delay != nil && !r.depends(delay) {
			us, _, known := r.duration(delay.Args, 0)
			if known && us <= 0 {
				continue
			}
			f := p.Report(p.verb(r.Unit, delay), "expedited work may not be delayed: build() throws")
			if f.Subject = r.worker; !known {
				f.Certainty = finding.Warning
			}
		}
		p.foregroundBefore12(r, call)
	}
}

// depends tells whether a call that goes on with a request is made under a condition.
func (r *workRequest) depends(call *island.Node) bool {
	return slices.ContainsFunc(r.native.Guards(r.In, call), func(g code.Guard) bool {
		decides := (g.Kind == code.Condition || g.Kind == code.InCase) && !g.Early
		return decides && g.Cond.Start > r.Node.Start && g.Cond.End < call.End // between the builder and the call
	})
}

// foregroundBefore12 looks for the notification that expedited work shows on older systems.
func (p *Pass) foregroundBefore12(r *workRequest, call *island.Node) {
	if least := r.module.MinSDK; least == 0 || int64(least) >= androidLimit("API with expedited jobs") || r.worker == "" {
		return
	}
	if slices.ContainsFunc(r.native.Guards(r.In, call), func(g code.Guard) bool {
		return g.Cond != nil && strings.Contains(r.Unit.Text(g.Cond.Span), "SDK_INT")
	}) {
		return
	}
	var class *island.Decl
	classesOf(r.native, func(_ *code.Unit, d *island.Decl) {
		if d.Name == r.worker {
			class = d
		}
	})
	if class == nil || !supers(class, "Worker", "CoroutineWorker", "ListenableWorker") {
		return // it may inherit one
	}
	for _, name := range []string{"getForegroundInfo", "getForegroundInfoAsync"} {
		if method(class, name) != nil {
			return
		}
	}
	f := p.Report(p.verb(r.Unit, call), "%s does not implement getForegroundInfo, which expedited work needs before Android 12 (minSdk is %d)", r.worker, r.module.MinSDK)
	f.Subject = r.worker
	f.Seen = "before Android 12 the work fails with IllegalStateException, in the log only, and never runs"
	f.Fix = "Implement getForegroundInfo() with a notification, or expedite on Android 12 and later only"
}

// nativeInput reports input that WorkManager cannot store.
func nativeInput(p *Pass) {
	for _, m := range p.nativeModules() {
		for _, c := range m.Code.Calls("workDataOf") {
			if inTests(c.Unit) {
				continue
			}
			for i := range c.Node.Args {
				pair := c.Node.Args[i].Value
				if pair.Kind != island.Binary || pair.Name != "to" || len(pair.Kids) < 2 {
					continue
				}
				v := pair.Kids[1]
				switch {
				case isCall(v, "listOf", "mutableListOf", "setOf", "mapOf", "mutableMapOf", "Date", "File", "Uri", "arrayListOf"):
					p.Report(p.Node(c.Unit, v), "%s cannot be stored as input: it takes numbers, booleans, strings and arrays of them", island.CalleeName(v))
				default:
					for _, s := range m.Code.Value(c.In, c.Unit, v).Strings() {
						if len(s) > work.MaxData {
							p.Report(p.Node(c.Unit, v), "input data of %d bytes; at most %d can be stored", len(s), work.MaxData)
						}
					}
				}
			}
		}
	}
}
