package ios

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Request is what an app asks the system for.
type Request struct {
	Kind     work.Kind // refresh, processing, health, continued
	ID       string
	Earliest int64 // engine time: not sooner; anything past, as 0, is no wish
	Power    bool  // requiresExternalPower
	Network  bool  // requiresNetworkConnectivity
	Fail     bool  // continued: refused where it cannot start at once

	// What the system adds when it takes the request.
	Window
	LowPower bool // Low Power Mode was on
}

// Window is the time in which the system means to start a request. It is no promise:
// after its end the request is overdue, and stays.
type Window struct {
	StartAfter  int64 // engine time
	StartBefore int64 // engine time; record.Never: no end
}

// Window returns the window of a request that is submitted at an instant.
func (l *Limits) Window(kind work.Kind, at, earliest int64) Window {
	var length int64
	switch kind {
	case work.KindRefresh:
		length = l.RefreshWindow
	case work.KindProcessing:
		length = l.ProcessingWindow
	case work.KindHealth:
		length = l.HealthWindow
	default:
		return Window{StartAfter: at, StartBefore: record.Never}
	}
	w := Window{StartAfter: max(earliest, later(at, l.MinDelay))}
	w.StartBefore = later(w.StartAfter, length)
	return w
}

// Terms returns what a run of a kind is granted as far as it is fixed. Processing,
// health research and continued work get what the system thinks fit.
func (l *Limits) Terms(kind work.Kind) core.Terms {
	return l.terms(kindOf(kind))
}

func (l *Limits) terms(k kind) core.Terms {
	t := core.Terms{Grace: l.Grace}
	switch k {
	case kindRefresh:
		t.Budget = l.RefreshLimit
	case kindAssertion:
		t.Budget = l.AssertionLimit
	case kindPush:
		t.Budget = l.PushLimit
	}
	return t
}

// later adds a duration to an instant and stops at Never.
func later(at, d int64) int64 {
	if at > record.Never-d {
		return record.Never
	}
	return at + d
}
