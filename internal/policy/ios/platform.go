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
	chance chance.Stream
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
	s.chance = chance.New(seed)
	s.state = state{
		Widgets: s.Widgets[:0], Pending: s.Pending[:0], Running: s.Running[:0], Ordered: s.Ordered[:0],
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
	s.review(at)
	return true
}

// Orders returns what the system wants done.
func (s *System) Orders() []core.Order {
	out := s.Ordered
	s.Ordered = s.Ordered[:0]
	return out
}

// Admit says whether iOS takes a work.
func (s *System) Admit(at int64, j core.Job, f *record.Facts) error {
	if s.look(at, f) {
		s.Due = min(s.Due, at)
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
	case kindNotification:
		if j.Spec.Every > 0 && j.Spec.Every < s.m.MinRepeat {
			return fatal(FatalRepeatInterval, "a repeating notification comes once a minute at most")
		}
	case kindRefresh, kindProcessing, kindHealth, kindContinued:
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
	stands := Standing{Handler: true, Front: s.Dev.Focal}
	for i := range s.Pending {
		if p := &s.Pending[i]; p.Type.scheduled() {
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
	if i := s.at(j); i >= 0 {
		if s.Pending[i].Turn == j.Work.LastEnqueue && s.Pending[i].Earliest == j.Due {
			return // told again
		}
		s.drop(i)
	}
	t := &j.Spec.Phone
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
			s.Due = min(s.Due, at)
			return
		}
	case kindTransfer:
		s.begins(at, &p)
	case kindWidget:
		s.widgetOf(p.Task, p.Key)
	default:
		p.StartAfter = max(p.StartAfter, j.Due)
	}
	s.Pending = append(s.Pending, p)
	if p.Type == kindNotification {
		s.keepSoonest()
	}
	s.review(at)
	if len(s.Ordered) > 0 {
		s.Due = min(s.Due, at)
	}
}

// keepSoonest drops the latest notification where there are more than are kept.
func (s *System) keepSoonest() {
	n, last := int64(0), -1
	for i := range s.Pending {
		if p := &s.Pending[i]; p.Type == kindNotification {
			if n++; last < 0 || p.StartAfter >= s.Pending[last].StartAfter {
				last = i
			}
		}
	}
	if n > s.m.NotificationsKept {
		s.order(core.OrderDrop, s.Pending[last].Work, work.StopSystem, "not_kept")
		s.drop(last)
	}
}

// Start tells that a run begins.
func (s *System) Start(at int64, j core.Job, f *record.Facts) core.Terms {
	s.look(at, f)
	i := s.at(j)
	var p pending
	if i >= 0 {
		p = s.Pending[i]
		s.drop(i)
	} else {
		p = pending{Request: request(j), Type: kindOf(j.Spec.Phone.Kind), Seq: j.Work.Seq, Work: j.Work.ID, Task: j.Spec.Task, Visible: j.Spec.Phone.Visible}
		p.Key = key(p.Kind, p.ID)
	}
	a := active{
		Type: p.Type, Seq: p.Seq, Work: p.Work, Task: p.Task, Key: p.Key, Power: p.Power, Visible: p.Visible, Debug: p.Debug, Begun: at, Ends: record.Never,
	}
	terms := core.Terms{Grace: s.m.Grace}
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
		s.reloaded(at, &p)
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
	s.review(at)
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
	s.review(at)
	if len(s.Ordered) > 0 {
		s.Due = min(s.Due, at)
	}
}

// Gone tells that a work will not wait again.
func (s *System) Gone(at int64, j core.Job) {
	if i := s.at(j); i >= 0 {
		s.drop(i)
		s.review(at)
	}
}
