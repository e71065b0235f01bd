package population

import (
	"flag"
	"path/filepath"
	"slices"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim/phone"
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/internal/sim/world"
	"github.com/lullwork/lull/work"
)

var long = flag.Bool("long", false, "run slow tests")

const (
	minute = 60 * 1_000_000 // µs
	hour   = 60 * minute
)

func example(tb testing.TB) *plan.Plan {
	tb.Helper()
	p, err := plan.Read(filepath.Join("..", "..", "..", "examples", "mobile", "lull.yaml"))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// witness is iOS on one phone, watched: what must hold whatever the calibration is
// held against what it was told and what it starts.
type witness struct {
	core.Platform
	t       *testing.T
	kind    string // of the person
	screen  bool
	front   bool
	quit    bool // the user swiped the app away
	off     bool // Background App Refresh is
	shift   int64
	asked   map[work.ID]int64 // when a request came to wait
	waits   map[work.ID]bool  // refresh requests
	pushed  []int64
	starts  int64 // of refreshes
	atNight int64
}

func (w *witness) Sense(at int64, s core.Sense, f *record.Facts) bool {
	switch s.Kind {
	case core.SenseScreen:
		w.screen = s.Value == 1
	case core.SenseAppOpened:
		w.front, w.quit = true, false
	case core.SenseAppLeft:
		w.front = false
	case core.SenseAppSwiped:
		w.front, w.quit = false, true
	case core.SenseAppDied, core.SenseAppCrashed, core.SenseShutdown, core.SenseUpdated:
		w.front = false
	case core.SenseRefresh:
		w.off = s.Value == 0
	case core.SenseLocalTime:
		w.shift = s.Value
	}
	return w.Platform.Sense(at, s, f)
}

func (w *witness) Waiting(at int64, j core.Job) {
	w.asked[j.Work.ID] = at
	if j.Spec.Phone.Kind == work.KindRefresh {
		if w.waits[j.Work.ID] = true; len(w.waits) > 1 {
			w.t.Errorf("%d refreshes are pending at once", len(w.waits))
		}
	}
	w.Platform.Waiting(at, j)
}

func (w *witness) Gone(at int64, j core.Job) {
	delete(w.waits, j.Work.ID)
	w.Platform.Gone(at, j)
}

func (w *witness) Start(at int64, j core.Job, f *record.Facts) core.Terms {
	bad := func(what string) { w.t.Errorf("%s, %s: it starts %s", w.kind, j.Spec.Phone.Kind, what) }
	kind := j.Spec.Phone.Kind
	scheduled := kind == work.KindRefresh || kind == work.KindProcessing
	charging := f[record.Charging].Value == 1
	if at < j.Due {
		bad("before its earliest begin")
	}
	if scheduled {
		switch {
		case at < w.asked[j.Work.ID]+450*1_000_000:
			bad("within 450 s of its submit")
		case w.off:
			bad("with Background App Refresh off")
		case w.quit:
			bad("after the user swiped the app away")
		case f[record.LowPower].Value == 1 && !charging:
			bad("in Low Power Mode off the charger")
		}
	}
	switch kind {
	case work.KindRefresh:
		delete(w.waits, j.Work.ID)
		w.starts++
		if (at+w.shift)%day < 6*hour {
			w.atNight++
		}
	case work.KindProcessing:
		if !charging {
			bad("off the charger")
		}
		if w.screen {
			bad("while the phone is in use")
		}
	case work.KindPush:
		if w.front {
			break
		}
		if n := len(w.pushed); n > 0 && at < w.pushed[n-1]+15*minute {
			bad("within 15 min of the last one")
		}
		if n := len(w.pushed); n >= 4 && at < w.pushed[n-4]+hour {
			bad("as the fifth in an hour")
		}
		w.pushed = append(w.pushed, at)
	}
	return w.Platform.Start(at, j, f)
}

// holdsOfIOS are all the reasons that a task of the example may have not to run.
var holdsOfIOS = []work.Code{
	"too_early", "force_quit", "background_refresh_off", "low_power_mode", "app_in_foreground", "no_network", "app_unused", "battery_critical",
	"device_in_use", "not_charging", "spacing", "budget_exhausted", "score_below_threshold", "slot_contention", "device_off", phone.NotPending,
}

// TestWhatAlwaysHoldsOnIOS watches many phones for what holds whatever the parameters.
func TestWhatAlwaysHoldsOnIOS(t *testing.T) {
	const phones = 8
	runs, share := map[string]int64{}, map[string][2]int64{}
	for _, kind := range []string{"heavy", "daily", "few-per-week", "weekly", "dormant", "bar-off", "force-quitter", "low-power"} {
		a, err := world.ArchetypeByName(kind)
		if err != nil {
			t.Fatal(err)
		}
		c := Config{
			Plan: example(t), Platforms: []string{scenario.IOS}, Devices: phones, Days: 14, Settle: 14, Seed: 5,
			Mix: &world.Mix{People: []world.Share{{Of: a, PPM: 1}}},
		}
		c.defaults()
		s, err := newStage(&c, scenario.IOS)
		if err != nil {
			t.Fatal(err)
		}
		w, err := s.worker()
		if err != nil {
			t.Fatal(err)
		}
		plain, groups := w.make, s.groups()
		var seen *witness
		w.make = func(m world.Member) (core.Platform, error) {
			p, err := plain(m)
			seen = &witness{Platform: p, t: t, kind: kind, asked: map[work.ID]int64{}, waits: map[work.ID]bool{}}
			return seen, err
		}
		for n := range phones {
			if _, err := w.phone(n, nil, groups); err != nil {
				t.Fatal(err)
			}
			share[kind] = [2]int64{share[kind][0] + seen.atNight, share[kind][1] + seen.starts}
		}
		for i := range groups[0].Tally.Tasks {
			x := &groups[0].Tally.Tasks[i]
			if x.Name == "sync" {
				runs[kind] = x.Runs
			}
			for _, h := range x.Waits {
				if !slices.Contains(holdsOfIOS, h.Code) {
					t.Errorf("%s, %s is held by %s", kind, x.Name, h.Code)
				}
			}
			if x.Name == "sync" && x.Runs < x.Days && x.Waited == 0 {
				t.Errorf("%s: %d runs in %d days, for no reason", kind, x.Runs, x.Days)
			}
		}
	}
	t.Logf("refreshes: %v, at night: %v", runs, share)
	order := []string{"heavy", "daily", "few-per-week", "weekly", "dormant"}
	for i := range order[1:] {
		if runs[order[i]] < runs[order[i+1]] {
			t.Errorf("%s users get %d refreshes, %s ones %d", order[i], runs[order[i]], order[i+1], runs[order[i+1]])
		}
	}
	if runs["dormant"] > 0 || runs["bar-off"] > 0 {
		t.Errorf("refreshes for an app that nobody uses: %d, with the switch off: %d", runs["dormant"], runs["bar-off"])
	}
	for _, kind := range []string{"heavy", "daily"} {
		if x := share[kind]; x[0]*4 >= x[1] {
			t.Errorf("%s: %d of %d refreshes are at night", kind, x[0], x[1])
		}
	}
}
