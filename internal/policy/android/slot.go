package android

import (
	"slices"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// kind is [work.Kind] as a small number.
type kind uint8

const (
	kindWork kind = iota
	kindUser
	kindAlarm
	kindNotification
	kindService
	kindPush
	kindWidget
	kindTimer
	kinds
)

func kindOf(k work.Kind) (kind, bool) {
	switch k {
	case work.KindWork:
		return kindWork, true
	case work.KindUserInitiated:
		return kindUser, true
	case work.KindAlarm:
		return kindAlarm, true
	case work.KindNotification:
		return kindNotification, true
	case work.KindService:
		return kindService, true
	case work.KindPush:
		return kindPush, true
	case work.KindWidget:
		return kindWidget, true
	case work.KindTimer:
		return kindTimer, true
	}
	return 0, false
}

// asked is what a work asks for.
type asked struct {
	Due       int64              `json:"due"`
	Asked     int64              `json:"asked"` // when it was enqueued last
	Attempts  int32              `json:"attempts,omitempty"`
	Needs     needs              `json:"needs,omitempty"`
	Network   work.Network       `json:"network,omitempty"`
	Expedited bool               `json:"expedited,omitempty"`
	Drop      bool               `json:"drop,omitempty"` // rather than run without quota for haste
	Mode      mode               `json:"mode,omitempty"`
	WhileIdle bool               `json:"while_idle,omitempty"`
	Rearm     bool               `json:"rearm,omitempty"`
	High      bool               `json:"high,omitempty"`
	Visible   bool               `json:"visible,omitempty"`
	Limited   bool               `json:"limited,omitempty"`   // a service whose type may not run for long
	Processes bool               `json:"processes,omitempty"` // that type is media-processing, and not data-sync
	Every     int64              `json:"every,omitempty"`
	Delay     int64              `json:"delay,omitempty"`
	TTL       int64              `json:"ttl,omitempty"`
	Request   string             `json:"request,omitempty"` // of a network
	Backoff   work.BackoffPolicy `json:"backoff,omitempty"`
}

// slot is what a System keeps of one work. What is looked at each time comes first.
type slot struct {
	now     gateSet // what holds it in all, as of the last refresh
	mark    uint64  // its mark, if it is one of now, see [System.Mark]
	own     gateSet // what holds it whatever other works do
	spot    spot    // where it is looked at
	index   int32   // of the slot
	call    int64   // from when on it has to be looked at
	wake    int64   // when any of this may change by time alone
	lets    int64   // of a run in process: when the system may let its job start by time alone
	greedy  bool    // the library runs it in process
	told    bool    // something was told of it since then
	open    bool    // it is due, and nothing holds it
	cares   world   // what counts for it, of what look sees
	pool    pool    // of a job
	spec    *record.Spec
	Kind    kind    `json:"kind,omitempty"`
	Waiting bool    `json:"waiting,omitempty"`
	Running bool    `json:"running,omitempty"`
	Job     job     `json:"job,omitempty"`     // of a row of WorkManager
	Hosted  bool    `json:"hosted,omitempty"`  // of a run: it is a job of the system's
	Cleared gateSet `json:"cleared,omitempty"` // gates that an edit has opened
	Expires int64   `json:"expires,omitempty"` // when a message is dropped
	Seq     int64   `json:"seq"`

	asked

	ID   work.ID `json:"id"`
	Task string  `json:"task"`

	// Where it stands.
	Hasty        bool     `json:"hasty,omitempty"`         // of a run: that job is expedited
	InFront      bool     `json:"in_front,omitempty"`      // of a run: it began while the app was in front
	Stopping     bool     `json:"stopping,omitempty"`      // of a run: its end was ordered
	Demoted      bool     `json:"demoted,omitempty"`       // a transfer that has run too long to go before others
	Ready        int64    `json:"ready,omitempty"`         // since when only other jobs hold it; 0: not yet
	Others       int64    `json:"others,omitempty"`        // when a job of another app takes it along
	Draw         int64    `json:"draw,omitempty"`          // when in its window an alarm rings
	Counted      bool     `json:"counted,omitempty"`       // of a run: its quota counts it
	Started      int64    `json:"started,omitempty"`       //
	Limit        int64    `json:"limit,omitempty"`         // when its run must end; 0: at no time
	Ran          int64    `json:"ran,omitempty"`           // when its run before began
	Total        int64    `json:"total,omitempty"`         // how long a transfer has run
	Seen         int64    `json:"seen,omitempty"`          // when this process of the app saw it first
	SeenAttempts int32    `json:"seen_attempts,omitempty"` // its attempts by then
	Stops        JobStops `json:"stops,omitzero"`          // of the system's job
	Failed       int64    `json:"failed,omitempty"`        // when the last of them was
}

// needs is a set of conditions.
type needs uint8

const (
	needCharging needs = 1 << iota
	needBattery
	needStorage
	needIdle
	needTrigger // content URIs
)

func (n needs) has(x needs) bool { return n&x != 0 }

func (n *needs) addIf(x needs, asked bool) {
	if asked {
		*n |= x
	}
}

// update sets what is not all works' of the same spec. It reports whether any of it is new.
func (y *asked) update(j core.Job) bool {
	since := j.Work.LastEnqueue
	if since == record.NotEnqueued {
		since = 0
	}
	if y.Due == j.Due && y.Asked == since && y.Attempts == j.Work.Attempts {
		return false
	}
	y.Due, y.Asked, y.Attempts = j.Due, since, j.Work.Attempts
	return true
}

// asksFor returns what all works of a spec ask for.
func asksFor(sp *record.Spec) asked {
	y := asked{
		Every: sp.Every, Network: sp.Needs.Network, Request: sp.Needs.NetworkRequest,
		Expedited: sp.Expedited, Drop: sp.DropQuota, Backoff: sp.Backoff, Delay: sp.Delay,
		Rearm: sp.Phone.Rearm, Visible: sp.Phone.Visible, High: sp.Phone.Priority == "high",
	}
	y.Needs.addIf(needCharging, sp.Needs.Charging)
	y.Needs.addIf(needBattery, sp.Needs.BatteryNotLow)
	y.Needs.addIf(needStorage, sp.Needs.StorageNotLow)
	y.Needs.addIf(needIdle, sp.Needs.Idle)
	y.Needs.addIf(needTrigger, sp.Needs.ContentURIs > 0)
	y.Mode, y.WhileIdle = modeOf(sp.Phone.Mode)
	y.Limited = sp.Phone.Kind == work.KindService && sp.Phone.Mode != "other"
	y.Processes = y.Limited && sp.Phone.Mode == "media-processing"
	if y.TTL = sp.Phone.TTL.Microseconds(); sp.Phone.TTL < 0 {
		y.TTL = -1
	}
	return y
}

// isJob reports whether JobScheduler runs it, or WorkManager for it.
func (x *slot) isJob() bool { return x.Kind <= kindUser }

// ordinary reports whether it is a job that may have to wait for others.
func (x *slot) ordinary() bool { return x.Kind == kindWork || x.Kind == kindUser && x.Demoted }

// networked reports whether a work asked for a network.
func (x *slot) networked() bool { return x.Network != work.NoNetwork || x.Request != "" }

func newSlot(j core.Job) slot {
	x := slot{asked: asksFor(j.Spec)}
	x.take(j)
	return x
}

// take fills a new slot, but for what all works of its spec ask for.
func (x *slot) take(j core.Job) {
	x.Waiting, x.Seq, x.ID, x.Task, x.spec = true, j.Work.Seq, j.Work.ID, j.Spec.Task, j.Spec
	x.Kind, _ = kindOf(j.Spec.Phone.Kind)
	x.update(j)
}

// indexedFrom is how many works are looked through for one: with more there is an index,
// which is kept from then on.
const indexedFrom = 24

// find returns the slot of a work.
func (s *System) find(seq int64) *slot {
	if x := s.nearby(seq); x != nil {
		return x
	}
	return s.search(seq)
}

// nears is how many slots are kept near.
const nears = 32

// nearby is find for a work that is near; nil: it is not.
func (s *System) nearby(seq int64) *slot {
	if x := s.near[uint64(seq)%nears]; x != nil && x.Seq == seq {
		return x
	}
	return nil
}

// search is find for a work that is not near.
func (s *System) search(seq int64) *slot {
	i, ok := s.index[seq]
	if s.index == nil {
		i = slices.Index(s.seqs, seq)
		ok = i >= 0
	}
	if !ok {
		return nil
	}
	x := &s.Slots[i]
	s.near[uint64(seq)%nears] = x
	return x
}

func (s *System) add(j core.Job) *slot {
	last := len(s.Slots)
	if last == cap(s.Slots) {
		s.Slots, s.near, s.moved = slices.Grow(s.Slots, 1), [nears]*slot{}, true
	}
	s.Slots, s.seqs = s.Slots[:last+1], append(s.seqs, j.Work.Seq)
	x := &s.Slots[last]
	*x = slot{index: int32(last)}
	if j.Spec != s.like { // most are one message after another
		s.like, s.alike = j.Spec, asksFor(j.Spec)
	}
	x.asked = s.alike
	x.take(j)
	if s.index != nil {
		s.index[j.Work.Seq] = last
	} else if len(s.Slots) > indexedFrom {
		s.reindex()
	}
	s.near[uint64(x.Seq)%nears] = x
	return x
}

// remove forgets a work. The last takes its place.
func (s *System) remove(x *slot) {
	seq, last := x.Seq, len(s.Slots)-1
	s.near[uint64(seq)%nears] = nil
	moved := s.Slots[last].Seq
	s.forsake(x, &s.Slots[last])
	if moved != seq {
		s.near[uint64(moved)%nears] = x
		s.seqs[slices.Index(s.seqs, seq)] = moved
		if s.index != nil {
			s.index[moved] = s.index[seq]
		}
	}
	delete(s.index, seq)
	s.Slots, s.seqs = s.Slots[:last], s.seqs[:last]
}

// reindex makes an index, if there are many works.
func (s *System) reindex() {
	s.seqs, s.near = s.seqs[:0], [nears]*slot{}
	for i := range s.Slots {
		s.seqs = append(s.seqs, s.Slots[i].Seq)
	}
	if len(s.Slots) <= indexedFrom {
		return
	}
	s.index = make(map[int64]int, 2*len(s.Slots))
	for i := range s.Slots {
		s.index[s.Slots[i].Seq] = i
	}
}

// Waiting tells that a work now waits.
func (s *System) Waiting(at int64, j core.Job) {
	s.catchUp(at)
	x := s.find(j.Work.Seq)
	if x == nil {
		x = s.add(j)
	} else if !s.renew(x, j) {
		return
	}
	x.now = 0
	switch x.Kind {
	case kindWork:
		s.see(at, x)
		if x.Needs.has(needTrigger) {
			s.schedule(at, x)
		}
		s.fill(at)
		x.now = s.holds(at, x)
	case kindUser:
		x.now = s.holds(at, x)
	case kindAlarm, kindNotification:
		s.draw(at, x)
	case kindPush:
		x.Expires = s.expiry(at, x.TTL)
		s.overflow()
	}
	s.heard(at, x)
	s.follow(at, false)
}

// renew takes in what a work asks for now. It reports whether it did not wait, or asks for
// another thing than before.
func (s *System) renew(x *slot, j core.Job) bool {
	if x.spec != j.Spec {
		return s.becomes(x, j)
	}
	if !x.update(j) && x.Waiting {
		return false
	}
	s.waitsAnew(x)
	return true
}

// becomes is renew for a work that has another spec, and may be of another kind.
func (s *System) becomes(x *slot, j core.Job) bool {
	y, sp := asksFor(j.Spec), j.Spec
	if y.update(j); x.Waiting && x.asked == y {
		return false
	}
	s.waitsAnew(x)
	x.asked, x.spec = y, sp
	if k, _ := kindOf(sp.Phone.Kind); k != x.Kind {
		x.Kind, s.moved = k, true
		s.countRuns()
	}
	return true
}

// waitsAnew forgets what became of a work so far. The system keeps a job that runs, or that
// backs off.
func (s *System) waitsAnew(x *slot) {
	if x.Job != jobNone && !x.Running && !x.Stops.any() {
		s.unschedule(x)
	}
	x.Waiting, x.Cleared, x.Ready, x.Others = true, 0, 0, 0
}

// Reaped tells nothing new: what ran is over as soon as its run has ended.
func (s *System) Reaped(_, _ int64) bool { return false }

// Gone tells that a work will not wait again.
func (s *System) Gone(at int64, j core.Job) {
	s.catchUp(at)
	x := s.find(j.Work.Seq)
	if x == nil {
		return
	}
	if x.Running {
		s.finish(at, x, work.Stopped)
	}
	job := x.Kind <= kindUser
	s.unschedule(x)
	s.remove(x)
	if job {
		s.fill(at)
	}
	s.follow(at, job)
}

// follow takes in that something was told of a work, which may be something to all others.
// What follows from it is worked out when somebody asks, once for all that is told at one
// instant.
func (s *System) follow(at int64, all bool) {
	s.calm = s.calm && !all
	s.stale, s.at = true, at
}

// settle works out what follows from what was told. If that is news of other works, of
// which the caller cannot know, the next Tick comes at once.
func (s *System) settle() {
	if s.stale {
		s.takeIn()
	}
}

func (s *System) takeIn() {
	for s.stale { // Doze may take a step as what runs is another thing
		s.news = s.refresh(s.at) || s.news
	}
}
