package android_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// phone is a device with one app: the machine over the System, whose runs take as long
// as the test says.
type phone struct {
	*coretest.Rig
	sys   *android.System
	takes map[string]int64 // by task; default 5 s
	runs  []ranOnce
	seen  int // effects
	count int
	// started is called when a run begins.
	started func(*ranOnce)
}

type ranOnce struct {
	id     work.ID
	task   string
	at     int64
	end    int64 // record.Never: it goes on
	epoch  int64
	budget int64
	stop   work.StopReason
	killed bool
}

func newPhone(t coretest.TB, p *android.Profile) *phone {
	t.Helper()
	sys := android.NewSystem(p, chance.New(7))
	return &phone{Rig: coretest.New(t, sys), sys: sys, takes: map[string]int64{}}
}

func (p *phone) do(at int64, ev core.Event) core.Reply {
	p.TB.Helper()
	reply := p.Do(at, ev)
	for p.seen < len(p.Effects) {
		e := p.Effects[p.seen]
		p.seen++
		switch e.Kind {
		case core.StartRun:
			took, ok := p.takes[e.Task]
			if !ok {
				took = 5 * second
			}
			p.runs = append(p.runs, ranOnce{e.Work, e.Task, p.At, p.At + took, e.Epoch, e.Budget, 0, false})
			if p.started != nil {
				p.started(&p.runs[len(p.runs)-1])
			}
		case core.RequestEnd:
			for i := range p.runs {
				if r := &p.runs[i]; r.id == e.Work && r.epoch == e.Epoch && r.end >= p.At {
					r.end, r.stop, r.killed = p.At, e.Stop, e.Killed
				}
			}
			p.do(p.At, core.Reaped{Work: e.Work, Epoch: e.Epoch})
		}
	}
	return reply
}

// until lets time pass.
func (p *phone) until(at int64) {
	p.TB.Helper()
	for still := 0; ; still++ {
		if still > 1000 {
			p.TB.Fatalf("time stands still at %s: the machine wakes at %s, the system at %s", clock(p.At), clock(p.Wake), clock(p.sys.Next()))
		}
		next, ended := p.Wake, -1
		for i := range p.runs {
			if r := &p.runs[i]; r.stop == 0 {
				if e := min(r.end, r.at+max(r.budget, 1)); r.budget > 0 && e < r.end && e < next {
					next, ended = e, i
				} else if r.end < next {
					next, ended = r.end, i
				}
			}
		}
		if next > at {
			break
		}
		if next > p.At {
			still = 0
		}
		next = max(next, p.At)
		if ended < 0 {
			p.do(next, core.Tick{})
			continue
		}
		r := p.runs[ended]
		if r.end > next {
			p.do(next, core.BudgetSpent{Work: r.id, Epoch: r.epoch})
			continue
		}
		p.runs[ended].stop = work.NotStopped
		p.do(next, core.Ended{Work: r.id, Epoch: r.epoch, Outcome: work.Success})
		p.do(next, core.Reaped{Work: r.id, Epoch: r.epoch})
	}
	p.do(at, core.Tick{})
}

func (p *phone) sense(at int64, k core.SenseKind, v ...int64) {
	p.TB.Helper()
	p.until(at)
	s := core.Sense{Kind: k}
	if len(v) > 0 {
		s.Value = v[0]
	}
	p.do(at, core.Sensed{Sense: s})
}

func (p *phone) senseTask(at int64, k core.SenseKind, task string) {
	p.TB.Helper()
	p.until(at)
	p.do(at, core.Sensed{Sense: core.Sense{Kind: k, Task: task}})
}

// facts gives facts by their names.
func (p *phone) facts(at int64, facts map[record.Signal]int64) {
	p.TB.Helper()
	p.until(at)
	var list []record.Fact
	for s := range record.Signals {
		if v, ok := facts[s]; ok {
			list = append(list, record.Fact{Signal: s, Value: v})
		}
	}
	p.do(at, core.FactsRead{Facts: list})
}

// ordinary is a charged phone on Wi-Fi, off the charger.
var ordinary = map[record.Signal]int64{
	record.Charging: 0, record.BatteryLevel: 80, record.BatteryLow: 0, record.StorageLow: 0, record.Connected: 1, record.Validated: 1,
	record.Metered: 0, record.Roaming: 0, record.LowPower: 0,
}

// ask enqueues a work, whose ID is its task and a number.
func (p *phone) ask(at int64, q work.Request) (work.ID, error) {
	p.TB.Helper()
	p.until(at)
	p.count++
	q.ID = work.ID(fmt.Sprintf("%s-%d", q.Task, p.count))
	return q.ID, p.do(at, core.Enqueue{Nodes: []work.Node{{Request: q}}}).Err
}

func (p *phone) must(at int64, q work.Request) work.ID {
	p.TB.Helper()
	id, err := p.ask(at, q)
	if err != nil {
		p.TB.Fatalf("%s: %v", q.Task, err)
	}
	return id
}

// starts are the instants at which runs of a task began.
func (p *phone) starts(task string) []int64 {
	var out []int64
	for _, r := range p.runs {
		if r.task == task {
			out = append(out, r.at)
		}
	}
	return out
}

func (p *phone) last() ranOnce { return p.runs[len(p.runs)-1] }

func (p *phone) gone(id work.ID) bool {
	w := p.Row(id)
	return w == nil || w.State.Finished()
}

// wantCodes checks what holds a work now.
func (p *phone) wantCodes(id work.ID, want ...work.Code) {
	p.TB.Helper()
	if got := p.Codes(p.At, id); !slices.Equal(got, want) {
		p.TB.Errorf("at %s %s is held by %v, not %v", clock(p.At), id, got, want)
	}
}

func clock(at int64) string { return (time.Duration(at) * time.Microsecond).String() }

func clocks(list []int64) []string {
	var out []string
	for _, at := range list {
		out = append(out, clock(at))
	}
	return out
}

// gaps are the times between instants.
func gaps(list []int64) []int64 {
	var out []int64
	for i := 1; i < len(list); i++ {
		out = append(out, list[i]-list[i-1])
	}
	return out
}

// opened is a phone whose app was opened once at 0, and left 5 minutes later with the
// screen off.
func opened(t coretest.TB, profile maker, version, vendor string, set ...android.Setting) *phone {
	t.Helper()
	return openedWith(t, profile(version, vendor), set...)
}

func openedWith(t coretest.TB, pr *android.Profile, set ...android.Setting) *phone {
	t.Helper()
	if err := pr.Apply(set); err != nil {
		t.Fatal(err)
	}
	p := newPhone(t, pr)
	p.facts(0, ordinary)
	p.sense(0, core.SenseAppOpened)
	return p
}

// leave puts the phone away: it lies still, and its screen goes off.
func (p *phone) leave(at int64) {
	p.TB.Helper()
	p.sense(at, core.SenseAppLeft)
	p.sense(at, core.SenseScreen, 0)
}

// look turns the screen on and unlocks the phone.
func (p *phone) look(at int64) {
	p.TB.Helper()
	p.sense(at, core.SenseScreen, 1)
	p.sense(at, core.SenseUnlocked)
}
