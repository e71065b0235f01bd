// Package phone drives the core for one app on one simulated phone. What happens to
// the phone comes from a source, what the app does from its tasks; what runs when is
// decided by the machine and its platform, and by nothing here.
package phone

import (
	"fmt"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim/app"
	"github.com/lullwork/lull/work"
)

// Source is what happens to a phone, in the order of time. What it returns is valid until
// the next call; nil: nothing happens any more.
type Source interface {
	Next() *Happening
}

// Happening is something that happens to a phone. Facts come before the sense. A sense of
// SenseFacts stands for none.
type Happening struct {
	At    int64
	Facts []record.Fact
	Sense core.Sense
}

// Config is what a phone is made of.
type Config struct {
	Platform core.Platform
	Source   Source
	Tasks    []app.Task
	Chance   chance.Stream
	Start    int64 // engine time at which it begins, with the app just installed and opened
	Count    int64 // from when on it is counted: before, the phone gets to know its user
	// Early is how much of what the source gives happens before the app has works: by it the
	// platform only gets to know the user.
	Early int
	Room  *Room // default: its own
	End   int64
	// Journal is called with the journal's lines. Default: there is none, and the machine
	// keeps none.
	Journal func(lines []byte)
	// Watch is told what a tally only counts. Default: nobody.
	Watch Watcher
}

// Phone is one phone. It is used by one goroutine at a time.
type Phone struct {
	cfg     Config
	m       *core.Machine
	rows    ledger
	queue   queue
	runs    []running
	app     *app.App
	asked   []asking // by task
	bySpec  []int16  // task of a spec, by its ID; -1: not looked up
	meter   meter
	now     int64
	wake    int64
	next    *Happening // that the source gives; nil: none any more
	nextAt  int64
	follow  []core.Event
	effects []core.Effect
	ids     int
	events  int64
	begun   bool
	last    []*record.Work // of each task, that is over
	alive   func() bool    // whether the app's process runs; nil: the app itself knows
	monitor monitor        // nil: the platform has none
}

// monitor is a platform that kills an app for what a run uses of the processor: a share of
// it, on average over a window of time.
type monitor interface {
	Monitor(k work.Kind, power bool) (share, window int64)
}

// asking is what the phone remembers of what was asked for a task.
type asking struct {
	set []notice // that were asked for last, by their number
}

// notice is a notification: the row may be another work's meanwhile.
type notice struct {
	w  *record.Work
	id work.ID
}

// running is a run that goes on.
type running struct {
	id    work.ID
	epoch int64
	task  int
	turn  int32
	began int64
	end   int64
	out   work.Outcome
	live  bool
}

// New returns a phone.
func New(cfg Config) *Phone {
	if cfg.Room == nil {
		cfg.Room = new(Room)
	}
	p := &Phone{cfg: cfg, m: core.New(cfg.Platform), now: cfg.Start}
	p.app = app.New(cfg.Tasks, cfg.Chance, host{p})
	if p.m.Passing(); cfg.Journal == nil {
		p.m.Quiet()
	}
	for i := range cfg.Tasks {
		t, x := &cfg.Tasks[i], asking{}
		if t.Request.Phone.Kind == work.KindNotification {
			x.set = make([]notice, max(1, t.Count))
		}
		p.asked = append(p.asked, x)
	}
	p.queue.next = record.Never
	p.rows.task, p.rows.open = p.taskOf, make([]int, len(cfg.Tasks))
	p.last = make([]*record.Work, len(cfg.Tasks))
	if x, ok := cfg.Platform.(interface{ Alive() bool }); ok {
		p.alive = x.Alive
	}
	p.monitor, _ = cfg.Platform.(monitor)
	p.meter.init(p)
	p.meter.into(new(Tally)) // until Run names another
	return p
}

// mostTicks is how often time alone may bring something at one instant: each start of a
// work may make room for the next.
const mostTicks = 10_000

func tooManyTicks(at int64) error {
	return fmt.Errorf("sim: the platform asks for a tick at %d µs over and over", at)
}

// Run lets everything happen until the end, and adds what came of it to a tally.
func (p *Phone) Run(into *Tally) error {
	p.meter.into(into)
	if err := p.Until(p.cfg.End - 1); err != nil {
		return err
	}
	p.reach(p.cfg.End)
	if !p.meter.on {
		p.count()
	}
	p.meter.end()
	return nil
}

// Until lets everything happen up to an instant, and with it.
func (p *Phone) Until(last int64) error {
	if !p.begun {
		p.begun = true
		if err := p.begin(); err != nil {
			return err
		}
	}
	for ticks := 0; ; {
		at := min(p.nextAt, p.wake, p.queue.next)
		if at > last {
			break
		}
		if at < p.now {
			at = p.now
		}
		if at > p.now {
			ticks = 0
		}
		p.reach(at)
		switch {
		case p.nextAt <= at && p.next != nil:
			p.happen()
		case p.queue.next <= at && len(p.queue.items) > 0:
			p.occur(p.queue.pop())
		default:
			p.pass()
			if ticks++; ticks > mostTicks {
				return tooManyTicks(at)
			}
		}
		if len(p.effects) > 0 {
			p.act()
		}
	}
	p.reach(max(p.now, last))
	p.act()
	return nil
}

// begin makes the machine start works.
func (p *Phone) begin() error {
	p.advance()
	known, err := p.acquaint()
	if err != nil {
		return err
	}
	p.step(core.JobsSet{Jobs: 1 << 20})
	p.step(core.Recover{})
	if len(known) > 0 {
		p.step(core.FactsRead{Facts: known})
	}
	return nil
}

// reach lets it be an instant.
func (p *Phone) reach(at int64) {
	if at >= p.cfg.Count && !p.meter.on {
		p.count()
	}
	p.now = at
}

// count begins to count: until then nobody asks what holds works. The platform is asked
// once, and has nothing new to say.
func (p *Phone) count() {
	p.now = max(p.now, p.cfg.Count)
	p.meter.begin(p.now)
	p.m.Watch(p.meter.hear)
	p.pass()
}

// Events is how many events reached the machine.
func (p *Phone) Events() int64 { return p.events }

// advance reads what the source gives next.
func (p *Phone) advance() {
	if p.next = p.cfg.Source.Next(); p.next != nil {
		p.nextAt = p.next.At
	} else {
		p.nextAt = record.Never
	}
}

// happen lets happen what the source has given.
func (p *Phone) happen() {
	p.take(p.next)
	p.advance()
}

// take tells the machine what happens on the phone, and the app.
func (p *Phone) take(h *Happening) {
	if len(h.Facts) > 0 {
		p.events++
		p.took(p.m.Read(p.now, h.Facts))
	}
	if s := h.Sense; s.Kind != core.SenseFacts {
		p.mourn()
		p.events++
		p.took(p.m.Sense(p.now, s))
		if s.Kind == core.SenseAppOpened {
			p.rows.turn = p.rows.turn || !p.app.Started
			p.meter.opened(p.now)
		}
		p.app.Sees(p.now, s)
	}
}

// mourn lets the app know that the platform has ended its process.
func (p *Phone) mourn() {
	if p.alive != nil && p.app.Alive && !p.alive() {
		p.app.Alive, p.app.Front = false, false
	}
}

// step feeds one event to the machine, and then all that follows from it.
func (p *Phone) step(ev core.Event) {
	p.events++
	p.took(p.decide(ev))
}

// decide lets the machine step with an event and the rows that it needs for it.
func (p *Phone) decide(ev core.Event) *core.Output {
	return p.m.Step(p.now, ev, p.rows.resolve(p.m.Needs(ev)))
}

// alone is step for an event that needs no rows.
func (p *Phone) alone(ev core.Event) {
	p.events++
	p.took(p.m.Step(p.now, ev, record.Rows{}))
}

// pass is step with a tick.
func (p *Phone) pass() {
	p.events++
	p.took(p.m.Pass(p.now))
}

// took takes in what a step decided, and lets happen what follows from it.
func (p *Phone) took(out *core.Output) {
	p.wake = out.Wake
	if len(out.Tx.Works)+len(out.Effects)+len(out.Then) > 0 {
		p.write(out)
	}
	if p.rows.turn || p.meter.round {
		p.meter.settle()
	}
	if p.cfg.Journal != nil && len(out.Tx.Journal.Lines) > 0 {
		p.cfg.Journal(out.Tx.Journal.Lines)
	}
	switch {
	case len(p.follow) > 0:
		p.goOn()
	case len(p.rows.gone) > 0:
		p.recycle()
	}
}

// goOn lets happen the first of what follows.
func (p *Phone) goOn() {
	ev := p.follow[0]
	p.follow = p.follow[:copy(p.follow, p.follow[1:])]
	p.took(p.decide(ev))
}

// recycle gives rows back that nobody looks at any more.
func (p *Phone) recycle() {
	if p.cfg.Watch != nil {
		p.rows.gone = p.rows.gone[:0]
		return
	}
	kept := p.rows.gone[:0]
	for _, w := range p.rows.gone {
		if !p.m.Recycle(w) {
			kept = append(kept, w)
		}
	}
	p.rows.gone = kept
}

// write takes in the works that a step has changed, and what is to be done.
func (p *Phone) write(out *core.Output) {
	p.rows.apply(&out.Tx)
	if p.cfg.Watch != nil {
		p.remember(&out.Tx)
	}
	if len(out.Then)+len(p.effects) > 0 {
		p.add(out)
		return
	}
	p.effects, out.Effects = out.Effects, p.effects // the machine gets a list for its next step
}

// add is the rest of write where something follows, or is to be done already.
func (p *Phone) add(out *core.Output) {
	p.follow = append(p.follow, out.Then...)
	p.effects = append(p.effects, out.Effects...)
}

// act carries out what was decided, and what is decided meanwhile.
func (p *Phone) act() {
	for i := 0; i < len(p.effects); i++ {
		if e := &p.effects[i]; e.Kind == core.StartRun {
			p.start(e)
		} else {
			p.stop(e)
		}
	}
	p.effects = p.effects[:0]
}

// taskOf returns which task a work is of.
func (p *Phone) taskOf(w *record.Work) int {
	if w.Spec < int64(len(p.bySpec)) && p.bySpec[w.Spec] >= 0 {
		return int(p.bySpec[w.Spec])
	}
	return p.lookUp(w)
}

// lookUp is taskOf for a work with a spec of which it is not known.
func (p *Phone) lookUp(w *record.Work) int {
	for int64(len(p.bySpec)) <= w.Spec {
		p.bySpec = append(p.bySpec, -1)
	}
	i := p.named(p.m.SpecOf(w).Task)
	p.bySpec[w.Spec] = int16(i)
	return i
}

// named returns which task has a name.
func (p *Phone) named(name string) int {
	for i := range p.cfg.Tasks {
		if p.cfg.Tasks[i].Name == name {
			return i
		}
	}
	return 0
}
