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

// System is the scheduler of iOS for one app on one device. It is a core.Platform.
type System struct {
	state
	app    App
	m      *model
	seed   uint64
	chance chance.Stream
	spare  []*pending // to be used again
}

var _ core.Platform = (*System)(nil)

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
	s := &System{app: c.App, m: m}
	s.Reset(c.Seed)
	return s, nil
}

// Reset makes it that of another device, which differs in nothing but its chances.
func (s *System) Reset(seed uint64) {
	s.seed, s.chance = seed, chance.New(seed)
	s.spare = append(s.spare, s.Pending...)
	s.state = state{
		Widgets: s.Widgets[:0], Pending: s.Pending[:0], Shown: s.Shown[:0], Running: s.Running[:0], Ordered: s.Ordered[:0],
		Dev:  Device{Pad: s.m.pad, RefreshAll: true, RefreshApp: true, Battery: -1},
		Left: never, Plugged: never, LastUse: never, Linger: never,
		Launched: never, Processed: never, Pushed: never, PushTurn: never, Reviewed: never, Edge: record.Never, Due: record.Never,
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
	changed := s.look(at, f)
	if at < s.Due && !changed {
		return false
	}
	s.expire(at)
	return s.told(s.review(at))
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
	t := &j.Spec.Phone
	r := request(j)
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
		if j.Spec.Every > 0 && j.Spec.Every < s.m.MinRepeat {
			return fatal(FatalRepeatInterval, "a repeating notification comes once a minute at most")
		}
	case kindRefresh, kindProcessing, kindHealth:
		j.Work.InitialDelay = max(j.Work.InitialDelay, s.m.MinDelay)
		return s.submit(&r)
	case kindContinued:
		return s.submit(&r)
	}
	return nil
}

// submit asks the contract whether it takes a request.
func (s *System) submit(r *Request) error {
	a := s.app
	if a.Permitted == nil {
		a.Permitted = []string{r.ID}
	}
	if a.Modes == nil {
		a.Modes = []string{ModeFetch, ModeProcessing}
	}
	stands := Standing{Handler: !slices.Contains(a.Late, r.ID), Front: s.Dev.Focal}
	for _, p := range s.Pending {
		if p.Type.scheduled() {
			stands.Count(&p.Request, r.ID)
		}
	}
	d := s.Dev
	d.ContinuedBusy = !s.room(nil)
	return s.m.Admit(&a, &d, stands, r)
}

func nameOf(k work.Kind) string {
	if k == work.KindWork {
		return "work"
	}
	return string(k)
}

// request is what the app asks for by a work.
func request(j core.Job) Request {
	n := &j.Spec.Needs
	return Request{
		Kind: j.Spec.Phone.Kind, ID: identifier(j), Earliest: j.Due, Power: n.Charging, Network: n.Network != work.NoNetwork, Fail: j.Spec.Phone.Fail,
	}
}

// Waiting takes in a work that waits.
func (s *System) Waiting(at int64, j core.Job) {
	if !s.Begun {
		s.begin(at)
	}
	t := &j.Spec.Phone
	if kindOf(t.Kind) == kindNotification {
		s.note(at, j)
		return
	}
	if p := s.find(j); p != nil && p.Turn == j.Work.LastEnqueue && p.Earliest == j.Due {
		return // told again
	}
	s.take(j)
	p := pending{
		Request: request(j), Type: kindOf(t.Kind), Seq: j.Work.Seq, Work: j.Work.ID, Task: j.Spec.Task, Turn: j.Work.LastEnqueue,
		Bytes: t.Bytes, Visible: t.Visible, At: never,
	}
	p.Key = key(p.Kind, p.ID)
	p.Window = s.m.Window(p.Kind, at, j.Due)
	p.LowPower = s.Dev.LowPower
	switch p.Type {
	case kindPush:
		s.arrives(at, &p)
		if s.Dev.Quit && p.silent() {
			s.order(core.OrderDrop, p.Work, work.StopSystem, string(GateForceQuit))
			s.tell(at)
			return
		}
	case kindTransfer:
		s.begins(at, &p)
	case kindWidget:
		s.widgetOf(p.Task, p.Key)
	default:
		p.StartAfter = max(p.StartAfter, j.Due)
	}
	s.put(p)
	s.settle(at)
}

// settle reviews after what makes the machine ask by itself.
func (s *System) settle(at int64) {
	if s.review(at); len(s.Ordered) > 0 {
		s.tell(at)
	}
}

// note takes in a notification. Where there are more than are kept the latest one goes.
func (s *System) note(at int64, j core.Job) {
	i := slices.IndexFunc(s.Shown, func(n note) bool { return n.Seq == j.Work.Seq })
	if i < 0 {
		i = len(s.Shown)
		s.Shown = append(s.Shown, note{})
	}
	s.Shown[i] = note{j.Work.Seq, j.Work.ID, j.Due}
	if int64(len(s.Shown)) <= s.m.NotificationsKept {
		return
	}
	last := 0
	for i := range s.Shown {
		if s.Shown[i].At >= s.Shown[last].At {
			last = i
		}
	}
	s.order(core.OrderDrop, s.Shown[last].Work, work.StopSystem, "not_kept")
	s.Shown = slices.Delete(s.Shown, last, last+1)
	s.tell(at)
}

// shown forgets a notification.
func (s *System) shown(j core.Job) {
	if i := slices.IndexFunc(s.Shown, func(n note) bool { return n.Seq == j.Work.Seq }); i >= 0 {
		s.Shown = slices.Delete(s.Shown, i, i+1)
	}
}

// Start tells that a run begins.
func (s *System) Start(at int64, j core.Job, f *record.Facts) core.Terms {
	terms := core.Terms{Grace: s.m.Grace}
	t := &j.Spec.Phone
	if kindOf(t.Kind) == kindNotification {
		s.shown(j)
		return terms // shown, without code of the app
	}
	s.look(at, f)
	p := s.take(j)
	if p == nil {
		p = &pending{Request: request(j), Type: kindOf(t.Kind), Seq: j.Work.Seq, Work: j.Work.ID, Task: j.Spec.Task, Visible: t.Visible}
		p.Key = key(p.Kind, p.ID)
	}
	a := active{
		Type: p.Type, Seq: p.Seq, Work: p.Work, Task: p.Task, Key: p.Key, Power: p.Power, Visible: p.Visible, Debug: p.Debug, Begun: at, Ends: record.Never,
	}
	launch := !s.Dev.Focal && !p.Debug
	switch p.Type {
	case kindRefresh:
		terms.Budget = s.m.RefreshLimit
		if launch {
			s.charge(p.Bytes)
		}
	case kindProcessing, kindHealth:
		terms.Budget = s.m.processingLimit(s.chance.Fork(chanceLimit).Fork(p.Key).Fork(uint64(at)))
		if p.Type == kindProcessing {
			s.Processed = at
		}
	case kindPush:
		if launch = launch && !p.Visible && !s.Dev.Debugger; launch {
			s.Pushed = at
			s.takePush(at)
		}
		terms.Budget = s.m.PushLimit
	case kindAssertion:
		if launch = false; !s.Dev.Focal {
			a.Ends = at + s.m.AssertionLimit
		}
	case kindWidget:
		launch = false
		s.reloaded(at, p)
	default:
		launch = false
	}
	if a.inApp() {
		s.Alive = true
	}
	if launch {
		s.Launched = at
	}
	s.Running = append(s.Running, a)
	if s.review(at) {
		s.tell(at)
	}
	return terms
}

// End tells that a run is over.
func (s *System) End(at int64, j core.Job, _ work.Outcome) {
	i := slices.IndexFunc(s.Running, func(a active) bool { return a.Seq == j.Work.Seq })
	if i < 0 {
		return
	}
	a := s.Running[i]
	s.Running = slices.Delete(s.Running, i, i+1)
	if a.Type == kindTransfer && !s.Dev.Focal && !s.Dev.Quit {
		s.Transfers.Resume(&s.m.Limits, at)
	}
	s.suspend(at)
	s.settle(at)
}

// Gone tells that a work will not wait again, and that its run is over or will be soon.
func (s *System) Gone(at int64, j core.Job) {
	if kindOf(j.Spec.Phone.Kind) == kindNotification {
		s.shown(j)
		return
	}
	if s.take(j) != nil {
		s.settle(at)
	}
	s.End(at, j, work.Stopped)
}
