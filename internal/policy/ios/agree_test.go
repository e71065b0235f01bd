package ios

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// TestMachineAgrees lets anything happen to a phone and holds what the machine believes
// against the contract: what runs and what waits is the same for both, and a process that
// is gone leaves nothing.
func TestMachineAgrees(t *testing.T) {
	worlds, died := 80, 0
	if *long {
		worlds = 3000
	}
	for seed := range uint64(worlds) {
		x := newMess(t, seed)
		for i := range 150 {
			was := x.sys.Alive()
			what := x.happen()
			x.until(x.at, "")
			if err := x.agrees(); err != nil {
				t.Fatalf("world %d, after step %d, %s: %v", seed, i, what, err)
			}
			if was && !x.sys.Alive() {
				died++
			}
		}
	}
	if died < worlds {
		t.Errorf("%d processes died in %d worlds", died, worlds)
	}
}

// mess is a phone to which anything happens.
type mess struct {
	*phone
	chance.Stream
	at int64
}

func newMess(t testing.TB, seed uint64) *mess {
	x := &mess{newPhone(t, seed), chance.New(seed), start}
	x.sys.app.Late = []string{"late"}
	return x
}

// happen lets one thing happen, some time after the last one, and says what.
func (x *mess) happen() string {
	steps := [...]int64{1, second, 5 * second, 30 * second, minute, hour, 5 * hour}
	x.at += x.Below(steps[x.Below(int64(len(steps)))] + 1)
	x.until(x.at, "")
	runs := x.M.Runs()
	switch x.Below(10) {
	case 0:
		signals := [...]record.Signal{record.Charging, record.BatteryLevel, record.Connected, record.Metered, record.LowPower}
		s, v := signals[x.Below(5)], x.Below(2)
		if s == record.BatteryLevel {
			v = x.Below(101)
		}
		x.fact(x.at, s, v)
		return fmt.Sprint(s, v)
	case 1, 2:
		s := core.Sense{Kind: core.SenseKind(x.Below(int64(core.SenseKinds))), Value: x.Below(2), Task: string(kinds[x.Below(10)])}
		if often := [...]core.SenseKind{core.SenseAppOpened, core.SenseAppLeft, core.SenseScreen, core.SenseBooted, core.SenseRefresh, core.SenseDebugLaunch}; x.Chance(600_000) {
			s.Kind = often[x.Below(6)]
		}
		switch s.Kind {
		case core.SenseRefresh:
			s.Value = min(1, x.Below(4))
		case core.SenseRefreshAll:
			s.Value = min(2, x.Below(6))
		}
		if x.sys.Off && (s.Kind == core.SenseAppOpened || s.Kind == core.SenseDebugLaunch) {
			s.Kind = core.SenseBooted
		}
		if s.Kind == core.SenseLocalTime {
			s.Value = x.Between(-12, 14) * hour
		}
		x.Do(x.at, core.Sensed{Sense: s})
		return fmt.Sprintf("%s %d %s", s.Kind, s.Value, s.Task)
	case 3, 4, 5:
		k := kinds[x.Below(10)]
		q := work.Request{Task: string(k), Phone: work.Traits{Kind: k, Identifier: string(k), Visible: x.Chance(300_000), Fail: x.Chance(300_000)}}
		if x.Chance(500_000) {
			q.Phone.Identifier += string(rune('a' + x.Below(3)))
		}
		if x.Chance(30_000) {
			q.Phone.Identifier = "late"
		}
		if x.ids++; x.Chance(200_000) {
			q.Delay = minute * 1000
		}
		q.ID = work.ID(fmt.Sprint("w", x.ids))
		ev := core.Enqueue{Nodes: []work.Node{{Request: q}}}
		if x.Chance(700_000) {
			ev.Unique = work.Unique{Name: q.Phone.Identifier, Policy: work.Replace}
		}
		return fmt.Sprintf("%s is asked for as %s: %v", q.Phone.Identifier, q.ID, x.Do(x.at, ev).Err)
	case 6:
		if ws := x.Unfinished(); len(ws) > 0 {
			w := ws[x.Below(int64(len(ws)))]
			x.Do(x.at, core.Cancel{ID: w.ID})
			return fmt.Sprint(w.ID, " is cancelled")
		}
	default:
		if len(runs) == 0 {
			break
		}
		r := runs[x.Below(int64(len(runs)))]
		switch {
		case r.State == record.Stopping:
			x.Do(x.at, core.Reaped{Work: r.Work, Epoch: r.Epoch})
			return fmt.Sprint(r.Work, " is reaped")
		case x.Chance(300_000):
			x.Do(x.at, core.BudgetSpent{Work: r.Work, Epoch: r.Epoch})
			return fmt.Sprint(r.Work, " has spent its time")
		case x.Chance(300_000):
			x.Do(x.at, core.Reaped{Work: r.Work, Epoch: r.Epoch})
			return fmt.Sprint(r.Work, " is gone without a word")
		}
		outs := [...]work.Outcome{work.Success, work.Success, work.Failure, work.Errored, work.Crashed, work.OutOfMemory}
		o := outs[x.Below(int64(len(outs)))]
		x.End(x.at, r.Work, o)
		return fmt.Sprint(r.Work, " ends: ", o)
	}
	return "nothing"
}

// agrees returns in what machine and contract are not of one mind.
func (x *mess) agrees() error {
	s := x.sys
	notes := map[work.ID]bool{}
	for _, n := range s.Notes.List {
		notes[work.ID(n.ID)] = true
	}
	waits, works := map[work.ID]bool{}, map[work.ID]bool{}
	for _, p := range s.Waits {
		waits[p.Work] = true
	}
	for _, w := range x.Unfinished() {
		switch {
		case w.State != work.Enqueued:
		case x.M.SpecOf(w).Phone.Kind != work.KindNotification:
			works[w.ID] = true
		case !notes[w.ID] && x.M.DueAt(w) > x.At: // a phone that is off shows it later
			return fmt.Errorf("the notification %s is scheduled nowhere", w.ID)
		default:
			delete(notes, w.ID)
		}
	}
	if !maps.Equal(waits, works) || len(notes) > 0 {
		return fmt.Errorf("%v wait for the machine, %v for the system, and %v too many", works, waits, notes)
	}

	going, stopping := map[work.ID]bool{}, map[work.ID]bool{}
	for _, r := range x.M.Runs() {
		w := x.Row(r.Work)
		switch {
		case w != nil && x.M.SpecOf(w).Phone.Kind == work.KindNotification:
		case r.State == record.Stopping:
			stopping[r.Work] = true
		default:
			going[r.Work] = true
		}
	}
	runs, ids := map[work.ID]bool{}, []string{}
	for i := range s.Runs {
		switch r := &s.Runs[i]; {
		case r.inApp() && !s.Alive():
			return fmt.Errorf("%s runs in no process", r.Work)
		case r.Expired && !stopping[r.Work]:
			return fmt.Errorf("the machine was not told that the time of %s is up", r.Work)
		case r.Expired && r.Kill <= x.At:
			return fmt.Errorf("%s outlives its grace by %d", r.Work, x.At-r.Kill)
		case !r.Expired:
			runs[r.Work] = true
		}
		if s.Runs[i].Type.requested() {
			ids = append(ids, s.Runs[i].ID)
		}
	}
	if !maps.Equal(runs, going) {
		return fmt.Errorf("%v run for the machine, %v for the system", going, runs)
	}
	if slices.Sort(ids); len(slices.Compact(ids)) < len(ids) {
		return fmt.Errorf("an identifier runs twice: %v", s.Running())
	}
	return x.sound()
}

// sound returns what is wrong with the contract by itself.
func (x *mess) sound() error {
	s := x.sys
	p, count := &s.Process, map[kind]int{}
	for _, w := range s.Waits {
		switch {
		case w.silent() && w.Delivered && !s.Alive():
			return fmt.Errorf("%s was given to no process", w.Work)
		case w.silent() && !w.Away && !w.Delivered:
			count[kindPush]++
		default:
			count[w.Type]++
		}
	}
	switch {
	case p.Launching || len(p.Queue) > 0 || len(s.events) > 0:
		return fmt.Errorf("something waits for the end of launch: %+v %v", p, s.events)
	case !p.Alive && (p.Front || s.Dev.Focal || s.Media || len(p.Assertions)+len(p.Done) > 0):
		return fmt.Errorf("left of a process: %+v", p)
	case s.Off && p.Alive:
		return fmt.Errorf("a process runs on a phone that is off")
	case s.Suspended() && slices.ContainsFunc(s.Runs, func(r run) bool { return r.Type == kindTimer }):
		return fmt.Errorf("a timer runs in a process that stands still")
	case count[kindRefresh] > 1 || count[kindProcessing]+count[kindHealth] > 10:
		return fmt.Errorf("too many requests are pending: %v", count)
	}
	return nil
}
