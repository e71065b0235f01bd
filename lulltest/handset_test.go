package lulltest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/work"
)

// holds fails the test unless a task is held by a reason, or is not.
func holds(t *testing.T, h *Handset, task string, code work.Code, want bool) {
	t.Helper()
	codes := h.Codes(task)
	if slices.Contains(codes, code) != want {
		t.Errorf("%v: %s is held by %v: %s: want %v", h.Now(), task, codes, code, want)
	}
}

func TestHandsetBegins(t *testing.T) {
	for _, system := range []System{IPhone, Android} {
		for _, before := range []int{-1, 0, 1, 60} {
			h := Phone{System: system, Before: before}.Take(t)
			now := h.Now()
			if now.Hour() != 9 || now.Sub(now.Truncate(24*time.Hour)) != 9*time.Hour || before == 0 && now.Weekday() != time.Monday {
				t.Errorf("it is %v", now)
			}
			if len(h.Runs("refresh"))+len(h.Refused("refresh")) != 0 {
				t.Errorf("it begins with %v and %v", h.Runs("refresh"), h.Refused("refresh"))
			}
			if before <= 0 {
				if codes := h.Codes("refresh"); len(codes) != 1 || codes[0] != "not_pending" {
					t.Errorf("nobody has asked, and it is held by %v", codes)
				}
				h.Advance(48 * time.Hour)
				if n := len(h.Runs("refresh")); n != 0 {
					t.Errorf("%d runs of an app that was never opened", n)
				}
			}
			h.Open()
			if h.Stale("refresh") != 0 {
				t.Errorf("after it was opened its data is %v old", h.Stale("refresh"))
			}
			if h.Leave(); before != 0 {
				continue
			}
			h.Advance(time.Hour)
			if system == IPhone && h.Stale("refresh") != time.Hour {
				t.Errorf("its data is %v old", h.Stale("refresh"))
			}
		}
	}
}

func TestHandsetRefresh(t *testing.T) {
	h := Phone{}.Take(t)
	h.Open()
	holds(t, h, "refresh", "app_in_foreground", true)
	holds(t, h, "refresh", "too_early", true)
	h.Lock()
	holds(t, h, "refresh", "app_in_foreground", false)
	h.Advance(time.Hour)
	holds(t, h, "refresh", "too_early", false)
	holds(t, h, "refresh", "score_below_threshold", true)
	for _, r := range h.Why("refresh") {
		if r.Message == "" || r.Fix == "" {
			t.Errorf("%+v says nothing", r)
		}
	}
	h.LowPower(true)
	holds(t, h, "refresh", "low_power_mode", true)
	h.LowPower(false)
	holds(t, h, "refresh", "low_power_mode", false)
	h.Set("network", "none")
	holds(t, h, "refresh", "no_network", true)
	h.Set("network", "metered")
	holds(t, h, "refresh", "no_network", false)
	h.Sense("refresh", 0)
	if len(h.Codes("refresh")) == 0 {
		t.Error("the switch is off and nothing holds it")
	}
	h.Sense("refresh", 1)
	h.Swipe()
	holds(t, h, "refresh", "not_pending", true)
	h.Open()
	holds(t, h, "refresh", "not_pending", false)
	if len(h.Runs("refresh")) != 0 {
		t.Errorf("it ran: %v", h.Runs("refresh"))
	}
	if !strings.Contains(h.Journal(), `"task":"refresh"`) {
		t.Errorf("journal: %s", h.Journal())
	}
}

func TestHandsetPeriodic(t *testing.T) {
	task := PhoneTask{Name: "sync", Every: 6 * time.Hour, Takes: 10 * time.Second, Needs: work.Constraints{Network: work.Connected}}
	h := Phone{System: Android, Tasks: []PhoneTask{task}}.Take(t)
	h.Open()
	if codes := h.Codes("sync"); len(codes) != 0 {
		t.Errorf("it runs, and is held by %v", codes)
	}
	if runs := h.Runs("sync"); len(runs) != 1 || !runs[0].Ended.IsZero() {
		t.Fatalf("%v", runs)
	}
	h.Advance(9 * time.Second)
	h.Leave()
	h.Advance(time.Second)
	runs := h.Runs("sync")
	if len(runs) != 1 || runs[0].Outcome != work.Success || runs[0].Ended.Sub(runs[0].Began) != 10*time.Second || !runs[0].Ended.Equal(h.Now()) {
		t.Fatalf("%v", runs)
	}
	runs[0].Outcome = "" // the handset has its own
	if h.Runs("sync")[0].Outcome != work.Success || h.Stale("sync") != 0 {
		t.Errorf("%v, its data %v old", h.Runs("sync"), h.Stale("sync"))
	}
	holds(t, h, "sync", work.ReasonDelay, true)
	h.Set("network", "none")
	h.Advance(7 * time.Hour)
	holds(t, h, "sync", work.ReasonNetwork, true)
	h.Set("network", "unmetered")
	h.Charge(true)
	h.Unlock()
	h.Advance(20 * time.Minute)
	if n := len(h.Runs("sync")); n != 2 {
		t.Errorf("%d runs on the charger: %v", n, h.Codes("sync"))
	}
}

func TestHandsetCharge(t *testing.T) {
	for _, system := range []System{IPhone, Android} {
		h := Phone{System: system, Tasks: []PhoneTask{{Name: "clean", Every: 24 * time.Hour, Takes: time.Minute, Needs: work.Constraints{Charging: true}}}}.Take(t)
		code := map[System]work.Code{IPhone: "not_charging", Android: work.ReasonCharging}[system]
		h.Open()
		h.Advance(time.Minute)
		h.Lock()
		h.Advance(25 * time.Hour)
		if len(h.Runs("clean")) != 0 {
			t.Errorf("%s: it ran: %v", system, h.Runs("clean"))
		}
		holds(t, h, "clean", code, true)
		h.Charge(true)
		holds(t, h, "clean", code, false)
		h.Advance(12 * time.Hour)
		h.Charge(false)
		if runs := h.Runs("clean"); len(runs) == 0 {
			t.Errorf("%s: 12 h on the charger, and held by %v", system, h.Codes("clean"))
		}
	}
}

func TestHandsetPush(t *testing.T) {
	for _, system := range []System{IPhone, Android} {
		h := Phone{System: system, Tasks: []PhoneTask{{Name: "message", Kind: work.KindPush, Takes: 3 * time.Second}, {}}}.Take(t)
		h.Open()
		h.Lock()
		h.Push("message")
		h.Advance(10 * time.Second)
		if runs := h.Runs("message"); len(runs) != 1 || runs[0].Outcome != work.Success {
			t.Fatalf("%s: %v, held by %v", system, runs, h.Codes("message"))
		}
		if got := failure(func() { h.t = nil; h.Push("refresh") }); got == "" {
			t.Errorf("%s: a refresh is pushed", system)
		}
	}
	// Swiped away, an app gets no push on iOS.
	h := Phone{Tasks: []PhoneTask{{Name: "message", Kind: work.KindPush}}}.Take(t)
	h.Open()
	h.Swipe()
	h.Push("message")
	h.Advance(time.Hour)
	if len(h.Runs("message")) != 0 {
		t.Errorf("a push was delivered after a force quit")
	}
	holds(t, h, "message", "not_pending", true)
}

func TestHandsetReboot(t *testing.T) {
	h := Phone{System: Android}.Take(t)
	h.Open()
	h.Advance(time.Minute)
	before := h.Now()
	h.Reboot()
	if took := h.Now().Sub(before); took != 30*time.Second {
		t.Errorf("the reboot took %v", took)
	}
	h.Advance(2 * time.Hour)
	holds(t, h, "refresh", "boot", true)
	h.Unlock()
	h.Advance(time.Minute)
	holds(t, h, "refresh", "boot", false)

	h = Phone{}.Take(t)
	h.Open()
	h.Reboot()
	h.Advance(2 * time.Hour)
	if len(h.Runs("refresh")) != 0 || len(h.Codes("refresh")) == 0 {
		t.Errorf("before the first unlock: %v, held by %v", h.Runs("refresh"), h.Codes("refresh"))
	}
}

func TestHandsetUpdate(t *testing.T) {
	text := `app: {via: workmanager@0.9}
tasks:
  sync:
    every: 15m
    submit: {when: once}
    android: {as: periodic}
`
	h := Phone{System: Android, Plan: text}.Take(t)
	h.Open()
	h.Advance(time.Minute)
	h.Charge(true)
	for range 4 {
		h.Advance(30 * time.Minute)
	}
	last := func() work.Outcome {
		runs := h.Runs("sync")
		return runs[len(runs)-1].Outcome
	}
	if last() != work.Success {
		t.Fatalf("%v", h.Runs("sync"))
	}
	h.Update()
	h.Unlock()
	n := len(h.Runs("sync"))
	for range 8 {
		h.Advance(30 * time.Minute)
	}
	if len(h.Runs("sync")) == n || last() == work.Success {
		t.Errorf("after an update the handle of the callback is lost: %v", h.Runs("sync")[n:])
	}
}

func TestHandsetKill(t *testing.T) {
	h := Phone{}.Take(t)
	h.Open()
	h.Kill()
	holds(t, h, "refresh", "app_in_foreground", false)
	holds(t, h, "refresh", "not_pending", false)
}

func TestHandsetAsk(t *testing.T) {
	h := Phone{Plan: "app: {ios: {permitted: [other]}}\ntasks:\n  sync:\n    every: 1h\n    ios: {as: refresh}\n"}.Take(t)
	h.Open()
	h.Ask("sync")
	refused := h.Refused("sync")
	if len(refused) != 2 || !strings.Contains(refused[0].Err.Error(), "notPermitted") || !refused[0].At.Equal(h.Now()) {
		t.Errorf("%v", refused)
	}
	h = Phone{System: Android, Plan: sixTasks, Seed: 3}.Take(t)
	h.Open()
	h.Advance(8 * time.Hour)
	if n := len(h.Runs("upload")); n != 0 {
		t.Errorf("%d photos were taken by nobody", n)
	}
	h.Ask("upload")
	h.Advance(time.Minute)
	if n := len(h.Runs("upload")); n != 1 {
		t.Errorf("%d uploads: %v %v", n, h.Codes("upload"), h.Refused("upload"))
	}
}

func TestHandsetSameAgain(t *testing.T) {
	journal := func(p Phone) string {
		h := p.Take(t)
		for range 3 {
			h.Open()
			h.Advance(5 * time.Minute)
			h.Lock()
			h.Charge(true)
			h.Advance(11 * time.Hour)
			h.Charge(false)
		}
		h.Reboot()
		return h.Journal()
	}
	for _, system := range []System{IPhone, Android} {
		p := Phone{System: system, Plan: sixTasks, Before: 2}
		a := journal(p)
		if a == "" || a != journal(p) {
			t.Errorf("%s: the same hands, and another journal", system)
		}
		if p.Seed = 9; journal(p) == a {
			t.Errorf("%s: another phone, and the same journal", system)
		}
	}
}

func TestHandsetMistakes(t *testing.T) {
	h := Phone{}.Take(nil)
	for want, f := range map[string]func(){
		"cannot go back by 1s":     func() { h.Advance(-time.Second) },
		`no task "b" here: it has`: func() { h.Why("b") },
		`is no push here`:          func() { h.Push("refresh") },
		`unknown key "chargin"`:    func() { h.Set("chargin", "yes") },
		`"maybe"`:                  func() { h.Set("charging", "maybe") },
		`is called "gone"`:         func() { h.Sense("gone", 0) },
		`is called "facts"`:        func() { h.Sense("facts", 0) },
	} {
		if got := failure(f); !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestHandsetDebugger(t *testing.T) {
	for _, system := range []System{IPhone, Android} {
		h := Phone{System: system, Tasks: []PhoneTask{{Name: "once", Once: true, Takes: 2 * time.Minute}}}.Take(t)
		h.Launch("once")
		if len(h.Runs("once")) != 0 {
			t.Fatalf("%s: launched, and nobody has asked", system)
		}
		h.Open()
		h.Lock()
		h.Advance(3 * time.Hour)
		if system == Android { // where it has run by now
			h.Ask("once")
		}
		n := len(h.Runs("once"))
		if len(h.Codes("once")) == 0 {
			t.Fatalf("%s: it runs", system)
		}
		h.Launch("once")
		if len(h.Runs("once")) != n+1 || len(h.Why("once")) != 0 {
			t.Fatalf("%s: it was launched, and is held by %v", system, h.Why("once"))
		}
		h.Advance(time.Minute)
		h.Expire("once")
		h.Advance(10 * time.Second)
		if r := h.Runs("once")[n]; r.Outcome != work.Stopped {
			t.Errorf("%s: expired: %+v", system, r)
		}
	}
}

func TestHandsetNotPending(t *testing.T) {
	why := func(h *Handset) string {
		t.Helper()
		reasons := h.Why("message")
		if len(reasons) != 1 || reasons[0].Code != "not_pending" || reasons[0].Fix == "" {
			t.Fatalf("%+v", reasons)
		}
		return reasons[0].Message
	}
	h := Phone{Tasks: []PhoneTask{{Name: "message", Kind: work.KindPush}}}.Take(t)
	if s := why(h); !strings.Contains(s, "never") {
		t.Error(s)
	}
	h.Open()
	h.Push("message")
	h.Advance(time.Minute)
	if s := why(h); len(h.Runs("message")) != 1 || !strings.Contains(s, "consumed") {
		t.Error(s)
	}
	h.Swipe()
	h.Push("message")
	if s := why(h); len(h.Runs("message")) != 1 || !strings.Contains(s, "dropped") {
		t.Error(s)
	}
}
