package core

import (
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Platform is the scheduler of a phone's system: what it decides by itself about the
// works of one app on one device. It is a state machine as pure as the one that steps
// it, and the only place where such decisions are made. A policy that is no Platform
// decides nothing by itself: its works start as soon as the machine's own gates are
// open.
//
// The machine tells it what happens, in the order in which it happens, and asks it
// about each waiting work. What it answers stands still until the next call of Tick or
// Sense that returns true.
type Platform interface {
	Policy

	// Tick advances it to an instant: maintenance windows, rescorings, refills. It
	// reports whether an answer of Gates or an order may be new.
	Tick(at int64, f *record.Facts) bool
	// Next is the instant by which Tick must be called; record.Never: not by time alone.
	Next() int64
	// Sense takes in what happened on the device, and reports what Tick reports. Facts
	// are as they are now; that one of them changed is told as SenseFacts.
	Sense(at int64, s Sense, f *record.Facts) bool

	// Admit is asked when a work is handed to the platform, before it is made. It may raise
	// the work's InitialDelay. An error refuses it; it wraps [Refusal] where the platform
	// has a code of its own. Orders are obeyed in any case.
	Admit(at int64, j Job, f *record.Facts) error
	// Waiting tells that a work now waits: new, for another attempt or period, or changed.
	// It may be told more than once.
	Waiting(at int64, j Job)
	// Gates yields everything by which the platform keeps a waiting work that is due from
	// starting, in the platform's fixed order, until yield returns false.
	Gates(at int64, j Job, f *record.Facts, yield func(Gate) bool)
	// Explain puts a gate of Gates into words, with the values that were seen.
	Explain(at int64, j Job, g Gate, f *record.Facts) (message, fix string)
	// Start tells that a run begins, and says how long it may take.
	Start(at int64, j Job, f *record.Facts) Terms
	// End tells that a run is over, and with what outcome.
	End(at int64, j Job, o work.Outcome)
	// Gone tells that a work will not wait again: finished, cancelled or deleted. A run that
	// it still has is being stopped.
	Gone(at int64, j Job)
	// Reaped tells that nothing is left of a run of a work, by the work's number, and
	// reports what Tick reports. Until then one that was asked to stop goes on.
	Reaped(at, seq int64) bool

	// Orders returns what the platform wants done since it was asked last. The slice is
	// valid until the next call of any method.
	Orders() []Order
	// Clear makes an edit, as if the world were different in just that: it is for
	// what-if questions and for tests of the gates.
	Clear(at int64, j Job, e Edit)

	// Save returns its state, and Load takes it back; of no state it begins anew.
	Save() ([]byte, error)
	Load(state []byte) error
}

// Marker is a Platform that can tell its answers apart without giving them, which costs
// much less.
type Marker interface {
	// Mark stands for what Gates would yield now for a work: 0 for nothing. As long as it
	// is the same, so is the first, and whether there are more.
	Mark(at int64, j Job) uint64
	// Marked says what a mark stands for that is not 0.
	Marked(mark uint64) (first Hold, alone bool)
	// Free reports whether it may let a work of a kind start that is due: if not, Gates
	// yields something for each of them.
	Free(at int64, kind work.Kind) bool
}

// Narrator is a Platform that tells what has ended the app's process, whether or not
// anything ran there.
type Narrator interface {
	// Told yields in words what has done so since it was asked last, and what has stopped
	// an app without a process. Yield is nil for who does not want to hear of it.
	Told(yield func(text string))
}

// NotPending is the reason of a task that nothing waits or runs for, though something
// should: it was never asked for, refused, dropped, or not asked for again.
const NotPending work.Code = "not_pending"

// Job is a work as the platform sees it.
type Job struct {
	Work *record.Work
	Spec *record.Spec
	Due  int64 // engine time; a job is not started before
}

// Terms are what a run is granted.
type Terms struct {
	Budget int64 // µs; 0: no limit. The shorter one of this and the request's own holds
	Grace  int64 // µs between stop request and kill; 0: the request's own
}

// Gate is one thing by which a platform keeps a work from starting.
type Gate struct {
	Code    work.Code
	Until   int64 // engine time at which it clears by itself; record.Never: not known
	Edit    Edit  // what clears it
	Android int   // JobScheduler's pending reason
	Assumed bool  // it rests on a parameter that is an assumption of ours
}

// EditKind is a kind of change that clears a gate.
type EditKind uint8

const (
	EditNone     EditKind = iota
	EditAdvance           // let time pass until Value
	EditFact              // the fact of Signal has Value
	EditSense             // Sense happens, with Value
	EditSubmit            // the app submits the request
	EditRefill            // the quota or budget is full
	EditLift              // the score reaches its threshold
	EditWinDraw           // this draw for a slot is won
	EditExempt            // the app is exempt from this gate
	EditRelease           // the batch is released
	EditOneFewer          // one of the things that fill a limit is gone
)

// Edit is one change of the world.
type Edit struct {
	Kind   EditKind
	Signal record.Signal // of EditFact
	Sense  SenseKind     // of EditSense
	Code   work.Code     // of the gate that it clears, for EditExempt and EditRefill
	Value  int64
}

// OrderKind is what a platform wants done.
type OrderKind uint8

const (
	OrderStop   OrderKind = iota // ask the run of a work to stop; the work waits again, or is over where Rules.Consumes
	OrderKill                    // the process is gone, and with it the run
	OrderDrop                    // the work is over: the platform has dropped its request
	OrderExpire                  // the run of a work has spent the budget that it was granted
)

// Order is one thing that a platform wants done.
type Order struct {
	Kind OrderKind
	Work work.ID
	Stop work.StopReason
	Text string
}

// Refusal is a platform's own error for a request that it does not take.
type Refusal struct {
	Domain string // as "BGTaskSchedulerErrorDomain"
	Code   int
	Name   string // as "tooManyPendingTaskRequests"
	Text   string
	// Fatal is true where the platform ends the app: it is a mistake of its programmer.
	Fatal bool
}

// Error returns the name and the text.
func (r *Refusal) Error() string { return r.Name + ": " + r.Text }
