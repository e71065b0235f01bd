package plan

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lullwork/lull/work"
)

// whole is a share of one in millionths.
const whole = 1_000_000

var appKeys = []keyOf[*App]{
	{"via", func(a *App, f field) { a.Via = f.via() }},
	{"android", func(a *App, f field) { readKeys(f, &a.Android, androidAppKeys) }},
	{"ios", func(a *App, f field) { readKeys(f, &a.IOS, iosAppKeys) }},
}

var androidAppKeys = []keyOf[*AndroidApp]{
	{"target", (*AndroidApp).readTarget},
	{"permissions", func(a *AndroidApp, f field) { a.Permissions = f.words(androidPermissions) }},
}

var iosAppKeys = []keyOf[*IOSApp]{
	{"modes", func(a *IOSApp, f field) { a.Modes = f.words(iosModes) }},
	{"permitted", func(a *IOSApp, f field) { a.Permitted = f.labels() }},
	{"entitlements", func(a *IOSApp, f field) { a.Entitlements = f.words(iosEntitlements) }},
}

var (
	androidPermissions = []string{
		"post-notifications", "run-user-initiated-jobs", "schedule-exact-alarm", "use-exact-alarm", "receive-boot-completed",
		"foreground-service", "foreground-service-data-sync",
	}
	// iosModes are the values of UIBackgroundModes.
	iosModes = []string{
		"fetch", "processing", "remote-notification", "audio", "location", "voip", "external-accessory", "bluetooth-central",
		"bluetooth-peripheral", "nearby-interaction", "push-to-talk", "network-authentication",
	}
	iosEntitlements = []string{"healthresearch", "exposure-notification", "continued-gpu"}
	vias            = []string{string(ViaNative), string(ViaWorkmanager9), string(ViaWorkmanager10), string(ViaFirebase)}
)

// NewestTarget is the newest API level that a plan can name.
const NewestTarget = 36

// Permissions are the words for Android's permissions that a plan can name.
func Permissions() []string { return slices.Clone(androidPermissions) }

// Modes are the values of UIBackgroundModes that a plan can name.
func Modes() []string { return slices.Clone(iosModes) }

func (a *AndroidApp) readTarget(f field) {
	const oldest, newest = 21, NewestTarget
	n, ok := f.count(1000)
	if ok && (n < oldest || n > newest) {
		f.fail("write the targetSdk of the app", "API level %d is not one from %d to %d", n, oldest, newest)
		return
	}
	a.Target = n
}

var submitKeys = []keyOf[*Submit]{
	{"when", func(s *Submit, f field) { s.When = oneOf(f, AppStart, AppOpen, Once, Arrival, Clock) }},
	{"policy", func(s *Submit, f field) {
		s.Policy = oneOf(f, work.Keep, work.Replace, work.Append, work.AppendOrReplace, work.Update)
	}},
	{"rate", func(s *Submit, f field) { s.Rate, _ = f.rate() }},
	{"during", func(s *Submit, f field) { s.During, _ = f.word("app-open", "anytime") }},
	{"count", func(s *Submit, f field) { s.Count, _ = f.count(10_000) }},
}

var iosKinds = []work.Kind{
	work.KindRefresh, work.KindProcessing, work.KindHealth, work.KindContinued, work.KindTransfer, work.KindAssertion,
	work.KindPush, work.KindNotification, work.KindWidget,
}

var iosKeys = []keyOf[*IOS]{
	{"as", func(i *IOS, f field) { i.As = oneOf(f, iosKinds...) }},
	{"id", func(i *IOS, f field) { i.ID, _ = f.label() }},
	{"via", func(i *IOS, f field) { i.Via = f.via() }},
	{"power", func(i *IOS, f field) { i.Power, _ = f.yes() }},
	{"network", func(i *IOS, f field) { i.Network, _ = f.yes() }},
	{"earliest", func(i *IOS, f field) {
		if d, ok := f.duration(0); ok {
			i.Earliest = &d
		}
	}},
	{"resubmit", func(i *IOS, f field) { i.Resubmit, _ = f.word("first", "last", "never") }},
	{"completes", func(i *IOS, f field) { i.Completes, _ = f.word("always", "on-success", "never") }},
	{"registers", func(i *IOS, f field) { i.Registers, _ = f.word("launch", "late") }},
	{"started", func(i *IOS, f field) { i.Started, _ = f.word("foreground", "background") }},
	{"strategy", func(i *IOS, f field) { i.Strategy, _ = f.word("queue", "fail") }},
	{"priority", func(i *IOS, f field) {
		s, _ := f.word("5", "10")
		i.Priority, _ = strconv.Atoi(s)
	}},
	{"visible", func(i *IOS, f field) { i.Visible, _ = f.yes() }},
	{"entries", func(i *IOS, f field) { i.Entries, _ = f.count(100_000) }},
	{"reload", func(i *IOS, f field) { i.Reload, _ = f.word("at-end", "after", "never") }},
	{"views", func(i *IOS, f field) { i.Views, _ = f.rate() }},
	{"repeats", func(i *IOS, f field) { i.Repeats, _ = f.yes() }},
}

var androidWords = []string{"periodic", "one-off", "user-initiated", "alarm", "push", "notification", "widget", "service"}

var androidKeys = []keyOf[*Android]{
	{"as", (*Android).readAs},
	{"via", func(a *Android, f field) { a.Via = f.via() }},
	{"flex", func(a *Android, f field) { a.Flex, _ = f.positive() }},
	{"expedited", func(a *Android, f field) { a.Expedited, _ = f.yes() }},
	{"priority", func(a *Android, f field) { a.Priority, _ = f.word("high", "normal") }},
	{"visible", func(a *Android, f field) { a.Visible, _ = f.yes() }},
	{"mode", func(a *Android, f field) {
		a.Mode, _ = f.word("exact", "exact-idle", "inexact", "inexact-idle", "alarm-clock")
	}},
	{"reboot", func(a *Android, f field) { a.Reboot, _ = f.word("rearm", "lost") }},
	{"ttl", func(a *Android, f field) {
		d, ok := f.duration(0)
		if a.TTL = d; ok && d == 0 {
			a.TTL = -1
		}
	}},
	{"service", func(a *Android, f field) { a.Service, _ = f.word("data-sync", "media-processing", "other") }},
}

func (a *Android) readAs(f field) {
	s, ok := f.word(androidWords...)
	switch {
	case !ok:
	case s == "periodic":
		a.Periodic = true
	case s != "one-off":
		a.As = work.Kind(s)
	}
}

var modelKeys = []keyOf[*Model]{
	{"takes", func(m *Model, f field) { m.Takes, _ = f.positive() }},
	{"varies", func(m *Model, f field) { m.Varies, _ = f.share() }},
	{"succeeds", func(m *Model, f field) { m.Succeeds, _ = f.share() }},
	{"throws", func(m *Model, f field) { m.Throws, _ = f.share() }},
	{"forgets", func(m *Model, f field) { m.Forgets, _ = f.share() }},
	{"up", func(m *Model, f field) { m.Up, _ = f.size(0, "0B") }},
	{"down", func(m *Model, f field) { m.Down, _ = f.size(0, "0B") }},
	{"cpu", func(m *Model, f field) { m.CPU, _ = f.share() }},
}

var expectKeys = []keyOf[*Expect]{
	{"fresh", func(e *Expect, f field) { e.Fresh, _ = f.positive() }},
	{"within", func(e *Expect, f field) { e.Within, _ = f.positive() }},
	{"runs-per-day", func(e *Expect, f field) { e.PerDay, _ = f.thousandths() }},
	{"devices", func(e *Expect, f field) { e.Devices, _ = f.share() }},
	{"works", func(e *Expect, f field) { e.Works, _ = f.share() }},
	{"among", func(e *Expect, f field) { e.Among = f.labels() }},
}

var atKeys = []keyOf[*At]{
	{"cron", func(a *At, f field) { a.Cron = f.cron() }},
	{"zone", func(a *At, f field) {
		if f.val.Value == "device" {
			a.Device = true
			return
		}
		a.Zone = f.zone()
	}},
}

func (d *draft) readApp(f field) {
	d.plan.App = &App{}
	readKeys(f, d.plan.App, appKeys)
}

func (t *taskDraft) readIOS(f field) {
	t.Phone.IOS = &IOS{}
	t.ios, _ = readKeys(f, t.Phone.IOS, iosKeys)
}

func (t *taskDraft) readAndroid(f field) {
	t.Phone.Android = &Android{}
	t.android, _ = readKeys(f, t.Phone.Android, androidKeys)
}

func (t *taskDraft) readSubmit(f field) { t.submit, _ = readKeys(f, &t.Phone.Submit, submitKeys) }

func (t *taskDraft) readModel(f field) { t.model, _ = readKeys(f, &t.Phone.Model, modelKeys) }

func (t *taskDraft) readExpect(f field) {
	t.Phone.Expect = &Expect{Line: f.key.Line}
	t.expect, _ = readKeys(f, t.Phone.Expect, expectKeys)
}

func (t *taskDraft) readAt(f field) {
	t.Phone.At = &At{}
	entries, _ := readKeys(f, t.Phone.At, atKeys)
	if t.Phone.At.Cron == "" && !slices.ContainsFunc(entries, func(e field) bool { return e.keyName() == "cron" }) {
		f.refuse(`write at: {cron: "0 9 * * *", zone: device}`, "has no cron")
	}
}

// via reads the name of a layer.
func (f field) via() Via {
	s, ok := f.text()
	if !ok {
		return ""
	}
	if slices.Contains(vias, s) {
		return Via(s)
	}
	name, version, has := strings.Cut(s, "@")
	switch {
	case name == "workmanager" && !has:
		f.fail("write workmanager@0.10, or the version of pubspec.lock", "%s needs a version: they behave differently", quoted(s))
	case name == "workmanager":
		f.fail("use workmanager@0.9 or workmanager@0.10", "version %s of workmanager is not known", quoted(version))
	default:
		f.fail(DidYouMean(s, vias), "unknown layer %s", quoted(s))
	}
	return ""
}

// words reads a list of allowed words. An empty list is none, and not nil.
func (f field) words(allowed []string) []string {
	items, _ := f.items()
	out := []string{}
	for _, it := range items {
		if s, ok := it.word(allowed...); ok {
			out = append(out, s)
		}
	}
	return out
}

// labels reads a list of labels. An empty list is none, and not nil.
func (f field) labels() []string {
	items, _ := f.items()
	out := []string{}
	for _, it := range items {
		if s, ok := it.label(); ok {
			out = append(out, s)
		}
	}
	return out
}

// rate reads 4/day.
func (f field) rate() (Rate, bool) {
	const hint = "write how often on average, as 4/day, 1/week or 2/hour"
	units := map[string]time.Duration{"hour": time.Hour, "day": 24 * time.Hour, "week": 7 * 24 * time.Hour}
	s, ok := f.text()
	if !ok {
		return Rate{}, false
	}
	number, unit, _ := strings.Cut(s, "/")
	n, err := strconv.ParseInt(number, 10, 32)
	per, known := units[unit]
	const most = 100_000
	switch {
	case err != nil || !known:
		f.fail(hint, "%s is not a rate", quoted(s))
	case n < 1 || n > most:
		f.fail(hint, "%s is out of range: from 1 to %d", quoted(s), most)
	default:
		return Rate{n, per}, true
	}
	return Rate{}, false
}

// share reads 0.3 or 30% as millionths.
func (f field) share() (int64, bool) {
	s, ok := f.text()
	if !ok {
		return 0, false
	}
	digits, percent := strings.CutSuffix(s, "%")
	n, good := decimal(digits, whole)
	if percent {
		n /= 100
	}
	if !good || n > whole {
		f.fail("write a share from 0 to 1, or as 90%", "%s is not a share", quoted(s))
		return 0, false
	}
	return n, true
}

// thousandths reads a number of things above zero.
func (f field) thousandths() (int64, bool) {
	s, ok := f.text()
	if !ok {
		return 0, false
	}
	n, good := decimal(s, 1000)
	if !good || n == 0 || n > 10_000*1000 {
		f.fail("write a number above 0, as 4 or 0.5", "%s is not a number of runs", quoted(s))
		return 0, false
	}
	return n, true
}

// decimal reads a decimal number of at most six places as a multiple of 1/unit; floats
// would round it.
func decimal(s string, unit int64) (int64, bool) {
	whole, places, dot := strings.Cut(s, ".")
	n, err := strconv.ParseUint(whole, 10, 32)
	if err != nil || dot && places == "" || len(places) > 6 {
		return 0, false
	}
	v := int64(n) * unit
	for scale := unit; places != ""; places = places[1:] {
		d := places[0]
		if d < '0' || d > '9' {
			return 0, false
		}
		scale /= 10
		v += int64(d-'0') * scale
	}
	return v, true
}
