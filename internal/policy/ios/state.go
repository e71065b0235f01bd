package ios

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// never stands for an instant that has not been.
const never = -1 << 62

// state is everything that a System remembers, as Save writes it.
type state struct {
	Begun bool // anything was told yet
	Dev   Device
	Shift int64 // local time minus engine time

	// Of the phone.
	Off      bool
	Locked   bool  // booted, and not unlocked since
	Screened bool  // somebody tells when the screen is on; else the fact Idle counts
	Used     int64 // the use that goes on is accounted for until then
	Metered  bool  // the network costs by volume, or would
	Left     int64
	Plugged  int64
	Busy     bool // other apps use the processor
	Hot      bool

	// Of the app.
	Alive     bool  // its process exists
	Media     bool  // it plays audio or navigates
	Linger    int64 // its process goes on until then, in the background
	LastUse   int64
	Installed int64
	Launched  int64 // last launch in the background
	Processed int64 // last processing run
	Pushed    int64 // last launch by a push
	PushTurn  int64 // token bucket of pushes: when it is full again
	Transfers TransferLimiter

	Slots    rhythm
	Budgets  rhythm
	Reloads  rhythm
	Edge     int64 // the first of their ends
	Day      int64 // the last day that habits began
	Opens    habit // launches of the app by the user
	Uses     habit // of the phone
	Looks    habit // at widgets of the app
	Accounts accounts
	Widgets  []widget

	Pending  []*pending
	Shown    []note // notifications that are pending
	Running  []active
	Ordered  []core.Order
	Reviewed int64
	News     bool // an answer is another one than the machine was told
	Due      int64
}

// kind is a work.Kind that can be switched on.
type kind uint8

const (
	kindNone kind = iota
	kindRefresh
	kindProcessing
	kindHealth
	kindContinued
	kindTransfer
	kindAssertion
	kindTimer
	kindPush
	kindNotification
	kindWidget
)

func kindOf(k work.Kind) kind {
	switch k {
	case work.KindRefresh:
		return kindRefresh
	case work.KindProcessing:
		return kindProcessing
	case work.KindHealth:
		return kindHealth
	case work.KindContinued:
		return kindContinued
	case work.KindTransfer:
		return kindTransfer
	case work.KindAssertion:
		return kindAssertion
	case work.KindTimer:
		return kindTimer
	case work.KindPush:
		return kindPush
	case work.KindNotification:
		return kindNotification
	case work.KindWidget:
		return kindWidget
	}
	return kindNone
}

// scheduled reports whether the system starts works of a kind when it thinks best.
func (k kind) scheduled() bool { return k == kindRefresh || k == kindProcessing || k == kindHealth }

// requested reports whether works of a kind are requests of BGTaskScheduler.
func (k kind) requested() bool { return k.scheduled() || k == kindContinued }

// inApp reports whether runs of a kind go on in the app's own process.
func (k kind) inApp() bool {
	return k.requested() || k == kindAssertion || k == kindTimer || k == kindPush
}

// pending is a work that waits.
type pending struct {
	Request
	Type kind
	Seq  int64
	Work work.ID
	Task string
	Turn int64  // the work's LastEnqueue: another one is another submit
	Key  uint64 // of its chances
	// Bytes are what its run moves over the network.
	Bytes         int64
	Visible       bool // a push that the user sees
	Discretionary bool // a transfer that the system may put off
	Debug         bool // a debugger launches it
	Exempt        bool // as if it were on a charger
	Room          bool // as if there were room
	outlook
	At    int64  // of the review that it is of
	Fixed bool   // for good
	Told  uint64 // what holds it, as the machine was told
}

// silent reports whether it is a push that wakes the app and shows nothing.
func (p *pending) silent() bool { return p.Type == kindPush && !p.Visible }

// note is a notification that is pending.
type note struct {
	Seq  int64
	Work work.ID
	At   int64
}

// active is a run that goes on.
type active struct {
	Type     kind
	Seq      int64
	Work     work.ID
	Task     string
	Key      uint64
	Power    bool
	Visible  bool
	Debug    bool
	Stopping bool
	Begun    int64
	Ends     int64 // it is asked to stop then; record.Never: no such time is known
}

// inApp reports whether it goes on in the app's own process. What a push shows is made
// by an extension.
func (a *active) inApp() bool { return a.Type.inApp() && !a.Visible }

// find returns a waiting work, nil if there is none.
func (s *state) find(j core.Job) *pending {
	for _, p := range s.Pending {
		if p.Seq == j.Work.Seq {
			return p
		}
	}
	return nil
}

// key tells the chances of a request from those of others. It is made of what stays the
// same from one submit to the next.
func key(k work.Kind, id string) uint64 {
	h := uint64(14695981039346656037)
	for _, s := range [...]string{string(k), "\x00", id} {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
	}
	return h
}

// identifier is what the system knows a work by.
func identifier(j core.Job) string {
	switch {
	case j.Spec.Phone.Identifier != "":
		return j.Spec.Phone.Identifier
	case j.Work.Name != "":
		return j.Work.Name
	}
	return j.Spec.Task
}

// network is what the phone is connected by.
func network(f *record.Facts) Network {
	switch {
	case f[record.Connected].Value != 1:
		return NetworkNone
	case f[record.Metered].Value == 0:
		return NetworkWiFi
	}
	return NetworkCell
}
