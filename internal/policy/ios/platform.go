package ios

import (
	"slices"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Config is an app on an iPhone or iPad.
type Config struct {
	Seed   uint64
	App    App  // what it declares; no Permitted or no Modes at all: whatever it asks for
	Pad    bool // an iPad
	Params Params
}

// System is the scheduler of iOS for one app on one device. It is a core.Platform: what
// calls and events lead to is its [Contract]'s; what it adds is what iOS chooses, as when
// it starts what waits and what time it grants.
type System struct {
	m        *model
	reviewed int64 // when nothing was told since; never: something was
	quiet    bool  // time has passed since the last review, and nothing else has happened
	looked   bool  // at the facts that are
	Contract
	state
	seed           uint64
	chance         chance.Stream
	aheads         chance.Stream // of the times that are looked ahead to
	last           facts         // that were looked at
	ticks          bool          // there may be a timer
	rescore        int64         // when requests are rescored next
	seen           surroundings
	launches       int64 // that wait
	likely         likelihoods
	rated          rated   // of the request that was scored last
	scored         Score   // what that came to
	agedFrom, aged int64   // until then as many days count since the app was used
	endings        []Event // of the process, of which nobody was told
}

var (
	_ core.Platform = (*System)(nil)
	_ core.Marker   = (*System)(nil)
	_ core.Narrator = (*System)(nil)
)

// Uses of chance: each has a stream of its own.
const (
	chanceAhead = 1 + iota
	chanceSlot
	chanceLimit
	chanceThermal
)

// NewSystem returns the scheduler of an app that was installed just now.
func NewSystem(c Config) (*System, error) {
	m, err := newModel(c.Params, c.Pad)
	if err != nil {
		return nil, err
	}
	s := &System{m: m}
	s.app, s.limits, s.reloads, s.driven = c.App, &m.Limits, m.WidgetReloads, true
	s.Reset(c.Seed)
	return s, nil
}

// unlook forgets what is not part of its state.
func (s *System) unlook() {
	s.now, s.events, s.endings, s.stale = never, s.events[:0], s.endings[:0], allKinds
	s.looked, s.aged, s.rescore = false, never, never
	s.relearn()
	s.rated.battery = never
	s.touched()
}

// Reset makes it that of another device, which differs in nothing but its chances.
func (s *System) Reset(seed uint64) {
	s.seed, s.chance = seed, chance.New(seed)
	s.aheads = s.chance.Fork(chanceAhead)
	s.spare = append(s.spare, s.Waits...)
	s.unlook()
	s.ticks, s.noted, s.unkept = false, 0, 0
	p := &s.Process
	s.contract = contract{
		Dev:     Device{Pad: s.m.pad, RefreshAll: true, RefreshApp: true, Battery: -1},
		Process: process{Handlers: p.Handlers[:0], Queue: p.Queue[:0], Done: p.Done[:0], Assertions: p.Assertions[:0]},
		Waits:   s.Waits[:0], Runs: s.Runs[:0], Widgets: s.Widgets[:0], Notes: Notifications{List: s.Notes.List[:0]},
	}
	s.state = state{
		Ordered: s.Ordered[:0], Left: never, Plugged: never, LastUse: never,
		Launched: never, Processed: never, Pushed: never, PushTurn: never, Edge: record.Never, Due: record.Never,
	}
}

// Rules returns what the engine has to know of iOS.
func (s *System) Rules() core.Rules {
	return core.Rules{Name: "ios", Consumes: true, Attempts: 1, Grace: s.m.Grace, ErrorIsFailure: true, Calendar: true}
}

// Judge leaves conditions of the device to the gates, which have an order of their own.
func (s *System) Judge(core.Need, *record.Facts) core.Verdict {
	return core.Verdict{State: record.Met}
}

// Next returns when Tick must be called.
func (s *System) Next() int64 { return s.Due }

// Tick lets time pass.
func (s *System) Tick(at int64, f *record.Facts) bool {
	s.reviewed = never
	changed := s.look(at, f)
	if at < s.Due && !changed {
		return false
	}
	s.elapse(at)
	return s.told(at)
}

// Orders returns what the system wants done.
func (s *System) Orders() []core.Order {
	out := s.Ordered
	s.Ordered = s.Ordered[:0]
	return out
}

// Admit says whether iOS takes a work. What it schedules is not due at once.
func (s *System) Admit(at int64, j core.Job, f *record.Facts) error {
	if s.look(at, f) && s.review(at) {
		s.tell(at)
	}
	s.touched()
	err := s.takes(j)
	if s.heed(); err != nil && s.review(at) { // it may have ended the app
		s.tell(at)
	}
	return err
}

// takes says whether iOS takes a work on a phone that is as it was looked at.
func (s *System) takes(j core.Job) error {
	t := &j.Spec.Phone
	switch kindOf(t.Kind) {
	case kindNone:
		return &core.Refusal{Name: "no_such_kind", Text: "iOS has no work of the kind " + nameOf(t.Kind) + ": use refresh, processing, transfer or another of its own"}
	case kindPush:
		m := PushMessage{Priority: silentPriority, ContentAvailable: true, Shows: t.Visible}
		if !t.Visible {
			m.Type = "background"
		}
		if t.Priority == "10" || t.Priority == "high" {
			m.Priority = 10
		}
		if v := m.Validate(); v != PushSilent && v != PushVisible {
			return &core.Refusal{Name: string(v), Text: "a silent push has priority 5"}
		}
		if !t.Visible && s.app.Modes != nil && !slices.Contains(s.app.Modes, ModePush) {
			return &core.Refusal{Name: NoPushMode, Text: "UIBackgroundModes lacks " + ModePush}
		}
	case kindNotification:
		if j.Spec.Every > 0 {
			if err := s.m.CheckInterval(j.Spec.Every, true); err != nil {
				return s.crash(err)
			}
		}
	case kindRefresh, kindProcessing, kindHealth:
		j.Work.InitialDelay = max(j.Work.InitialDelay, s.m.MinDelay)
		fallthrough
	case kindContinued:
		s.Dev.ContinuedBusy = !s.room(nil)
		var r Request
		r.askedBy(j)
		return s.admit(&r)
	}
	return nil
}

func nameOf(k work.Kind) string {
	if k == work.KindWork {
		return "work"
	}
	return string(k)
}

// askedBy makes it what the app asks for by a work.
func (r *Request) askedBy(j core.Job) {
	t, n := &j.Spec.Phone, &j.Spec.Needs
	r.Kind, r.ID, r.Earliest = t.Kind, identifier(j), j.Due
	r.Power, r.Network, r.Fail = n.Charging, n.Network != work.NoNetwork, t.Fail
}

// Waiting takes in a work that waits.
func (s *System) Waiting(at int64, j core.Job) {
	if !s.Begun {
		s.touched()
		s.begins(at)
	}
	s.until(at)
	if j.Spec.Phone.Kind == work.KindNotification {
		next := Notification{ID: string(j.Work.ID), Seq: j.Work.Seq, At: j.Due}
		if next.Seq <= s.noted && s.Notes.holds(&next) {
			return // told again
		}
		s.touched()
		s.schedule(next)
		if s.heed(); len(s.Ordered) > 0 {
			s.tell(at)
		}
		return
	}
	old := s.find(j.Work.Seq)
	if old != nil && old.Turn == j.Work.LastEnqueue && old.Earliest == j.Due {
		return // told again
	}
	if old != nil {
		s.remove(old)
		s.recycle(old)
	}
	p := s.pending(j)
	switch p.Turn, p.StartAfter = j.Work.LastEnqueue, max(at, j.Due); p.Type {
	case kindRefresh, kindProcessing, kindHealth, kindContinued:
		_ = s.accept(p) // nothing begins by itself here
		p.StartAfter = max(p.StartAfter, j.Due)
	case kindPush:
		p.StartAfter = at
		s.sent(p)
	case kindTransfer:
		if p.StartAfter = at; s.putOff(p) {
			p.StartAfter = s.Resumes.Until
		}
		p.StartBefore = later(p.StartAfter, s.m.TransferPatience)
	case kindWidget:
		s.widgetOf(p)
		s.Waits = append(s.Waits, p)
	default:
		s.Waits = append(s.Waits, p)
	}
	s.settle(at)
}

// pending is what a work waits as.
func (s *System) pending(j core.Job) *pending {
	p := s.fresh(kindNone)
	s.describe(p, j)
	s.ticks = s.ticks || p.Type == kindTimer
	return p
}

func (s *System) describe(p *pending, j core.Job) {
	t := &j.Spec.Phone
	p.askedBy(j)
	p.Type, p.Bytes = kindOf(t.Kind), t.Bytes
	p.Seq, p.Work, p.Task = j.Work.Seq, j.Work.ID, j.Spec.Task
	if p.Type.requested() {
		p.Key = key(p.Kind, p.ID)
	} else {
		p.ID, p.Visible = string(j.Work.ID), t.Visible && p.Type == kindPush
	}
}

// settle reviews after what makes the machine ask by itself.
func (s *System) settle(at int64) {
	s.heed()
	if s.review(at); len(s.Ordered) > 0 {
		s.tell(at)
	}
}

// Start tells that a run begins.
func (s *System) Start(at int64, j core.Job, f *record.Facts) core.Terms {
	s.touched()
	s.until(at)
	if j.Spec.Phone.Kind == work.KindNotification {
		s.Notes.Remove(string(j.Work.ID), j.Work.Seq)
		return core.Terms{Grace: s.m.Grace} // shown, without code of the app
	}
	s.look(at, f)
	p := s.find(j.Work.Seq)
	if p == nil {
		p = s.pending(j)
	}
	terms := s.grant(at, p)
	s.started(p, terms)
	s.freeze()
	s.heed()
	if s.review(at) {
		s.tell(at)
	}
	return terms
}

// grant decides on the terms of a run, and takes what it costs.
func (s *System) grant(at int64, p *pending) core.Terms {
	terms := s.m.terms(p.Type)
	launch := !s.Dev.Focal
	switch p.Type {
	case kindRefresh:
		if launch && !p.Debug {
			s.charge(p.Bytes)
		}
	case kindProcessing, kindHealth:
		terms.Budget = s.m.processingLimit(s.chance.Fork(chanceLimit).Fork(p.Key).Fork(uint64(at)))
		if p.Type == kindProcessing {
			s.Processed = at
		}
	case kindPush:
		if launch = launch && !p.Visible && !s.Dev.Debugger; launch && !p.Debug {
			s.Pushed = at
			s.takePush(at)
		}
	case kindWidget:
		launch = false
		s.reloaded(at, p)
	case kindAssertion:
		terms.Budget, launch = 0, false // its clock runs in the background only
	default:
		launch = false
	}
	if launch && !p.Debug {
		s.Launched = at
	}
	if p.Debug && p.Type.requested() {
		terms.Budget = 0 // the system knows nothing of it
	}
	return terms
}

// started begins a run.
func (s *System) started(p *pending, terms core.Terms) {
	seq, id := p.Seq, p.Work
	var err error
	if p.Type.inApp() && !p.Visible && (!p.Type.requested() || p.Debug) {
		s.wakeUp()
	}
	switch {
	case p.Type.requested() && p.Debug:
		err = s.simulate(p)
	case p.Type.requested():
		if err = s.launch(p); s.Process.Launching {
			err = s.FinishLaunching(false) // it takes no time here
		}
	default:
		if p.silent() && !p.Delivered {
			s.release(p)
		}
		s.begin(p)
		s.recycle(p)
	}
	if err != nil {
		s.order(core.OrderKill, id, work.StopUnknown, err.Error())
	}
	r := s.runOf(seq)
	if r == nil {
		return
	}
	r.Handler = r.Type.requested() || r.Type == kindPush
	switch {
	case r.Type == kindAssertion:
		_ = s.BeginAssertion(r.ID) // the process is awake
	case terms.Budget > 0 && !r.Debug:
		r.Ends = later(s.now, terms.Budget)
	}
}

// End tells that a run is over. One that was told that its time is up goes on until it is
// reaped.
func (s *System) End(at int64, j core.Job, o work.Outcome) {
	s.until(at)
	r := s.runOf(j.Work.Seq)
	if r == nil || r.Expired {
		return
	}
	switch {
	case o == work.BudgetExceeded && r.inApp():
		s.timeUp(r, cause{work.StopTimeout, textLimit})
	case r.Type == kindTransfer && o == work.Stopped:
		s.forget(r) // the app has cancelled it: nothing is resumed
	case r.inApp() && r.Type != kindTimer && diedOf(o):
		s.end(cause{work.StopUnknown, deathBy(o)}, r)
	default:
		s.over(r, o == work.Success)
	}
	s.freeze()
	s.settle(at)
}

// diedOf reports whether an outcome is the end of the process.
func diedOf(o work.Outcome) bool {
	return o == work.Crashed || o == work.Signalled || o == work.OutOfMemory || o == work.CPUExceeded
}

// deathBy is why the process is gone.
func deathBy(o work.Outcome) string {
	if o == work.CPUExceeded {
		return DiedProcessor
	}
	return core.SenseAppCrashed.String()
}

// timeUp tells a run that its time is up.
func (s *System) timeUp(r *run, why cause) {
	if r.Type == kindAssertion || r.Type == kindTimer {
		r.warn(&s.Contract)
		return
	}
	s.expire(r, why)
}

// over takes a run as over, as the app says.
func (s *System) over(r *run, ok bool) {
	switch r.Type {
	case kindTransfer:
		if s.Off {
			s.forget(r) // nothing is resumed for it
		} else {
			s.TransferDone(r.ID)
		}
	case kindAssertion:
		s.EndAssertion(r.ID)
		s.forget(r)
	case kindRefresh, kindProcessing, kindHealth, kindContinued:
		s.complete(r, Event{OK: ok})
	default:
		s.forget(r)
	}
}

// Reaped tells that nothing is left of a run, and reports what Tick reports. It was
// killed if that took as long as its grace.
func (s *System) Reaped(at, seq int64) bool {
	r := s.runOf(seq)
	if r == nil {
		return false
	}
	s.until(at)
	if r.Expired && at >= r.Kill {
		s.graceOver(r)
	} else {
		s.over(r, false)
	}
	s.freeze()
	s.settle(at)
	return true
}

// Gone tells that a work will not wait again, and that its run is over or will be soon.
func (s *System) Gone(at int64, j core.Job) {
	if j.Spec.Phone.Kind == work.KindNotification {
		s.touched()
		if j.Work.Seq != s.unkept {
			s.Notes.Remove(string(j.Work.ID), j.Work.Seq)
		}
		return
	}
	if p := s.find(j.Work.Seq); p != nil {
		s.remove(p)
		s.recycle(p)
		s.settle(at)
	}
	s.End(at, j, work.Stopped)
}
