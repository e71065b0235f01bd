package sim

import (
	"encoding/json"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Launch is a run that begins.
type Launch struct {
	Work    work.ID
	Task    string
	Input   json.RawMessage
	Epoch   int64
	Attempt int32
	At      int64 // engine time
}

// Behaviour is how a run goes. The zero value ends at once.
type Behaviour struct {
	Takes   int64 // µs; record.Never: it goes on until it is stopped
	Outcome work.Outcome
	Message string
	Output  json.RawMessage
	// Progress is reported while it goes on.
	Progress []Progress
	// Stops is how long it takes to end when it is asked to, µs; default: no time. Above
	// the grace it is killed.
	Stops int64
}

// Progress is one report of a run.
type Progress struct {
	After int64 // the start, µs
	Data  json.RawMessage
}

// Killed is the message of a run that did not end within its grace.
const Killed = "killed after its grace"

// EndAt returns when a run that began at an instant ends by itself.
func (b *Behaviour) EndAt(begun int64) int64 {
	if b.Takes >= record.Never-begun {
		return record.Never
	}
	return begun + b.Takes
}

// Stop returns how long a run that is asked to stop still takes, and what its
// driver says of its end.
func (b *Behaviour) Stop(grace int64) (takes int64, message string) {
	if b.Stops > grace {
		return grace, Killed
	}
	return b.Stops, ""
}

// World says how isolates behave.
type World interface {
	Run(l Launch) Behaviour
}

// Script is a world in which the n-th run of a task behaves as the n-th entry of
// its list; the last entry repeats. Tasks without a list succeed at once.
type Script struct {
	lists map[string][]Behaviour
	ran   map[string]int
}

// Set gives a task its list and begins it anew.
func (s *Script) Set(task string, list ...Behaviour) {
	if s.lists == nil {
		s.lists, s.ran = map[string][]Behaviour{}, map[string]int{}
	}
	s.lists[task], s.ran[task] = list, 0
}

// Run implements World.
func (s *Script) Run(l Launch) Behaviour {
	list := s.lists[l.Task]
	if len(list) == 0 {
		return Behaviour{Outcome: work.Success}
	}
	n := min(s.ran[l.Task], len(list)-1)
	s.ran[l.Task]++
	return list[n]
}
