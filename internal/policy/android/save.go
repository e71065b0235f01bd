package android

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/lullwork/lull/internal/core"
)

// state is all of a System that outlives it.
type state struct {
	Begun     bool          `json:"begun"` // it has seen an instant
	Device    device        `json:"device"`
	App       app           `json:"app"`
	Timers    [timers]int64 `json:"timers"`
	Slots     []slot        `json:"works,omitempty"`
	Account   Account       `json:"account"`
	Standby   Standby       `json:"standby"`
	Doze      Doze          `json:"doze"`
	Rang      rings         `json:"rang,omitzero"`      // alarms
	RangIdle  rings         `json:"rang_idle,omitzero"` // those that rang in Doze
	Push      pushes        `json:"push,omitzero"`
	Service   services      `json:"service,omitzero"`
	Guard     guard         `json:"guard,omitzero"`
	Scheduled Rate          `json:"scheduled,omitzero"` // jobs, in the last minute
	Found     *found        `json:"found,omitempty"`    // only in what is saved
}

// found is how works stood when they were looked at last, and when they are looked at next.
// A look at them at another time could find, and do, something else: quota that came back
// is seen when the system looks for it. Of a state without it all are looked at at once.
type found struct {
	Next     int64        `json:"next"`               // when something changes by time alone that may count for one
	Cares    world        `json:"cares,omitempty"`    // what counts for one of them
	Settling bool         `json:"settling,omitempty"` // ordinary jobs wait a moment after Doze
	News     bool         `json:"news,omitempty"`     // an answer is new, and nobody was told
	Orders   []core.Order `json:"orders,omitempty"`   // that nobody has taken
	Works    []foundWork  `json:"works,omitempty"`    // by slot
}

// foundWork is how one of them stood.
type foundWork struct {
	Held gateSet `json:"held,omitempty"`
	Pool pool    `json:"pool,omitempty"`
}

// reset begins anew.
func (s *System) reset() {
	p := s.p
	s.state = state{
		Device: device{Seen: unseen, Screen: true}, Account: *NewAccount(p), Standby: *NewStandby(p, 0), Doze: *NewDoze(p),
	}
	for t := range s.Timers {
		s.Timers[t] = never
	}
	s.resume()
}

// begun is the first instant: the app was just installed, and somebody looks at the
// screen.
func (s *System) begun(at int64) {
	s.Begun, s.Device.ScreenAt = true, at
	s.Standby = *NewStandby(s.p, at)
	s.Standby.SetScreen(at, true)
	s.installed(at)
}

// resume works out what is not kept.
func (s *System) resume() {
	s.limits = [2]Parallel{s.p.Parallel(false, PressureNormal), s.p.Parallel(true, PressureNormal)}
	s.share = max(1, s.limits[0].Limit/s.p.values[batchShare])
	s.Account.Use(s.p)
	s.Standby.Use(s.p)
	s.Doze.Use(s.p)
	s.mirror()
	s.turns()
	s.calm, s.moved, s.arranged = false, true, false
	s.bits, s.looked, s.stale, s.news, s.next, s.orders, s.given, s.gone, s.index = 0, 0, false, false, 0, nil, nil, nil, nil
	s.due = s.soon(never)
	s.sums, s.pileOpen, s.reviewed = sums{}, 0, review{}
	s.handed, s.busy, s.hurried, s.services = 0, 0, 0, 0
	for i := range s.Slots {
		x := &s.Slots[i]
		x.lets = never
		if x.Job != jobNone && !x.Needs.has(needTrigger) {
			s.handed++
		}
		if x.Running && x.Hosted {
			s.busy++
			if x.Hasty {
				s.hurried++
			}
		}
		if x.Running && x.Kind == kindService {
			s.services++
		}
	}
	s.countRuns()
	s.reindex()
	if s.Found != nil {
		s.recall(s.Found)
		s.Found = nil
	}
}

// findings returns what was found.
func (s *System) findings() *found {
	f := &found{Next: s.next, Cares: s.cares, Settling: s.bits&worldSettling != 0, News: s.news, Orders: s.orders}
	for i := range s.Slots {
		x := &s.Slots[i]
		f.Works = append(f.Works, foundWork{x.now, x.pool})
	}
	return f
}

// recall takes back what was found: works are looked at anew, but no earlier than they would
// have been.
func (s *System) recall(f *found) {
	at := int64(never)
	if f.Settling {
		at = 0 // any instant before the end of that does
	}
	s.bits = s.look() | s.lookAtDoze(at, s.top())
	s.looked, s.due = s.bits, s.soon(at)
	s.next, s.cares, s.news, s.orders = f.Next, f.Cares, f.News, f.Orders
	for i, y := range f.Works {
		x := &s.Slots[i]
		x.now, x.pool = y.Held, y.Pool
		s.sums.pool(x.pool, 1)
	}
}

// countRuns counts what runs.
func (s *System) countRuns() {
	s.running, s.loose = 0, 0
	for i := range s.Slots {
		if x := &s.Slots[i]; x.Running {
			s.runs(x, 1)
		}
	}
}

// Save returns its state.
func (s *System) Save() ([]byte, error) {
	s.settle()
	st := s.state
	st.Found = s.findings()
	return json.Marshal(&st)
}

// Load takes a state back; none begins anew.
func (s *System) Load(b []byte) error {
	s.reset()
	if len(b) == 0 {
		return nil
	}
	var st state
	err := json.Unmarshal(b, &st)
	if err == nil {
		err = st.check()
	}
	if err != nil {
		return fmt.Errorf("state of Android: %w", err)
	}
	s.state = st
	s.resume()
	return nil
}

// check refuses what no System writes, and what could make one run without end.
func (st *state) check() error {
	for i := range st.Slots {
		if x := &st.Slots[i]; x.Kind >= kinds || x.Mode > modeClock || x.Job > jobLost {
			return fmt.Errorf("work %d is of no known kind", x.Seq)
		}
	}
	if f := st.Found; f != nil {
		if len(f.Works) != len(st.Slots) {
			return fmt.Errorf("of %d works %d were looked at", len(st.Slots), len(f.Works))
		}
		for _, y := range f.Works {
			if y.Held >= 1<<gateCount || y.Pool > poolFree {
				return errors.New("a work is held by no known gate")
			}
		}
	}
	for _, b := range []Bucket{st.Standby.Bucket, st.Standby.Predicted, st.Account.App.Bucket} {
		if b >= buckets {
			return fmt.Errorf("no known bucket: %d", b)
		}
	}
	if st.Standby.Check < 0 || st.Standby.Look < 0 {
		return errors.New("a look at the bucket at a negative time")
	}
	if e := &st.Account.Expedited; e.Forgotten < 0 || e.Forgotten > len(e.List) {
		return fmt.Errorf("of %d stretches %d are forgotten", len(e.List), e.Forgotten)
	}
	d := &st.Doze
	resting := d.Light == LightActive || d.Light == LightOverride
	switch {
	case d.Deep > DeepMaintenance || d.Light > LightOverride:
		return fmt.Errorf("no known state of Doze: %d, %d", d.Deep, d.Light)
	case (d.Deep == DeepActive) != (d.DeepAt == never) || resting != (d.LightAt == never):
		return errors.New("a step of Doze at no time, or one that leads nowhere")
	case min(d.DeepAt, d.LightAt, d.DeepMin, d.LightMin, d.IdleFor, d.WindowFor, d.LightFor, d.Inactive) < 0:
		return errors.New("a time of Doze that is negative")
	case d.DeepMin != never && d.Deep != DeepMaintenance || d.LightMin != never && d.Light != LightMaintenance:
		return errors.New("the end of a window of Doze that is not open")
	}
	return nil
}
