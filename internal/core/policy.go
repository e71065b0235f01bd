package core

import (
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Policy is a platform's rules. It is pure, like the core.
type Policy interface {
	// Rules returns the platform's constants.
	Rules() Rules
	// Judge says whether a need is met by the facts of its signals, see [NeedKind.Minds], and
	// by no others. Unknown facts give NotKnown.
	Judge(n Need, f *record.Facts) Verdict
}

// Rules are the constants of a platform. Durations are µs; 0 means no floor, no
// cap or no default unless a comment says otherwise.
type Rules struct {
	Name string // "host", "android"

	MinPeriod      int64 // shorter periods are raised to it
	MinFlex        int64 // shorter flexes are raised to it
	MinBackoff     int64 // shorter backoff delays are raised to it
	MaxBackoff     int64 // longer delays and waits are lowered to it
	DefaultBackoff int64 // where the request names none
	OverrideFloor  int64 // an override comes no earlier than this after the last period
	Budget         int64 // longest run, where the request names none
	Grace          int64 // between stop request and kill, where the request names none

	Attempts    int // failed runs before a work ends, where the request names none
	CrashStreak int // crashes in a row that end it
	LossStreak  int // runs lost with the engine in a row that end it

	// CountFailures makes backoff count failed runs; without it every start counts,
	// as in WorkManager.
	CountFailures bool
	// Float32Backoff rounds an exponential delay to a 32-bit float of milliseconds,
	// as WorkManager does.
	Float32Backoff bool
	// ErrorIsFailure makes an error end the work, whatever OnFailure says.
	ErrorIsFailure bool
	// StopDeleted stops the runs of works that append-or-replace deletes.
	StopDeleted bool
	// HoldStopped makes a work wait as after a failed run when the user stopped its run.
	// Without it the work may start again at once, as in WorkManager.
	HoldStopped bool
	// Consumes says that a start consumes its request: the work gives up its unique
	// name, is never tried again, and has FAILED if it does not succeed.
	Consumes bool
	// BudgetStops makes the end of the budget a stop by the system, after which the work
	// waits again; without it it is a failed run.
	BudgetStops bool
	// Offered makes works start only when the platform offers them a start.
	Offered bool
	// WallClock makes delays, backoff and periods of works, alarms and notifications run on
	// the wall clock, so that setting it moves what waits, as in WorkManager. Without it
	// they run on engine time.
	WallClock bool
	// Calendar allows cron schedules.
	Calendar bool
	// TagTask tags every work with the name of its task.
	TagTask bool
	// Isolates says that the platform is a host, which isolates runs by itself: what a
	// request requires of it counts.
	Isolates bool
	// MaxContentURIs is how many unfinished works may have content URI triggers.
	MaxContentURIs int
}

// NeedKind is one kind of condition of the device.
type NeedKind uint8

const (
	NeedNetwork NeedKind = iota
	NeedCharging
	NeedBattery
	NeedStorage
	NeedIdle
	NeedLoad
	NeedLowPowerOff
)

// needSignals are those that needs are judged by, as bits. The level of the battery is for
// messages elsewhere: what counts of it is whether it is low.
var needSignals = [...]uint16{
	NeedNetwork:     1<<record.Connected | 1<<record.Validated | 1<<record.Metered | 1<<record.Roaming,
	NeedCharging:    1 << record.Charging,
	NeedBattery:     1 << record.BatteryLow,
	NeedStorage:     1 << record.StorageLow,
	NeedIdle:        1 << record.Idle,
	NeedLoad:        1 << record.LoadHigh,
	NeedLowPowerOff: 1 << record.LowPower,
}

// Minds reports whether a need of a kind is judged by a signal.
func (k NeedKind) Minds(s record.Signal) bool { return needSignals[k]>>s&1 == 1 }

// Need is one condition of the device that a work has.
type Need struct {
	Kind    NeedKind
	Network work.Network // of NeedNetwork
	Request string       // of NeedNetwork: capabilities of a custom request, where the platform takes one
}

// Verdict says whether a condition is met, and how to say it.
type Verdict struct {
	State   record.CondState
	Code    work.Code
	Message string          // what is the case, with its source
	Fix     string          // the edit or event that makes it met
	Stop    work.StopReason // for runs that lose it
	Android int             // JobScheduler's pending reason
}
