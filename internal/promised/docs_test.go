package promised

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/page"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/policy/flutter"
	"github.com/lullwork/lull/internal/policy/ios"
	"github.com/lullwork/lull/internal/policy/promise"
	"github.com/lullwork/lull/internal/sim/report"
	"github.com/lullwork/lull/work"
)

var update = flag.Bool("update", false, "write the generated parts of docs/platforms.md anew")

const pageFile = "../../docs/platforms.md"

// kinds is a plan with every kind of task, in an app that declares everything.
const kinds = `
app:
  via: native
  android: {permissions: [post-notifications, use-exact-alarm, run-user-initiated-jobs, foreground-service, foreground-service-data-sync, receive-boot-completed]}
  ios: {modes: [fetch, processing, remote-notification], permitted: [refresh, processing, health, continued], entitlements: [healthresearch]}
tasks:
  refresh: {ios: {as: refresh}}
  processing: {ios: {as: processing, power: true}}
  health: {ios: {as: health}}
  continued: {ios: {as: continued}}
  transfer-begun-in-front: {ios: {as: transfer, started: foreground}}
  transfer-begun-behind: {ios: {as: transfer, started: background}}
  assertion: {ios: {as: assertion}}
  push-silent: {ios: {as: push}}
  push-visible: {ios: {as: push, visible: true}}
  notification: {every: 24h, ios: {as: notification, repeats: true}, android: {as: notification, mode: exact-idle, reboot: rearm}}
  widget: {every: 30m, ios: {as: widget, entries: 4}, android: {as: widget}}
  periodic: {every: 15m, android: {as: periodic}}
  one-off: {android: {as: one-off}}
  one-off-expedited: {needs: {network: connected}, android: {as: one-off, expedited: true}}
  user-initiated: {needs: {network: connected}, android: {as: user-initiated}}
  alarm-alarm-clock: {every: 24h, android: {as: alarm, mode: alarm-clock, reboot: rearm}}
  alarm-exact-idle: {every: 24h, android: {as: alarm, mode: exact-idle, reboot: rearm}}
  alarm-exact: {every: 24h, android: {as: alarm, mode: exact, reboot: rearm}}
  alarm-inexact-idle: {every: 24h, android: {as: alarm, mode: inexact-idle, reboot: rearm}}
  alarm-inexact: {every: 24h, android: {as: alarm, reboot: rearm}}
  push-high: {android: {as: push, priority: high, visible: true}}
  push-normal: {android: {as: push}}
  service: {android: {as: service}}
`

// TestNothingIsDeniedToWhoAsksForNothing: the promises of the page are not cut short.
func TestNothingIsDeniedToWhoAsksForNothing(t *testing.T) {
	r, err := Of("kinds", parse(t, kinds), Config{Platforms: []string{promise.Android, promise.IOS}})
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range r.Tasks {
		for _, x := range task.Platforms {
			if x.As != "" && (len(x.Denied) > 0 || x.Class == promise.None) {
				t.Errorf("%s on %s is %s: %+v", task.Name, x.Platform, x.Class, x.Denied)
			}
		}
	}
}

func table(rows ...[]string) string {
	var b bytes.Buffer
	p := printer{page.Page{W: &b}}
	for i, r := range rows {
		p.Cells(r...)
		if i == 0 {
			p.Line("|%s", strings.Repeat("---|", len(r)))
		}
	}
	return b.String()
}

func promisesTable(t *testing.T) string {
	r, err := Of("kinds", parse(t, kinds), Config{Platforms: []string{promise.Android, promise.IOS}})
	if err != nil {
		t.Fatal(err)
	}
	rows := [][]string{{"on", "as", "promise", "runs", "but"}}
	for _, on := range []string{promise.Android, promise.IOS} {
		for _, task := range r.Tasks {
			for _, x := range task.Platforms {
				if x.Platform == on && x.As != "" {
					rows = append(rows, []string{names[on], task.Name, string(x.Class), x.when(), x.But})
				}
			}
		}
	}
	out := table(rows...) + "\n"
	for _, c := range promise.Classes() {
		out += fmt.Sprintf("- **%s**: %s\n", c, c.Means())
	}
	return out
}

func vendorsTable(t *testing.T) string {
	r, err := Of("kinds", parse(t, kinds), Config{Platforms: []string{promise.Android}})
	if err != nil {
		t.Fatal(err)
	}
	rows := [][]string{{"", "to", "when", "gets", "what clears it", "by"}}
	for _, v := range r.vendored() {
		rows = append(rows, []string{v.Effect, strings.Join(v.tasks, ", "), v.When, v.Gets, v.Clears, v.by})
	}
	out := table(rows...) + "\n"
	for _, task := range r.Tasks {
		for _, x := range task.Platforms {
			if list := x.lesser(); len(list) > 0 {
				out += fmt.Sprintf("- **%s**: %s, but %s\n", task.Name, x.Class, strings.Join(list, "; "))
			}
		}
	}
	return out
}

func deniedTable(t *testing.T) string {
	text := example(t)
	rows := [][]string{{"on", "rule", "asked", "gets", "why", "instead", "source"}}
	seen := map[string]bool{}
	add := func(on string, d *promise.Denial) {
		name := on + " " + d.Rule + d.Gets
		if seen[name] || d.Rule == "condition" && seen[on+" "+d.Rule+d.Why] {
			return
		}
		seen[name], seen[on+" "+d.Rule+d.Why] = true, true
		gets := d.Gets
		if d.Ends {
			gets += ". Nothing runs"
		}
		rows = append(rows, []string{names[on], d.Rule, d.Asked, gets, d.Why, d.Instead, d.Source})
	}
	for _, on := range []string{promise.Android, promise.IOS} {
		plain := promises(t, parse(t, text), on, "")
		for _, task := range []string{"sync", "upload", "clean", "widget", "message", "reminder"} {
			for i := range plain[task].Denied {
				add(on, &plain[task].Denied[i])
			}
		}
		for _, v := range variations {
			if v.on == on {
				add(on, promises(t, parse(t, change(t, text, v.edits)), v.on, v.android)[v.task].denial(v.rule))
			}
		}
	}
	return table(rows...)
}

func reasonsTable(*testing.T) string {
	out := ""
	for _, on := range []struct {
		name string
		list []promise.Reason
	}{{"Android", android.Reasons()}, {"iOS", ios.Reasons()}} {
		rows := [][]string{{on.name, "means", "what clears it", ""}}
		for _, r := range on.list {
			number := ""
			if r.Android > 0 {
				number = fmt.Sprint(r.Android)
			}
			rows = append(rows, []string{"`" + string(r.Code) + "`", report.Meaning(r.Code), r.Clears, number})
		}
		out += table(rows...) + "\n"
	}
	return strings.TrimSuffix(out, "\n")
}

func layersTable(*testing.T) string {
	rows := [][]string{{"layer", "on Android", "on iOS"}}
	for _, l := range flutter.Layers() {
		var on, off []string
		say := func(list *[]string, is bool, text string) {
			if is {
				*list = append(*list, text)
			}
		}
		say(&on, l.OneOffPolicy != "", "one-off work that exists: "+string(l.OneOffPolicy))
		say(&on, l.PeriodicPolicy != "", "periodic work that exists: "+string(l.PeriodicPolicy))
		say(&on, l.NoUpdate, "update and append of one-off work are append-or-replace")
		say(&on, l.BackoffWhole, "backoff needs policy and delay")
		say(&on, l.DelayIgnored, "the delay of periodic work without a flex is not told")
		say(&on, l.FalseRetries, "false is a retry, an exception a failure")
		say(&on, l.HandleLost, "runs fail from an update until the app is opened")
		say(&on, l.OneAtATime, "one message after the other, without a time limit")
		say(&off, l.FrequencyIgnored, "the period is not told")
		say(&off, l.SubmitsAgain, "a refresh is submitted again as it begins")
		say(&off, l.OneOffIsTimer, "one-off work is a timer in the process")
		say(&off, l.ConnectedOnly, "of a network only that there is one")
		say(&off, l.FalseSucceeds, "processing always reports success")
		say(&off, l.Cut > 0, "a push is done after "+core.InWords(l.Cut))
		rows = append(rows, []string{l.Name, strings.Join(on, "; "), strings.Join(off, "; ")})
	}
	return table(rows...)
}

func hiddenTable(*testing.T) string {
	rows := [][]string{{"", "of", "on", "when", "what is seen", "source"}}
	for _, h := range flutter.AllHidden() {
		var on []string
		for _, p := range h.Platforms {
			on = append(on, names[p])
		}
		rows = append(rows, []string{h.Name, strings.Join(h.Layers, ", "), strings.Join(on, ", "), h.When, h.Seen, h.Source})
	}
	return table(rows...)
}

func parametersOfIOS(*testing.T) string {
	rows := [][]string{{"name", "value", "unit", "since", "evidence", "source"}}
	for _, d := range ios.Parameters() {
		rows = append(rows, []string{"`" + d.Name + "`", d.Text(d.Default), d.Unit, d.Since, d.Tag, d.Source})
	}
	return table(rows...)
}

func parametersOfAndroid(*testing.T) string {
	rows := [][]string{{"name", "value", "since", "evidence", "source"}}
	for _, c := range android.Constants() {
		value := fmt.Sprint(c.Value)
		switch {
		case c.Unit == "µs" && c.Value == 1<<63-1:
			value = "never"
		case c.Unit == "µs" && c.Value%(24*3600*1_000_000) == 0 && c.Value > 0:
			value = fmt.Sprintf("%dd", c.Value/(24*3600*1_000_000))
		case c.Unit == "µs":
			value = core.InWords(c.Value)
		case c.Unit == "flag":
			value = map[int64]string{0: "no", 1: "yes"}[c.Value]
		default:
			value += " " + c.Unit
		}
		name := c.Name
		if _, err := android.ParamByName(name); err == nil {
			name = "`" + name + "`"
		}
		rows = append(rows, []string{name, value, c.Since, c.Tag, c.Source})
	}
	return table(rows...)
}

var generated = []struct {
	name  string
	write func(*testing.T) string
}{
	{"promises", promisesTable},
	{"denied", deniedTable},
	{"reasons", reasonsTable},
	{"layers", layersTable},
	{"vendors", vendorsTable},
	{"hidden", hiddenTable},
	{"parameters of iOS", parametersOfIOS},
	{"parameters of Android", parametersOfAndroid},
}

// TestDocs keeps the tables of the page in step with the code.
func TestDocs(t *testing.T) {
	old, err := os.ReadFile(pageFile)
	if err != nil {
		t.Fatal(err)
	}
	text := string(old)
	for _, g := range generated {
		begin, end := "<!-- begin "+g.name+" -->\n", "<!-- end "+g.name+" -->\n"
		head, rest, ok := strings.Cut(text, begin)
		_, tail, closed := strings.Cut(rest, end)
		if !ok || !closed {
			t.Fatalf("%s lacks %q and %q", pageFile, begin, end)
		}
		text = head + begin + g.write(t) + end + tail
	}
	if text == string(old) {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the code says now: go test ./internal/promised -run TestDocs -update", pageFile)
	}
	if err := os.WriteFile(pageFile, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// diagram returns the drawing under a heading of the page.
func diagram(t *testing.T, heading string) string {
	b, err := os.ReadFile(pageFile)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(b), "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("%s has no %q", pageFile, heading)
	}
	parts := strings.SplitN(rest, "```\n", 3)
	if len(parts) != 3 {
		t.Fatalf("nothing is drawn under %q", heading)
	}
	return parts[1]
}

// wantWords wants what a pattern finds in a drawing to be just the words of the code.
func wantWords(t *testing.T, drawing, what, pattern string, want []string) {
	t.Helper()
	found := map[string]bool{}
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(drawing, -1) {
		found[m[1]] = true
		if !slices.Contains(want, m[1]) {
			t.Errorf("there is no %s %s", what, m[1])
		}
	}
	for _, w := range want {
		if !found[w] {
			t.Errorf("the %s %s is not drawn", what, w)
		}
	}
}

const (
	capitals = `\b([A-Z][A-Z_]{3,})\b`
	braces   = `\{([^}]*)\}`
)

func codes(list []promise.Reason) []string {
	var out []string
	for _, r := range list {
		out = append(out, string(r.Code))
	}
	return out
}

func TestLifeOnAndroid(t *testing.T) {
	drawing := diagram(t, "The life of a task on Android")
	var states []string
	for s := work.Enqueued; s <= work.Cancelled; s++ {
		states = append(states, s.String())
	}
	for b := android.Exempted; b <= android.Never; b++ {
		states = append(states, b.String())
	}
	for s := android.DeepActive; s <= android.DeepMaintenance; s++ {
		states = append(states, s.String())
	}
	for s := android.LightActive; s <= android.LightOverride; s++ {
		states = append(states, s.String())
	}
	wantWords(t, drawing, "state", capitals, states)
	wantWords(t, drawing, "reason", braces, codes(android.Reasons()))
}

func TestLifeOnIOS(t *testing.T) {
	drawing := diagram(t, "The life of a task on iOS")
	wantWords(t, drawing, "state", `\[([^\]]*)\]`, []string{
		string(ios.ProcessNone), string(ios.ProcessLaunching), string(ios.ProcessForeground), string(ios.ProcessBackground),
	})
	var events []string
	for k := ios.HandlerCalled; k <= ios.AssertionExpired; k++ {
		events = append(events, strings.Fields(ios.Event{Kind: k}.String())[0])
	}
	wantWords(t, drawing, "event", `<([a-z_]+)>`, events)
	wantWords(t, drawing, "reason", braces, codes(ios.Reasons()))
}

// TestEveryReasonIsListed looks in the source for codes that the lists leave out.
func TestEveryReasonIsListed(t *testing.T) {
	for _, on := range []struct {
		folder, pattern string
		list            []promise.Reason
	}{
		{"ios", `Gate\w+\s+work\.Code = "([^"]+)"`, ios.Reasons()},
		{"android", `Reason\w+\s+work\.Code = "([^"]+)"`, android.Reasons()},
	} {
		listed, found := codes(on.list), 0
		for i, r := range on.list {
			if r.Clears == "" || slices.Contains(listed[:i], string(r.Code)) {
				t.Errorf("%s: %s is incomplete or listed twice", on.folder, r.Code)
			}
		}
		files, err := filepath.Glob("../policy/" + on.folder + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if filepath.Base(file) == "legacy.go" {
				continue // reasons for no fetch of the old kind, which holds no work
			}
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(on.pattern).FindAllStringSubmatch(string(b), -1) {
				if found++; !slices.Contains(listed, m[1]) {
					t.Errorf("%s has the reason %s, which is not listed", file, m[1])
				}
			}
		}
		if found < 15 {
			t.Errorf("only %d codes were found in %s", found, on.folder)
		}
	}
}
