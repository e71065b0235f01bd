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
	if at >= s.Edge {
		s.cross(at)
	}
	changed := s.look(at, f)
	if at < s.Due && !changed {
		return false
	}
	s.expire(at)
	s.review(at)
	return true
}

// forgotten is a time after which nothing is left of habits.
const forgotten = 400 * day

// cross goes through the slots that have ended.
func (s *System) cross(at int64) {
	if at-s.Edge > forgotten {
		s.Opens.begin()
		s.Uses.begin()
		s.Looks.begin()
		s.align(at)
	}
	for at >= s.Edge {
		s.account(s.Edge)
		if s.Slots.Ends == s.Edge {
			s.Slots.next(s.m.slotLength)
			s.newDay()
			if s.Dev.InUse {
				s.Uses.mark(s.Slots.Slot)
			}
		}
		if s.Budgets.Ends == s.Edge {
			s.Budgets.next(s.m.budgetLength)
			s.fill()
		}
		if s.Reloads.Ends == s.Edge {
			s.Reloads.next(s.m.widgetLength)
			s.fillWidgets()
		}
		s.Edge = min(s.Slots.Ends, s.Budgets.Ends, s.Reloads.Ends)
	}
}

// align moves all rhythms to an instant of local time.
func (s *System) align(at int64) {
	s.Slots.set(at, s.Shift, s.m.slotLength)
	s.Budgets.set(at, s.Shift, s.m.budgetLength)
	s.Reloads.set(at, s.Shift, s.m.widgetLength)
	s.Edge = min(s.Slots.Ends, s.Budgets.Ends, s.Reloads.Ends)
}

// travel tells that local time is engine time plus shift. A day that comes twice counts
// as one, and one that is left out is none.
func (s *System) travel(at, shift int64) {
	s.Shift = shift
	s.align(at)
	if at == s.Installed {
		s.Day = s.Slots.Day
	}
	s.newDay()
}

// newDay goes on to the next day of habits, if it is one.
func (s *System) newDay() {
	if s.Slots.Day <= s.Day {
		return
	}
	s.Day = s.Slots.Day
	s.endDay()
	s.Opens.turn(s.m.PredictorDays)
	s.Uses.turn(s.m.PredictorDays)
	s.Looks.turn(widgetDays)
	s.usual()
}

// begin is the first that it hears of the device.
func (s *System) begin(at int64) {
	s.Begun = true
	s.Opens.begin()
	s.Uses.begin()
	s.Looks.begin()
	s.align(at)
	s.usual()
	s.Day = s.Slots.Day
	s.Installed, s.LastUse = at, at
	s.Left, s.Plugged = at, at
	s.refill()
}

// refill sets the budgets to what they are after a boot.
func (s *System) refill() {
	s.Accounts.Energy = s.m.BudgetCapacity * one / 100 * max(s.Dev.Battery, 0)
	s.Accounts.Cell = s.m.CellBudget
}

// look takes in the facts, and reports whether a decision may hang on what is new.
func (s *System) look(at int64, f *record.Facts) bool {
	charging, saves := f[record.Charging].Value == 1, f[record.LowPower].Value == 1
	battery, net, metered := level(f), network(f), f[record.Metered].Value != 0
	used := s.Dev.InUse
	if !s.Screened {
		used = f[record.Idle].Value == 0
	}
	d := &s.Dev
	if s.Begun && charging == d.Charging && saves == d.LowPower && net == d.Network && metered == s.Metered && used == d.InUse {
		if battery == d.Battery {
			return false
		}
		old := d.Battery
		d.Battery = battery
		return old < 0 || battery < 0 || s.m.batteryStep[old] != s.m.batteryStep[battery]
	}
	begins := !s.Begun
	d.LowPower, d.Network, d.Battery, s.Metered = saves, net, battery, metered
	if begins {
		s.begin(at)
	}
	if charging != d.Charging {
		s.plug(at, charging)
	}
	if used != d.InUse {
		s.use(at, used)
	}
	return true
}

// outlook is what a review comes to for one request.
type outlook struct {
	Score
	Open bool // there is energy left
	Lost bool // it does not get a slot
}

// review decides anew about everything that waits, and when to do so again.
func (s *System) review(at int64) {
	if at >= s.Edge {
		s.cross(at)
	}
	s.Reviewed = at
	s.age(at)
	due := int64(record.Never)
	for i := range s.Pending {
		if p := &s.Pending[i]; at < p.StartAfter {
			due = min(due, p.StartAfter)
		} else {
			due = min(due, s.reviewOne(p, at))
		}
	}
	for i := range s.Running {
		due = min(due, s.endOf(&s.Running[i], at))
	}
	if s.Linger > at {
		due = min(due, s.Linger)
	}
	s.Due = due
}

// reviewOne decides anew about one work, and returns when that may change by time alone.
func (s *System) reviewOne(p *pending, at int64) int64 {
	m, due := s.m, int64(record.Never)
	soon := func(t int64) {
		if t > at && t < due {
			due = t
		}
	}
	switch p.Type {
	case kindRefresh, kindProcessing:
		var held int64 // until then, for what happened before
		if p.Type == kindRefresh {
			soon(s.LastUse + m.UnusedRefresh*day + 1)
			soon(s.unusedCheck())
			held = s.Launched + m.LaunchSpacing
		} else {
			soon(s.LastUse + m.UnusedProcessing*day + 1)
			held = max(s.Processed+m.ProcessingSpacing, s.untilIdle())
		}
		if s.shut(p, at) {
			break
		}
		if !p.Fixed {
			p.outlook, p.At = s.forecast(p, at), at
		}
		if soon(held); held <= at {
			soon((floorDiv(at, m.Rescore) + 1) * m.Rescore)
		}
	case kindHealth:
		soon(s.Launched + m.LaunchSpacing)
	case kindPush:
		soon(s.Pushed + m.PushSpacing)
		soon(s.pushTurn())
	case kindTransfer:
		soon(p.StartBefore)
	case kindWidget:
		soon(s.widgetDue(p, at))
	}
	return due
}

// endOf is when a run is looked at next.
func (s *System) endOf(a *active, at int64) int64 {
	switch {
	case a.Stopping:
		return record.Never
	case a.Type == kindContinued && s.Hot:
		return min(a.Ends, (floorDiv(at, minute)+1)*minute)
	}
	return a.Ends
}

// age counts the days since the app was used, one that has begun as one.
func (s *System) age(at int64) { s.Dev.DaysSinceUse = (at - s.LastUse + day - 1) / day }

// forecast works out a request's outlook.
func (s *System) forecast(p *pending, at int64) outlook {
	o := outlook{Open: s.affords(), Lost: s.lost(p, at)}
	if p.Type == kindRefresh {
		o.Score = s.rate(p, at)
	}
	return o
}

// outlook is what the last review came to. A request that something held then and does
// now was not reviewed, and gets what a review would come to.
func (s *System) outlook(at int64, held bool, p *pending) outlook {
	if p.Fixed || !held && p.At == s.Reviewed {
		return p.outlook
	}
	return s.forecast(p, at)
}

// shut reports whether a request cannot start whatever its score.
func (s *System) shut(p *pending, at int64) bool {
	shut := false
	s.m.HardGates(&s.Dev, &p.Request, at, func(work.Code) bool {
		shut = true
		return false
	})
	return shut
}

// held reports whether a request cannot start, for what the phone is like or because it
// is too soon.
func (s *System) held(p *pending, at int64) bool {
	switch {
	case s.shut(p, at):
		return true
	case p.Type == kindRefresh:
		return at < s.Launched+s.m.LaunchSpacing
	}
	return p.Type == kindProcessing && at < max(s.Processed+s.m.ProcessingSpacing, s.untilIdle())
}

// rate scores a refresh request.
func (s *System) rate(p *pending, at int64) Score {
	m := s.m
	r := rated{
		likely: m.DefaultUse, inUse: s.Uses.likely(s.Slots.Slot, m.slots, m.PredictorCentre),
		battery: s.Dev.Battery, plugged: s.Dev.Charging, locked: s.Locked,
		overdue: at > p.StartBefore, recent: at-s.LastUse <= m.recent,
		passed: at - p.StartAfter, window: p.StartBefore - p.StartAfter,
	}
	if at-s.Installed >= m.LearnDays*day {
		ahead := s.chance.Fork(chanceAhead).Fork(uint64(floorDiv(at, m.LookaheadRedraw)))
		clock := at + s.Shift + m.LookaheadMin + ahead.Below(m.LookaheadJitter+1)
		r.likely = s.Opens.likely(slotOf(clock, m.slotLength), m.slots, m.PredictorCentre)
	}
	for i := range s.Pending {
		if q := &s.Pending[i]; q != p && (q.Type == kindRefresh || q.silent()) {
			r.pending++
		}
	}
	return m.score(&r)
}

// lost reports whether a request does not get a slot at an instant: draws are for
// periods of rescoring, however often something else makes for a review.
func (s *System) lost(p *pending, as int64) bool {
	if s.Busy {
		return true
	}
	odds := s.m.RefreshSlot
	if p.Type == kindProcessing {
		odds = s.m.ProcessingSlot
	}
	draw := s.chance.Fork(chanceSlot).Fork(p.Key).Fork(uint64(floorDiv(as, s.m.Rescore)))
	return !draw.Chance(odds)
}

// Orders returns what the system wants done.
func (s *System) Orders() []core.Order {
	out := s.Ordered
	s.Ordered = s.Ordered[:0]
	return out
}

// Admit says whether iOS takes a work.
func (s *System) Admit(at int64, j core.Job, f *record.Facts) error {
	s.look(at, f)
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
	i := s.at(j)
	if i >= 0 && s.Pending[i].Turn == j.Work.LastEnqueue && s.Pending[i].Earliest == j.Due {
		return // told again
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
			s.order(core.OrderDrop, p.Work, work.StopUser, string(GateForceQuit))
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
	if i >= 0 {
		s.Pending[i] = p
	} else {
		s.Pending = append(s.Pending, p)
	}
	if p.Type == kindNotification {
		s.keepSoonest(at)
	}
	s.review(at)
	if len(s.Ordered) > 0 {
		s.Due = min(s.Due, at)
	}
}

// keepSoonest drops the latest notification where there are more than are kept.
func (s *System) keepSoonest(at int64) {
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
