package plan

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lullwork/lull/work"
)

// TestPhonePlan reads the example: every key of its six tasks.
func TestPhonePlan(t *testing.T) {
	p, err := Read(filepath.Join("..", "..", "examples", "mobile", "lull.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	app := &App{
		Via:     ViaWorkmanager10,
		Android: AndroidApp{Target: 36, Permissions: []string{"post-notifications", "run-user-initiated-jobs"}},
		IOS:     IOSApp{Modes: []string{"fetch", "processing", "remote-notification"}, Permitted: []string{"com.ex.sync", "com.ex.clean"}},
	}
	if diff := cmp.Diff(app, p.App); diff != "" {
		t.Errorf("app: -want +got\n%s", diff)
	}
	ios := func(i IOS) *IOS {
		base := IOS{
			Via: ViaWorkmanager10, Resubmit: "first", Completes: "always", Registers: "launch", Started: "background", Strategy: "queue",
			Priority: 5, Reload: "at-end", As: i.As, ID: i.ID, Power: i.Power, Entries: i.Entries, Views: i.Views,
		}
		if i.Via != "" {
			base.Via = i.Via
		}
		if i.Started != "" {
			base.Started = i.Started
		}
		return &base
	}
	android := func(a Android) *Android {
		base := Android{Via: ViaWorkmanager10, Priority: "normal", Mode: "inexact", Reboot: "lost", Service: "data-sync", TTL: 28 * 24 * time.Hour}
		base.As, base.Periodic, base.Flex, base.Visible = a.As, a.Periodic, a.Flex, a.Visible
		for _, s := range []struct{ to, from *string }{{&base.Priority, &a.Priority}, {&base.Mode, &a.Mode}, {&base.Reboot, &a.Reboot}, {(*string)(&base.Via), (*string)(&a.Via)}} {
			if *s.from != "" {
				*s.to = *s.from
			}
		}
		return &base
	}
	const day = 24 * time.Hour
	want := map[string]Phone{
		"sync": {
			Submit: Submit{When: AppStart, Policy: work.Update}, IOS: ios(IOS{As: work.KindRefresh, ID: "com.ex.sync"}),
			Android: android(Android{Periodic: true, Flex: 15 * time.Minute}),
			Model:   Model{Takes: 12 * time.Second, Varies: 300_000, Succeeds: 970_000, Down: 200_000},
			Expect:  &Expect{Line: 18, Fresh: day, Devices: 900_000, Works: whole, Among: []string{"heavy", "daily"}},
		},
		"upload": {
			Submit:  Submit{When: Arrival, Policy: work.AppendOrReplace, Rate: Rate{4, day}, During: "app-open"},
			IOS:     ios(IOS{As: work.KindTransfer, ID: "upload", Started: "foreground", Via: ViaNative}),
			Android: android(Android{As: work.KindUserInitiated, Via: ViaNative}),
			Model:   Model{Takes: 5 * time.Second, Up: 6_000_000, Succeeds: 950_000},
			Expect:  &Expect{Line: 25, Within: 12 * time.Hour, Devices: whole, Works: 950_000},
		},
		"clean": {
			Submit: Submit{When: AppStart, Policy: work.Keep}, IOS: ios(IOS{As: work.KindProcessing, ID: "com.ex.clean", Power: true}),
			Android: android(Android{Periodic: true}), Model: Model{Takes: 4 * time.Minute, Succeeds: whole, CPU: 600_000},
		},
		"widget": {
			Submit: Submit{When: AppStart}, IOS: ios(IOS{As: work.KindWidget, ID: "widget", Entries: 8, Views: Rate{12, day}}),
			Android: android(Android{As: work.KindWidget}), Model: Model{Takes: 5 * time.Second, Succeeds: whole},
		},
		"message": {
			Submit: Submit{When: Arrival, Rate: Rate{20, day}}, IOS: ios(IOS{As: work.KindPush, ID: "message", Via: ViaFirebase}),
			Android: android(Android{As: work.KindPush, Priority: "high", Visible: true, Via: ViaFirebase}), Model: Model{Takes: 3 * time.Second, Succeeds: whole},
			Expect: &Expect{Line: 42, Within: time.Minute, Devices: whole, Works: 950_000},
		},
		"reminder": {
			Submit: Submit{When: AppOpen, Count: 70}, IOS: ios(IOS{As: work.KindNotification, ID: "reminder"}),
			Android: android(Android{As: work.KindNotification, Mode: "exact", Reboot: "rearm"}), Model: Model{Takes: 5 * time.Second, Succeeds: whole},
			At: &At{Cron: "0 9 * * *", Device: true},
		},
	}
	for _, task := range p.Tasks {
		w := want[task.Name]
		w.Via = ViaWorkmanager10
		w.Submit.Count = max(1, w.Submit.Count)
		if w.Submit.During == "" {
			w.Submit.During = "anytime"
		}
		got := task.Phone
		if w.Expect != nil && got.Expect != nil {
			w.Expect.Line = got.Expect.Line
		}
		if diff := cmp.Diff(w, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", task.Name, diff)
		}
		if !task.Modelled || !task.HasPhone() {
			t.Errorf("%s is not taken as one of a phone", task.Name)
		}
	}
	if len(p.Tasks) != len(want) {
		t.Errorf("%d tasks", len(p.Tasks))
	}
}

// TestTTL tells no time to live from one of no time.
func TestTTL(t *testing.T) {
	for text, want := range map[string]time.Duration{"": 28 * 24 * time.Hour, ", ttl: 0s": -1, ", ttl: 10m": 10 * time.Minute} {
		p, err := Parse("p", []byte("app: {}\ntasks:\n  m: {submit: {when: arrival, rate: 1/day}, android: {as: push"+text+"}}\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Tasks[0].Phone.Android.TTL; got != want {
			t.Errorf("%q: a time to live of %s, not %s", text, got, want)
		}
	}
}
