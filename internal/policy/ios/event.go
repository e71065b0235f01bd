package ios

import "github.com/lullwork/lull/work"

// EventKind is one kind of thing that a step of the contract leads to.
type EventKind uint8

const (
	HandlerCalled      EventKind = iota // the launch handler of ID
	Completed                           // the task ID, with OK, by the system or the app
	ExpirationCalled                    // the expiration handler of the task ID
	ExpiredUnknown                      // the system ended a run of which the process knows nothing
	TaskLost                            // the process of the running task ID is gone
	ProcessDied                         // Why
	Logged                              // Why, about ID
	PushDelivered                       // ID, to the app
	PushDiscarded                       // the held one, or one for an app that was quit
	PushSuperseded                      // the held push ID, by a newer one
	PushNotLaunched                     // the push ID found the gate Why
	TransferCancelled                   // the transfer ID, for the reason Why
	ResumedForTransfer                  // the app runs as the transfer ID is done
	AssertionExpired                    // the handler of the background task ID is called
	requestDropped                      // what waited is gone, for the reason Why: for those who keep works for it
	processGone                         // for the reason Why; not OK: there was none, and nothing of the app runs any more. For those who keep a journal
	eventKinds
)

var eventNames = [eventKinds]string{
	"handler_called", "completed", "expiration_called", "expired_unknown", "task_lost", "process_died", "log",
	"push_delivered", "push_discarded", "push_superseded", "push_not_launched", "transfer_cancelled",
	"app_resumed_for_transfer", "bt_expiration_called", "request_dropped", "process_gone",
}

// Event is something that a step of the contract leads to.
type Event struct {
	Kind   EventKind
	ID     string
	Why    string
	OK     bool // of Completed
	System bool // of Completed: not by the app

	Work work.ID         // that a System keeps for it
	Stop work.StopReason // of Completed and ExpirationCalled, the first time; of TaskLost
}

// Why a process died or what was logged.
const (
	DiedAssertion  = "background_task_not_ended"
	DiedGrace      = "expired_task_not_completed"
	DiedProcessor  = "processor_used_too_much"
	LogReleased    = "released_without_completing"
	LogNoRequest   = "no_request_scheduled"
	LogNotDebugged = "not_being_simulated"
	LogNoHandler   = "no_expiration_handler"
)

// String returns the event in one line.
func (e Event) String() string {
	s := eventNames[e.Kind]
	switch e.Kind {
	case Completed:
		s += " " + e.ID + pick(e.OK, " success", " failure") + pick(e.System, " system", " app")
	case ExpiredUnknown:
		s += " " + e.ID + " completed_immediately"
	case ProcessDied:
		s += " " + e.Why
	case Logged:
		s += " " + e.Why + " " + e.ID
	case PushNotLaunched, TransferCancelled:
		s += " " + e.ID + " " + e.Why
	case PushDiscarded:
	default:
		s += " " + e.ID
	}
	return s
}

func pick(ok bool, yes, no string) string {
	if ok {
		return yes
	}
	return no
}
