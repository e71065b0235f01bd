package ios

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// never stands for an instant that has not been.
const never = -1 << 62

// state is what a System remembers besides its contract, as Save writes it.
type state struct {
	Begun bool  // anything was told yet
	Shift int64 // local time minus engine time

	// Of the phone.
	Off      bool
	Locked   bool  // booted, and not unlocked since
	Screened bool  // somebody tells when the screen is on; else the fact Idle counts
	Used     int64 // the use that goes on is accounted for until then
	Metered  bool  // the network costs by volume, or would
	WiFiOnly bool  // Background App Refresh is on for a network that does not
	Left     int64
	Plugged  int64
	Busy     bool // other apps use the processor
	Hot      bool

	// Of the app.
	Media     bool // it plays audio or navigates
	LastUse   int64
	Installed int64
	Launched  int64 // last launch in the background
	Processed int64 // last processing run
	Pushed    int64 // last launch by a push
	PushTurn  int64 // token bucket of pushes: when it is full again

	Slots    rhythm
	Budgets  rhythm
	Reloads  rhythm
	Edge     int64 // the first of their ends
	Day      int64 // the last day that habits began
	Opens    habit // launches of the app by the user
	Uses     habit // of the phone
	Looks    habit // at widgets of the app
	Accounts accounts

	Ordered []core.Order
	News    bool // an answer is another one than the machine was told
	Due     int64
}

// choice is what the chooser keeps of what waits.
type choice struct {
	Turn   int64 // the work's LastEnqueue: another one is another submit
	Bytes  int64 // that its run moves over the network
	Debug  bool  // a debugger launches it
	Exempt bool  // as if it were on a charger
	Room   bool  // as if there were room
	Beside bool  // as if no run of its identifier went on
	outlook
	Rated bool    // it is of the last review
	Fixed bool    // for good
	Told  gateSet // what holds it, as the machine was told
}

// allowance is what the chooser lets a widget reload.
type allowance struct {
	Begun    bool
	Balance  int64 // millionths of a reload
	Reloaded int64
}

// find returns a waiting work by its number, nil if there is none.
func (s *System) find(seq int64) *pending {
	for _, p := range s.Waits {
		if p.Seq == seq {
			return p
		}
	}
	return nil
}

// runOf returns the run of a work, nil if there is none.
func (s *System) runOf(seq int64) *run {
	for i := range s.Runs {
		if r := &s.Runs[i]; r.Seq == seq {
			return r
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
