package promised

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/policy/promise"
)

// example is the plan that the cases change.
func example(tb testing.TB) string {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "examples", "mobile", "lull.yaml"))
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// variation is the example with lines changed, and what is to be denied then that is not
// denied to the example itself.
type variation struct {
	name    string
	edits   []string // old, new, old, new ...
	task    string
	on      string
	rule    string
	ends    bool   // nothing is left of the promise
	gets    string // a part of it
	android string // version
}

const (
	iosApp     = "ios: {modes: [fetch, processing, remote-notification], permitted: [com.ex.sync, com.ex.clean]}"
	androidApp = "android: {target: 36, permissions: [post-notifications, run-user-initiated-jobs]}"
	syncIOS    = "ios: {as: refresh, id: com.ex.sync, resubmit: first, completes: always}"
	syncDroid  = "android: {as: periodic, flex: 15m}"
	syncNeeds  = "needs: {network: connected}"
	cleanIOS   = "ios: {as: processing, id: com.ex.clean, power: true, resubmit: first}"
	cleanNeeds = "needs: {charging: true, idle: true}"
	cleanDroid = "android: {as: periodic}\n    model: {takes: 4m"
	uploadIOS  = "ios: {as: transfer, started: foreground, via: native}"
	uploadAsk  = "submit: {when: arrival, rate: 4/day, during: app-open, policy: append-or-replace}"
	uploadRoid = "android: {as: user-initiated, via: native}"
	messageIOS = "ios: {as: push, priority: 5, via: firebase}"
	messageAll = "android: {as: push, priority: high, visible: true, via: firebase}"
	widgetIOS  = "ios: {as: widget, entries: 8, reload: at-end, views: 12/day}"
	remindAsk  = "submit: {when: app-open, count: 70}"
	remindIOS  = "ios: {as: notification}"
	remindRoid = "android: {as: notification, mode: exact, reboot: rearm}"
	remindAt   = `at: {cron: "0 9 * * *", zone: device}`
	exactly    = "android: {target: 36, permissions: [post-notifications, run-user-initiated-jobs, use-exact-alarm]}"
)

// more adds tasks to the end of the example.
func more(tasks string) []string {
	return []string{remindRoid, remindRoid + "\n" + tasks}
}

var variations = []variation{
	// iOS: submits that are refused.
	{name: "identifier", edits: []string{"permitted: [com.ex.sync, com.ex.clean]", "permitted: [com.ex.clean]"}, task: "sync", on: promise.IOS, rule: "refused", ends: true, gets: "BGTaskSchedulerErrorDomain 3 notPermitted"},
	{name: "mode fetch", edits: []string{"[fetch, processing,", "[processing,"}, task: "sync", on: promise.IOS, rule: "refused", ends: true, gets: "3 notPermitted"},
	{name: "mode processing", edits: []string{"[fetch, processing,", "[fetch,"}, task: "clean", on: promise.IOS, rule: "refused", ends: true, gets: "3 notPermitted"},
	{name: "mode push", edits: []string{", remote-notification]", "]"}, task: "message", on: promise.IOS, rule: "push-mode", ends: true},
	{name: "two refreshes", edits: append(more("  other:\n    ios: {as: refresh, id: com.ex.other}"), "com.ex.clean]", "com.ex.clean, com.ex.other]"), task: "other", on: promise.IOS, rule: "too-many", gets: "2 tooManyPendingTaskRequests"},
	{name: "eleven processings", edits: append(more(processings(10)), "com.ex.clean]", "com.ex.clean, "+identifiers(10)+"]"), task: "p9", on: promise.IOS, rule: "too-many", gets: "2 tooManyPendingTaskRequests"},
	{name: "same identifier", edits: []string{cleanIOS, strings.Replace(cleanIOS, "com.ex.clean", "com.ex.sync", 1)}, task: "clean", on: promise.IOS, rule: "same-identifier"},
	{name: "health without entitlement", edits: []string{cleanIOS, "ios: {as: health, id: com.ex.clean}"}, task: "clean", on: promise.IOS, rule: "refused", ends: true, gets: "1 unavailable"},
	{name: "continued from behind", edits: []string{cleanIOS, "ios: {as: continued, id: com.ex.clean}", "submit: {when: app-start, policy: keep}", "submit: {when: arrival, rate: 1/day}"}, task: "clean", on: promise.IOS, rule: "behind", gets: "1 unavailable"},
	{name: "identifier of Apple", edits: []string{"com.ex.sync,", "com.apple.sync,", "id: com.ex.sync", "id: com.apple.sync"}, task: "sync", on: promise.IOS, rule: "refused", ends: true, gets: "3 notPermitted"},
	{name: "late", edits: []string{syncIOS, "ios: {as: refresh, id: com.ex.sync, registers: late}"}, task: "sync", on: promise.IOS, rule: "registered-late", ends: true},

	// iOS: what is taken, and not done.
	{name: "period", edits: []string{"every: 1h", "every: 5m", ", flex: 15m", ""}, task: "sync", on: promise.IOS, rule: "period-below", gets: "15m"},
	{name: "period of processing", edits: []string{"every: 24h", "every: 6h"}, task: "clean", on: promise.IOS, rule: "period-below", gets: "20h"},
	{name: "time of day", edits: []string{"every: 1h", "every: 1h\n    " + remindAt}, task: "sync", on: promise.IOS, rule: "time-of-day"},
	{name: "unmetered refresh", edits: []string{syncNeeds, "needs: {network: unmetered}"}, task: "sync", on: promise.IOS, rule: "condition", gets: "without"},
	{name: "charging refresh", edits: []string{syncNeeds, "needs: {charging: true}"}, task: "sync", on: promise.IOS, rule: "condition"},
	{name: "idle refresh", edits: []string{syncNeeds, "needs: {idle: true}"}, task: "sync", on: promise.IOS, rule: "condition"},
	{name: "battery", edits: []string{cleanNeeds, "needs: {battery: not-low}"}, task: "clean", on: promise.IOS, rule: "condition"},
	{name: "charging without power", edits: []string{"power: true, ", ""}, task: "clean", on: promise.IOS, rule: "condition"},
	{name: "unmetered processing", edits: []string{cleanNeeds, "needs: {network: unmetered}"}, task: "clean", on: promise.IOS, rule: "condition"},
	{name: "long refresh", edits: []string{"takes: 12s", "takes: 2m"}, task: "sync", on: promise.IOS, rule: "run-too-long", gets: "30s"},
	{name: "long processing", edits: []string{"takes: 4m", "takes: 20m"}, task: "clean", on: promise.IOS, rule: "run-too-long", gets: "10m"},
	{name: "long push", edits: []string{"takes: 3s", "takes: 40s"}, task: "message", on: promise.IOS, rule: "run-too-long", gets: "30s"},
	{name: "processor", edits: []string{"power: true, ", "", "cpu: 0.6", "cpu: 0.9"}, task: "clean", on: promise.IOS, rule: "cpu"},
	{name: "retry", edits: []string{syncNeeds, syncNeeds + "\n    backoff: {policy: linear, delay: 1m}"}, task: "sync", on: promise.IOS, rule: "no-retry"},
	{name: "haste", edits: []string{uploadAsk, uploadAsk + "\n    expedited: true"}, task: "upload", on: promise.IOS, rule: "no-haste"},
	{name: "never again", edits: []string{cleanIOS, strings.Replace(cleanIOS, "first", "never", 1)}, task: "clean", on: promise.IOS, rule: "not-again"},
	{name: "never complete", edits: []string{"completes: always", "completes: never"}, task: "sync", on: promise.IOS, rule: "never-complete"},
	{name: "far ahead", edits: []string{cleanIOS, strings.Replace(cleanIOS, "power: true", "power: true, earliest: 200h", 1)}, task: "clean", on: promise.IOS, rule: "far-ahead"},
	{name: "priority 10", edits: []string{"priority: 5", "priority: 10"}, task: "message", on: promise.IOS, rule: "push-priority", ends: true},
	{name: "many pushes", edits: []string{"rate: 20/day", "rate: 10/hour"}, task: "message", on: promise.IOS, rule: "push-rate"},
	{name: "notifications repeat", edits: []string{remindIOS, "ios: {as: notification, repeats: true}", remindAt, "every: 30s", ", count: 70", ""}, task: "reminder", on: promise.IOS, rule: "repeat-interval", ends: true},
	{name: "reloads", edits: []string{"entries: 8", "entries: 1", "every: 30m", "every: 10m"}, task: "widget", on: promise.IOS, rule: "widget-reloads", gets: "72"},
	{name: "unseen widget", edits: []string{"views: 12/day", "views: 1/day"}, task: "widget", on: promise.IOS, rule: "widget-views"},
	{name: "static widget", edits: []string{"reload: at-end", "reload: never"}, task: "widget", on: promise.IOS, rule: "widget-never"},
	{name: "background transfer", edits: []string{"started: foreground", "started: background"}, task: "upload", on: promise.IOS, rule: "discretionary"},
	{name: "delayed timer", edits: []string{uploadIOS, "ios: {as: assertion}", uploadAsk, uploadAsk + "\n    delay: 10m"}, task: "upload", on: promise.IOS, rule: "timer-delay"},
	{name: "layer", edits: []string{uploadIOS, "ios: {as: transfer, via: workmanager@0.9}"}, task: "upload", on: promise.IOS, rule: "layer"},

	// Android.
	{name: "period", edits: []string{"every: 1h", "every: 5m", ", flex: 15m", ""}, task: "sync", on: promise.Android, rule: "period-below", gets: "every 15m"},
	{name: "flex", edits: []string{"flex: 15m", "flex: 1m"}, task: "sync", on: promise.Android, rule: "flex-below", gets: "5m"},
	{name: "backoff range", edits: []string{syncNeeds, syncNeeds + "\n    backoff: {policy: linear, delay: 1s}"}, task: "sync", on: promise.Android, rule: "backoff-range", gets: "10s"},
	{name: "expedited and charging", edits: []string{cleanDroid, "android: {as: one-off, expedited: true}\n    model: {takes: 4m"}, task: "clean", on: promise.Android, rule: "expedited", ends: true},
	{name: "expedited and late", edits: []string{uploadRoid, "android: {as: one-off, expedited: true}\n    delay: 1m"}, task: "upload", on: promise.Android, rule: "expedited", ends: true},
	{name: "expedited in 11", edits: []string{uploadRoid, "android: {as: one-off, expedited: true}"}, task: "upload", on: promise.Android, rule: "expedited-version", android: "11"},
	{name: "backoff and idle", edits: []string{cleanNeeds, cleanNeeds + "\n    backoff: {policy: linear, delay: 1m}"}, task: "clean", on: promise.Android, rule: "backoff-idle", ends: true},
	{name: "no transfer permission", edits: []string{", run-user-initiated-jobs]", "]"}, task: "upload", on: promise.Android, rule: "user-initiated", ends: true, gets: "SecurityException"},
	{name: "no transfers in 13", task: "upload", on: promise.Android, rule: "user-initiated", ends: true, android: "13"},
	{name: "transfer without network", edits: []string{"needs: {network: unmetered}\n", "tags: [x]\n"}, task: "upload", on: promise.Android, rule: "transfer-network"},
	{name: "transfer from behind", edits: []string{", during: app-open", ""}, task: "upload", on: promise.Android, rule: "behind", gets: "RESULT_FAILURE"},
	{name: "exact alarm denied", edits: []string{androidApp, strings.Replace(exactly, "use-", "schedule-", 1), remindRoid, "android: {as: alarm, mode: exact-idle, reboot: rearm}"}, task: "reminder", on: promise.Android, rule: "exact-alarm", ends: true, gets: "SecurityException"},
	{name: "alarm clock denied", edits: []string{remindRoid, "android: {as: alarm, mode: alarm-clock, reboot: rearm}"}, task: "reminder", on: promise.Android, rule: "exact-alarm", ends: true, gets: "SecurityException"},
	{name: "exact but in Doze", edits: []string{androidApp, exactly}, task: "reminder", on: promise.Android, rule: "exact-in-doze"},
	{name: "no notifications", edits: []string{androidApp, "android: {target: 36, permissions: [run-user-initiated-jobs, use-exact-alarm]}"}, task: "reminder", on: promise.Android, rule: "notifications", ends: true},
	{name: "inexact", edits: []string{"mode: exact,", "mode: inexact,"}, task: "reminder", on: promise.Android, rule: "inexact", gets: "1h"},
	{name: "lost at boot", edits: []string{androidApp, exactly, "reboot: rearm", "reboot: lost"}, task: "reminder", on: promise.Android, rule: "lost-at-boot"},
	{name: "too many alarms", edits: []string{androidApp, exactly, "count: 70", "count: 501"}, task: "reminder", on: promise.Android, rule: "too-many-alarms"},
	{name: "alarms too near", edits: []string{androidApp, exactly, remindAt, "every: 30s", ", count: 70", ""}, task: "reminder", on: promise.Android, rule: "alarm-interval", gets: "1m"},
	{name: "unseen push", edits: []string{"visible: true", "visible: false"}, task: "message", on: promise.Android, rule: "push-unseen"},
	{name: "normal push", edits: []string{"priority: high", "priority: normal"}, task: "message", on: promise.Android, rule: "push-waits", gets: "6h"},
	{name: "widget", edits: []string{"every: 30m", "every: 10m"}, task: "widget", on: promise.Android, rule: "widget-period", gets: "30m"},
	{name: "condition of a push", edits: []string{messageAll, messageAll + "\n    needs: {charging: true}"}, task: "message", on: promise.Android, rule: "condition"},
	{name: "hours", edits: []string{syncNeeds, `needs: {between: "22:00-06:00"}`}, task: "sync", on: promise.Android, rule: "condition"},
	{name: "time of day", edits: []string{"every: 1h", "every: 1h\n    " + remindAt}, task: "sync", on: promise.Android, rule: "time-of-day"},
	{name: "long run", edits: []string{"takes: 4m", "takes: 20m"}, task: "clean", on: promise.Android, rule: "run-too-long", gets: "10m"},
	{name: "service from behind", edits: []string{androidApp, services, uploadRoid, "android: {as: service}", ", during: app-open", ""}, task: "upload", on: promise.Android, rule: "behind", gets: "ForegroundServiceStartNotAllowedException"},
	{name: "service without permission", edits: []string{uploadRoid, "android: {as: service}"}, task: "upload", on: promise.Android, rule: "service-permission", ends: true},
	{name: "layer", edits: []string{uploadRoid, "android: {as: user-initiated, via: workmanager@0.9}"}, task: "upload", on: promise.Android, rule: "layer"},
}

const services = "android: {target: 36, permissions: [post-notifications, foreground-service, foreground-service-data-sync]}"

func processings(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "  p%d:\n    ios: {as: processing, id: com.ex.p%d}\n", i, i)
	}
	return b.String()
}

func identifiers(n int) string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("com.ex.p%d", i)
	}
	return strings.Join(ids, ", ")
}

// change makes the edits, each of which must find its place.
func change(t *testing.T, text string, edits []string) string {
	t.Helper()
	for i := 0; i < len(edits); i += 2 {
		if !strings.Contains(text, edits[i]) {
			t.Fatalf("the example does not have %q", edits[i])
		}
		text = strings.Replace(text, edits[i], edits[i+1], 1)
	}
	return text
}

func parse(t *testing.T, text string) *plan.Plan {
	t.Helper()
	p, err := plan.Parse("lull.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// promises returns what is promised to a plan's tasks on a platform, by task.
func promises(t *testing.T, p *plan.Plan, on, android string) map[string]*Promise {
	t.Helper()
	r, err := Of("lull.yaml", p, Config{Platforms: []string{on}, Version: android})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*Promise{}
	for i := range r.Tasks {
		out[r.Tasks[i].Name] = &r.Tasks[i].Platforms[0]
	}
	return out
}

func (x *Promise) denial(rule string) *promise.Denial {
	for i := range x.Denied {
		if x.Denied[i].Rule == rule {
			return &x.Denied[i]
		}
	}
	return nil
}

func TestEachVariationIsDenied(t *testing.T) {
	text := example(t)
	for _, v := range variations {
		t.Run(v.on+"/"+v.name, func(t *testing.T) {
			before := promises(t, parse(t, text), v.on, "")[v.task]
			x := promises(t, parse(t, change(t, text, v.edits)), v.on, v.android)[v.task]
			d := x.denial(v.rule)
			if d == nil {
				t.Fatalf("nothing is denied by %s: %+v", v.rule, x.Denied)
			}
			if v.task != "reminder" && before != nil && before.denial(v.rule) != nil {
				t.Errorf("%s is denied to the example, too", v.rule)
			}
			if d.Ends != v.ends || v.ends != (x.Class == promise.None) {
				t.Errorf("ends %v, class %s", d.Ends, x.Class)
			}
			if !strings.Contains(d.Gets, v.gets) {
				t.Errorf("gets %q, want %q in it", d.Gets, v.gets)
			}
			for what, s := range map[string]string{"asked": d.Asked, "gets": d.Gets, "why": d.Why, "source": d.Source, "instead": d.Instead} {
				if strings.TrimSpace(s) == "" {
					t.Errorf("%s: no %s", v.rule, what)
				}
			}
		})
	}
}

// TestEveryRuleHasAVariation looks for rules that the variations leave out.
func TestEveryRuleHasAVariation(t *testing.T) {
	shown := map[string]bool{}
	for _, v := range variations {
		shown[v.on+" "+v.rule] = true
	}
	for _, x := range promises(t, parse(t, example(t)), promise.IOS, "") {
		for _, d := range x.Denied {
			shown[promise.IOS+" "+d.Rule] = true
		}
	}
	for _, x := range promises(t, parse(t, example(t)), promise.Android, "") {
		for _, d := range x.Denied {
			shown[promise.Android+" "+d.Rule] = true
		}
	}
	rule := regexp.MustCompile(`(?:Rule: |d\.Rule, .* = |d\.Rule = |add\()"([a-z-]+)"`)
	found := 0
	for _, platform := range []string{promise.Android, promise.IOS} {
		b, err := os.ReadFile(filepath.Join("..", "policy", platform, "denied.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range rule.FindAllStringSubmatch(string(b), -1) {
			found++
			if name := platform + " " + m[1]; !shown[name] && !slices.Contains([]string{"android refused"}, name) {
				t.Errorf("no variation shows %s", name)
			}
		}
	}
	if found < 40 {
		t.Errorf("only %d rules were found", found)
	}
}
