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
		p.meter.opened(p.now)
		for i := range p.tasks {
			t := &p.tasks[i]
			if t.When == AppOpen || t.When == AppStart && fresh || t.When == Once && first {
				p.ask(i, 0)
			}
			p.expect(i)
		}
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
	if t.arrival || t.When != Arrival && t.When != Clock {
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
		t.arrival = true
		p.queue.push(item{at: p.now + int64(time.Minute/time.Microsecond), kind: arrives, task: int16(i)})
		return
	}
	p.ask(i, 0)
	p.expect(i)
}

// ask hands the requests of a task to the machine.
func (p *Phone) ask(i int, delay int64) {
	t := &p.tasks[i]
	at := p.now
	for n := range max(1, t.Count) {
		q, u := t.Request, t.Unique
		q.ID = p.newID()
		q.Delay += time.Duration(delay) * time.Microsecond
		if t.At != nil {
			next, ok := calendar.Next(*t.At, calendar.Zone{}, at)
			if !ok {
				return
			}
			at = next
			q.Delay = time.Duration(next-p.now) * time.Microsecond
		}
		if t.Count > 1 {
			number := strconv.FormatInt(n, 10)
			u.Name += "/" + number
		}
		reply := p.step(core.Enqueue{Nodes: []work.Node{{Request: q}}, Unique: u, Fresh: true})
		p.meter.asked(i, q.ID, p.now, reply)
	}
}
