package httpapi

import (
	"errors"

	"github.com/lullwork/lull/work"
)

// Refusal is a *work.Error on its way.
type Refusal struct {
	Op    string `json:"op"`
	Task  string `json:"task,omitempty"`
	Kind  string `json:"kind,omitempty"` // text of one of kinds
	Error string `json:"error"`
	Hint  string `json:"hint,omitempty"`
}

// kinds are the sentinels that survive the way, so that callers may branch on them.
var kinds = []error{
	work.ErrInvalid, work.ErrUnknownTask, work.ErrUnknownWork, work.ErrDataTooLarge, work.ErrDelayOverflow,
	work.ErrExpeditedNeeds, work.ErrExpeditedDelayed, work.ErrExpeditedPeriodic, work.ErrUnsupported, work.ErrCycle,
	work.ErrPeriodicInChain, work.ErrFinished,
}

// refusalOf returns nil if it is not the request that is wrong.
func refusalOf(err error) *Refusal {
	var e *work.Error
	if !errors.As(err, &e) {
		return nil
	}
	r := &Refusal{Op: e.Op, Task: e.Task, Error: e.Err.Error(), Hint: e.Hint}
	for _, k := range kinds {
		if errors.Is(err, k) {
			r.Kind = k.Error()
			break
		}
	}
	return r
}

func (r *Refusal) err() error {
	w := &wrong{text: r.Error}
	for _, k := range kinds {
		if r.Kind == k.Error() {
			w.kind = k
		}
	}
	return &work.Error{Op: r.Op, Task: r.Task, Err: w, Hint: r.Hint}
}

// wrong is a text that stands for a sentinel, or for nil.
type wrong struct {
	text string
	kind error
}

func (w *wrong) Error() string { return w.text }
func (w *wrong) Unwrap() error { return w.kind }
