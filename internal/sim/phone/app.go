package phone

import (
	"strconv"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/calendar"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/work"
)

// appSees lets the app do what it does when something happens.
func (p *Phone) appSees(s core.Sense) {
	switch s.Kind {
	case core.SenseAppOpened:
		fresh, first := !p.alive, !p.started
		p.alive, p.front, p.started, p.handles = true, true, true, true
		p.meter.moved = p.meter.moved || first
		p.meter.opened(p.now)
		for i := range p.tasks {
			t := &p.tasks[i]
			if t.When == AppOpen || t.When == AppStart && fresh || t.When == Once && first {
				p.ask(i, 0)
			}
			if t.late {
				t.late = false
				p.ask(i, 0)
			}
			p.expect(i)
		}
	case core.SenseLocalTime:
		p.shift = s.Value
	case core.SenseAppLeft:
		p.front = false
	case core.SenseAppSwiped, core.SenseAppDied, core.SenseAppCrashed, core.SenseForceStop, core.SenseShutdown:
		p.alive, p.front = false, false
	case core.SenseUpdated:
		p.alive, p.front, p.handles = false, false, false
	}
}

// expect puts the next arrival of a task into the queue.
func (p *Phone) expect(i int) {
	t := &p.tasks[i]
	if t.arrival || t.late || t.When != Arrival && t.When != Clock {
		return
	}
	t.arrival = true
	p.queue.push(item{at: p.now + chance.Exponential(&t.chance, t.Mean), kind: arrives, task: int16(i)})
}

// arrived lets something arrive for a task. What comes only while the app is used, as a
// photo that is taken in it, comes with the next use if it is not.
func (p *Phone) arrived(i int) {
	t := &p.tasks[i]
	t.arrival = false
	switch {
	case t.When == Clock && !p.alive:
		return // a timer of the process has died with it
	case t.During && !p.front:
		t.late = true
		return
	}
	p.ask(i, 0)
	p.expect(i)
}

// ask hands the requests of a task to the machine. The first that is refused is the
// last: what is thrown ends the loop in which an app asks for many.
func (p *Phone) ask(i int, delay int64) {
	t := &p.tasks[i]
	at := p.now + t.shift(p)
	for n := range max(1, t.Count) {
		t.node[0].Request = t.Request
		q, u := &t.node[0].Request, t.Unique
		q.ID = p.newID()
		q.Delay += time.Duration(delay) * time.Microsecond
		if t.At != nil {
			next, ok := calendar.Next(*t.At, t.Zone, at)
			if !ok {
				return
			}
			at = next
			q.Delay = time.Duration(next-t.shift(p)-p.now) * time.Microsecond
		}
		if t.stands(int(n), addTime(p.now, q.Delay)) {
			continue
		}
		if t.Count > 1 && u.Name != "" {
			u.Name += "/" + strconv.FormatInt(n, 10)
		}
		old := p.supersedes(t, &u)
		reply := p.step(core.Enqueue{Nodes: t.node[:], Unique: u, Fresh: true})
		p.meter.asked(i, q.ID, old, reply)
		if t.set != nil {
			t.set[n] = nil
			if k := len(p.rows.works) - 1; k >= 0 && p.rows.works[k].ID == q.ID {
				t.set[n] = p.rows.works[k]
			}
		}
		if reply.Err != nil {
			return
		}
	}
}

// stands reports whether a notification waits that was asked for before, with the same
// number and for the same time: to ask for it again changes nothing.
func (t *state) stands(n int, due int64) bool {
	if t.set == nil || t.set[n] == nil {
		return false
	}
	w := t.set[n]
	return w.State == work.Enqueued && w.Due == due
}

func addTime(at int64, d time.Duration) int64 { return at + int64(d/time.Microsecond) }

// shift is how far the clock of the task's times is ahead of engine time.
func (t *state) shift(p *Phone) int64 {
	if t.Local {
		return p.shift
	}
	return 0
}

// supersedes returns the work whose place a request takes, if it replaces one that
// is not over yet; "": none.
func (p *Phone) supersedes(t *state, u *work.Unique) work.ID {
	if t.Period != 0 || u.Name == "" || u.Policy != work.Replace {
		return ""
	}
	for _, w := range p.rows.works {
		if w.Name == u.Name && !w.State.Finished() {
			return w.ID
		}
	}
	return ""
}
