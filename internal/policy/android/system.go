package android

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// System is what Android decides by itself about the works of one app on one device: a
// [core.Platform]. What it judges of constraints, as Policy, is WorkManager's part.
type System struct {
	Policy
	p    *Profile
	dice chance.Stream

	state
	facts    record.Facts // values of the network only, for Policy
	told     world        // what was told of facts
	bits     world        // of the device and the app
	plain    world        // the same but for Doze, as they become current next
	current  bool         // they are as of now
	seen     bool         // plain is as look sees it
	looked   world        // of these, as of when works were last looked at
	watched  bool         // somebody looks at it
	stale    bool         // something was told of works since then
	at       int64        // when
	news     bool         // an answer is new, and nobody was told
	arranged bool         // the next two are of the timers as they are
	first    int64        // when the first of all timers ends
	sharp    int64        // when the first of those does that are never put off
	due      int64        // when something changes by time alone
	next     int64        // of that, what may count for a work
	wake     int64        // of that, of the works
	calm     bool         // they are as of looked until then, but for those that mind wary
	wary     world        // what may be another at any time, though nothing tells
	cares    world        // of bits, what counts for one of them
	few      []*slot      // the works that are not in the pile
	sums     sums         // of these
	outlook  outlook      // of these, while some are looked at: of the others
	list     []*slot      // room for called
	pile     []*slot      // messages that wait
	joined   []*slot      // of the pile, those that are new there
	moved    bool         // some works are not where they belong
	again    bool         // something was told of one in the pile
	pileOwn  [2]gateSet   // what holds those of the pile: of normal and of high priority
	pileWake int64
	pileOpen int32
	pileHigh int           // of the pile, how many are of high priority, unless again
	handed   int           // jobs that WorkManager has with the system
	running  int           // works that run
	loose    int           // of those, rows that the library runs in process, of which the system knows nothing
	busy     int           // jobs that run
	hurried  int           // of those, expedited ones
	crowds   bool          // since jobs were looked at last, others wait for their batch, or run
	services int           // foreground services that run
	limits   [2]Parallel   // with the screen off and on
	share    int64         // of the jobs that may run at once, which have to be ready to let a batch go
	seqs     []int64       // the works' seq, by slot: most are found by it
	near     [nears]*slot  // slots of works that were found last, by their seq
	index    map[int64]int // of slots, by the works' seq; only if there are many
	like     *record.Spec  // of the work that was added last
	alike    asked         // what works of that spec ask for
	orders   []core.Order
	given    []core.Order // handed out last
	gone     []demise     // what has ended the process, and nobody was told
	reviewed review       // of high-priority messages
}

// NewSystem returns Android on a device that was just set up, with the app installed
// and not yet opened. Nothing changes the profile from here on.
func NewSystem(p *Profile, dice chance.Stream) *System {
	s := &System{Policy: Policy{API: p.Version.API()}, p: p, dice: dice}
	s.reset()
	return s
}

// Rules returns WorkManager's constants, under which works start by themselves: it is
// the System that holds them.
func (s *System) Rules() core.Rules {
	r := rules()
	r.Offered = false
	return r
}

// Next is the instant by which Tick must be called.
func (s *System) Next() int64 {
	if s.stale || s.news {
		return s.nextNews()
	}
	return s.next
}

// nextNews is Next after something was told of works.
func (s *System) nextNews() int64 {
	if s.settle(); s.news {
		return min(s.at, s.next)
	}
	return s.next
}

// Tick advances it to an instant.
func (s *System) Tick(at int64, _ *record.Facts) bool {
	if at < s.Next() {
		return false
	}
	s.reach(at)
	return s.refreshed(at)
}

// Sense takes in what happened on the device.
func (s *System) Sense(at int64, x core.Sense, f *record.Facts) bool {
	s.settle()
	rang := at >= s.next
	s.reach(at)
	if s.sense(at, x, f) || rang || s.stale || s.news {
		return s.refreshed(at)
	}
	return false
}

// refreshed is refresh, with what was new before and nobody was told.
func (s *System) refreshed(at int64) bool {
	news := s.refresh(at) || s.news
	s.news = false
	return news
}

// Orders returns what is to be done since it was asked last.
func (s *System) Orders() []core.Order {
	if s.busy+s.services > 0 { // what was told may end one of these
		s.settle()
	}
	if len(s.orders) == 0 {
		return nil
	}
	s.orders, s.given = s.given[:0], s.orders
	return s.given
}

func (s *System) order(kind core.OrderKind, x *slot, stop work.StopReason, text string) {
	s.orders = append(s.orders, core.Order{Kind: kind, Work: x.ID, Stop: stop, Text: text})
}
