package scenario

import (
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core/calendar"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/sim/app"
	"github.com/lullwork/lull/work"
)

func tasks(t *testing.T, platform, text string) []app.Task {
	t.Helper()
	p, err := plan.Parse("lull.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return Tasks(p, platform)
}

const head = "app: {via: native, ios: {modes: [fetch, processing], permitted: [a, b]}}\n"

// TestZones: times of day are those of the phone, unless a zone is named.
func TestZones(t *testing.T) {
	at := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	for zone, hour := range map[string]int{"": 9, ", zone: device": 9, ", zone: Europe/Berlin": 7, ", zone: Asia/Tokyo": 0} {
		x := tasks(t, Android, head+"tasks: {remind: {at: {cron: \"0 9 * * *\""+zone+"}, android: {as: notification}}}\n")[0]
		next, ok := calendar.Next(*x.At, x.Zone, at-1)
		if got := time.UnixMicro(next).UTC().Hour(); !ok || got != hour || x.Local != (zone == "" || zone == ", zone: device") {
			t.Errorf("%q: at %d h, of the phone: %v", zone, got, x.Local)
		}
	}
}

// TestRequests: what a plan says of submits, as the platforms see it.
func TestRequests(t *testing.T) {
	xs := tasks(t, IOS, head+`tasks:
  a: {every: 1h, submit: {count: 5}, ios: {as: refresh}}
  b: {every: 1h, ios: {as: processing, resubmit: never, completes: on-success}, model: {succeeds: 0.5}}
  c: {submit: {when: arrival, rate: 4/day, count: 3}, ios: {as: transfer}}
`)
	a, b, c := &xs[0], &xs[1], &xs[2]
	if a.Count != 1 || a.Unique != (work.Unique{Name: "a", Policy: work.Replace}) || a.Again != app.AgainFirst || a.Request.Delay != time.Hour {
		t.Errorf("a refresh takes the place of the one before: %+v", a)
	}
	if a.Deaf {
		t.Error("an app is told of an expiration")
	}
	if b.Again != app.AgainNever || b.Period == 0 || !b.Hangs || b.Forgets != 0 || b.Succeeds != million/2 {
		t.Errorf("%+v", b)
	}
	if c.Count != 3 || c.Unique.Name != "" || c.Mean != 6*time.Hour.Microseconds() {
		t.Errorf("transfers have no names: %+v", c)
	}
}

// TestVisiblePush: of silent pushes the newest is kept, and the layer cuts its run off; each
// one that is shown is one of its own.
func TestVisiblePush(t *testing.T) {
	xs := tasks(t, IOS, head+`tasks:
  a: {submit: {when: arrival, rate: 4/day}, ios: {as: push, via: firebase}}
  b: {submit: {when: arrival, rate: 4/day}, ios: {as: push, via: firebase, visible: true, priority: 10}}
`)
	if a := &xs[0]; a.Request.Phone.Visible || a.Unique.Name != "a" || a.Cut == 0 {
		t.Errorf("%+v", a)
	}
	if b := &xs[1]; !b.Request.Phone.Visible || b.Unique.Name != "" || b.Cut != 0 || b.Request.Phone.Priority != "10" {
		t.Errorf("%+v", b)
	}
}

// TestExpiryHidden: what goes through workmanager is not told of an expiration, and what is
// no refresh reports success.
func TestExpiryHidden(t *testing.T) {
	for _, x := range tasks(t, IOS, `app: {via: workmanager@0.10, ios: {modes: [fetch, processing], permitted: [a, b, d], entitlements: [healthresearch]}}
tasks:
  a: {every: 1h, ios: {as: refresh}}
  b: {every: 1h, ios: {as: processing}}
  c: {submit: {when: arrival, rate: 4/day}, ios: {as: transfer}}
  d: {every: 1h, ios: {as: health}}
`) {
		succeeds := x.Unsuccessful == work.Success && x.Thrown == work.Success
		if x.Deaf != (x.Name != "c") || succeeds != (x.Name == "b" || x.Name == "d") {
			t.Errorf("%s: %t, %s, %s", x.Name, x.Deaf, x.Unsuccessful, x.Thrown)
		}
	}
}
