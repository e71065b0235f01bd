package android_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// world is a phone to which random things happen.
type world struct {
	*phone
	profile *android.Profile
	rnd     *rand.Rand
	now     map[record.Signal]int64
	off     bool
	// check is called after each thing.
	check func(*world)
}

func newWorld(t testing.TB, seed uint64) *world {
	rnd := rand.New(rand.NewPCG(seed, 1))
	version := []string{"11", "12", "13", "14", "15", "16.0", "16"}[rnd.IntN(7)]
	vendors := android.Vendors()
	pr := profile(t, version, vendors[rnd.IntN(len(vendors))])
	pr.Target = []int{28, 30, 31, 33, 34, 35, 36}[rnd.IntN(7)]
	pr.Permissions = android.Permission(rnd.IntN(1 << 7))
	for _, tight := range []android.Setting{
		{Name: "expedited.active.time", Value: "1m"},
		{Name: "expedited.working-set.time", Value: "0s"},
		{Name: "quota.active.jobs", Value: "2"},
		{Name: "quota.working-set.sessions", Value: "1"},
		{Name: "hibernate.after", Value: "3d"},
		{Name: "push.review.least", Value: "1"},
		{Name: "push.frequent.cap", Value: "1"},
		{Name: "parallel.app.share", Value: "1%"},
		{Name: "process.freeze", Value: "never"},
		{Name: "vendor.sleep-after-unused", Value: "1d"},
	} {
		if rnd.IntN(4) == 0 {
			if err := pr.Apply([]android.Setting{tight}); err != nil {
				t.Fatal(err)
			}
		}
	}
	w := &world{phone: newPhone(t, pr), profile: pr, rnd: rnd, now: map[record.Signal]int64{}}
	for s, v := range ordinary {
		w.now[s] = v
	}
	w.M.Quiet() // nobody reads the journal
	w.facts(0, w.now)
	w.sense(second, core.SenseAppOpened)
	return w
}

func (w *world) chance(percent int) bool { return w.rnd.IntN(100) < percent }

// step lets some time pass, and then something happen.
func (w *world) step() {
	at := w.At + w.wait()
	switch n := w.rnd.IntN(100); {
	case n < 30:
		w.request(at)
	case n < 45:
		s := []record.Signal{record.Charging, record.Connected, record.Metered, record.LowPower, record.BatteryLow, record.BatteryLevel}[w.rnd.IntN(6)]
		w.now[s] = int64(w.rnd.IntN(2))
		if s == record.BatteryLevel {
			w.now[s] = int64(w.rnd.IntN(101))
		}
		w.facts(at, w.now)
	case n < 60:
		w.sense(at, core.SenseScreen, int64(w.rnd.IntN(2)))
	case n < 65 && !w.off:
		w.sense(at, core.SenseScreen, 1)
		w.sense(at, core.SenseAppOpened)
	case n < 72:
		w.sense(at, core.SenseAppLeft)
	default:
		w.rare(at)
	}
	if w.check != nil {
		w.until(w.At)
		w.check(w)
	}
}

func (w *world) wait() int64 {
	switch w.rnd.IntN(5) {
	case 0:
		return int64(w.rnd.IntN(10)) * second
	case 1, 2:
		return w.rnd.Int64N(20 * minute)
	case 3:
		return w.rnd.Int64N(3 * hour)
	}
	return w.rnd.Int64N(day)
}

func (w *world) rare(at int64) {
	k := []core.SenseKind{
		core.SenseUnlocked, core.SenseUnlocked, core.SenseMotion, core.SenseAppSwiped, core.SenseAppDied, core.SenseAppCrashed, core.SenseForceStop,
		core.SenseUpdated, core.SenseShutdown, core.SenseBooted, core.SenseRestricted, core.SenseExempt, core.SenseNotified, core.SenseInteracted,
		core.SenseMedia, core.SenseAlarmClock, core.SenseThermal, core.SenseBucket, core.SenseSystemUpdated, core.SenseRefresh, core.SenseInstalled,
		core.SenseUserCancels, core.SenseStalled, core.SenseDebugExpire,
	}[w.rnd.IntN(24)]
	v := int64(w.rnd.IntN(2))
	task := ""
	switch k {
	case core.SenseBucket:
		v = []int64{10, 20, 30, 40, 45}[w.rnd.IntN(5)]
	case core.SenseAlarmClock:
		v = at + w.rnd.Int64N(2*hour)
	case core.SenseShutdown:
		w.off = true
	case core.SenseBooted:
		w.off = false
	case core.SenseUserCancels, core.SenseStalled, core.SenseDebugExpire:
		if len(w.runs) > 0 {
			task = w.last().task
		}
	}
	w.until(at)
	w.do(at, core.Sensed{Sense: core.Sense{Kind: k, Value: v, Task: task}})
}

// request asks for a random work.
func (w *world) request(at int64) {
	kinds := []work.Kind{
		work.KindWork, work.KindWork, work.KindWork, work.KindUserInitiated, work.KindAlarm, work.KindNotification, work.KindService,
		work.KindPush, work.KindPush, work.KindWidget, work.KindTimer,
	}
	q := work.Request{Task: fmt.Sprint("task", w.count), Phone: work.Traits{Kind: kinds[w.rnd.IntN(len(kinds))]}}
	w.takes[q.Task] = []int64{second, 5 * second, minute, 15 * minute, 2 * hour, 20 * hour}[w.rnd.IntN(6)]
	if w.chance(50) {
		q.Delay = time.Duration(w.rnd.IntN(7200)) * time.Second
	}
	if w.chance(30) {
		q.Every, q.Delay = time.Duration(15+w.rnd.IntN(600))*time.Minute, 0
	}
	q.Needs.Network = work.Network(w.rnd.IntN(4))
	q.Needs.BatteryNotLow = w.chance(10)
	q.Needs.Charging = w.chance(10)
	q.Needs.Idle = w.chance(10)
	q.Phone.Visible, q.Phone.Rearm = w.chance(50), w.chance(50)
	switch q.Phone.Kind {
	case work.KindWork:
		if w.chance(50) && q.Every == 0 {
			q.Delay, q.Needs, q.Expedited, q.DropWithoutQuota = 0, work.Constraints{}, true, w.chance(50)
		}
	case work.KindPush:
		q.Every, q.Delay, q.Needs = 0, 0, work.Constraints{}
		q.Phone.Priority = []string{"high", "normal"}[w.rnd.IntN(2)]
		q.Phone.TTL = []time.Duration{0, 0, -1, time.Minute, 5 * time.Hour}[w.rnd.IntN(5)]
	case work.KindAlarm, work.KindNotification:
		q.Needs = work.Constraints{}
		q.Phone.Mode = []string{"", "exact", "inexact", "exact-idle", "inexact-idle", "alarm-clock"}[w.rnd.IntN(6)]
	case work.KindService:
		q.Phone.Mode = []string{"", "data-sync", "media-processing", "other"}[w.rnd.IntN(4)]
	}
	_, _ = w.ask(at, q) // what is refused is refused
}

// waiting are the works that are due and wait.
func (w *world) waiting() (jobs []core.Job) {
	for _, row := range w.Unfinished() {
		if row.State == work.Enqueued && w.M.DueAt(row) <= w.At {
			jobs = append(jobs, core.Job{Work: row, Spec: w.M.SpecOf(row), Due: w.M.DueAt(row)})
		}
	}
	return jobs
}

func (w *world) currentFacts() *record.Facts {
	f := record.NewFacts()
	for s, v := range w.now {
		f[s].Value = v
	}
	return &f
}

func gatesOf(s *android.System, at int64, j core.Job, f *record.Facts) (gates []core.Gate) {
	s.Gates(at, j, f, func(g core.Gate) bool {
		gates = append(gates, g)
		return true
	})
	return gates
}

// twin returns another System in the same state.
func (w *world) twin() *android.System {
	w.TB.Helper()
	b, err := w.sys.Save()
	if err != nil {
		w.TB.Fatal(err)
	}
	s := android.NewSystem(w.profile, chance.New(7))
	if err := s.Load(b); err != nil {
		w.TB.Fatal(err)
	}
	again, err := s.Save()
	if err != nil {
		w.TB.Fatal(err)
	}
	if !bytes.Equal(b, again) {
		w.TB.Fatalf("saved\n%s\nand read back\n%s", b, again)
	}
	s.Tick(w.At, w.currentFacts())
	return s
}

func codesOf(gates []core.Gate) (codes []work.Code) {
	for _, g := range gates {
		codes = append(codes, g.Code)
	}
	return codes
}

// TestEveryGateMatters clears, in random worlds, all that holds a work, and then all but
// each one.
func TestEveryGateMatters(t *testing.T) {
	worlds, often := 12, 10 // steps in a hundred that are looked at
	if *long {
		worlds, often = 2000, 25
	}
	seen := map[work.Code]int{}
	for seed := range worlds {
		w := newWorld(t, uint64(seed))
		w.check = func(w *world) {
			if w.chance(often) {
				w.clearGates(seen)
			}
		}
		for range 120 {
			w.step()
		}
		if t.Failed() {
			t.Fatalf("in world %d", seed)
		}
	}
	t.Logf("gates: %v", seen)
	want := []work.Code{
		android.ReasonForceStopped, android.ReasonVendorKilled, android.ReasonBoot, android.ReasonPermission, android.ReasonBackgroundStart,
		android.ReasonRestricted, android.ReasonBatterySaver, android.ReasonDoze, android.ReasonThermal, android.ReasonQuota,
		android.ReasonBatching, android.ReasonHibernation, work.ReasonNetwork, work.ReasonIdle, work.ReasonCharging,
	}
	if *long {
		want = append(want, android.ReasonProcessFrozen, android.ReasonServiceQuota, android.ReasonExpeditedQuota, android.ReasonAlarmQuota,
			android.ReasonPushCapped, android.ReasonConcurrency, work.ReasonDelay, work.ReasonBackoff)
	}
	for _, code := range want {
		if seen[code] == 0 {
			t.Errorf("nothing was ever held by %s", code)
		}
	}
}

func (w *world) clearGates(seen map[work.Code]int) {
	// Something that concerns nobody makes the System look at all anew, as an edit does: quota
	// may be back before the system looks whether it is.
	w.do(w.At, core.Sensed{Sense: core.Sense{Kind: core.SenseDebugLaunch, Task: "nobody"}})
	w.until(w.At)
	f := w.currentFacts()
	for _, j := range w.waiting() {
		s := w.twin()
		gates := gatesOf(w.sys, w.At, j, f)
		if got := gatesOf(s, w.At, j, f); !slices.Equal(got, gates) {
			w.TB.Errorf("%s: read back, it is held by %+v, not by %+v", j.Work.ID, got, gates)
		}
		for _, g := range gates {
			seen[g.Code]++
			if message, fix := w.sys.Explain(w.At, j, g, f); message == "" || message == string(g.Code) || fix == "" {
				w.TB.Errorf("%s is explained as %q, %q", g.Code, message, fix)
			}
			if g.Edit.Kind == core.EditNone || g.Edit.Code != g.Code || g.Until <= w.At {
				w.TB.Errorf("%s at %s: %+v", j.Work.ID, clock(w.At), g)
			}
			s.Clear(w.At, j, g.Edit)
		}
		if left := gatesOf(s, w.At, j, f); len(left) > 0 {
			w.TB.Errorf("%s was held by %v; when all is cleared, by %v", j.Work.ID, codesOf(gates), codesOf(left))
		}
		for i, one := range gates {
			s := w.twin()
			for k, g := range gates {
				if k != i {
					s.Clear(w.At, j, g.Edit)
				}
			}
			if left := gatesOf(s, w.At, j, f); len(left) != 1 || left[0].Code != one.Code {
				w.TB.Errorf("%s was held by %v; when all but %s is cleared, by %v", j.Work.ID, codesOf(gates), one.Code, codesOf(left))
			}
		}
	}
}
