package core

import (
	"encoding/json"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Event is something that happened. The types of this file are all there are.
type Event interface{ event() }

type (
	// Recover begins dispatching. Alive are the runs that still go on; every other
	// run of the store died with its engine.
	Recover struct {
		Alive []record.RunKey `json:"alive,omitempty"`
	}

	// Enqueue makes works. Every request has its ID. With a unique name the policy
	// applies to the first level and all nodes carry the name.
	Enqueue struct {
		Nodes  []work.Node `json:"nodes"`
		Unique work.Unique `json:"unique,omitzero"`
		// Fresh says that the IDs were made up just now, so that none can exist.
		Fresh bool `json:"fresh,omitempty"`
		// Like is what the one request is but for its ID and its delay, if it never changes:
		// then it is checked once.
		Like *work.Request `json:"-"`
	}

	// Change updates the unfinished work with the request's ID in place.
	Change struct {
		Request work.Request `json:"request"`
	}

	// Cancel cancels unfinished works, and all that come after them: one by ID,
	// all of a unique name, all with a tag, or all.
	Cancel struct {
		ID   work.ID `json:"id,omitempty"`
		Name string  `json:"name,omitempty"`
		Tag  string  `json:"tag,omitempty"`
		All  bool    `json:"all,omitempty"`
	}

	// FactsRead gives new facts; those not named stay.
	FactsRead struct {
		Facts []record.Fact `json:"facts"`
	}

	// Sensed tells what happened on a phone.
	Sensed struct {
		Sense Sense `json:"sense"`
	}

	// ClockSet gives the wall clock's offset: wall minus engine time.
	ClockSet struct {
		Offset int64 `json:"offset"`
	}

	// ZoneRead gives a time zone's table. It precedes requests that use the zone.
	ZoneRead struct {
		Zone record.Zone `json:"zone"`
	}

	// JobsSet says how many works may run in parallel.
	JobsSet struct {
		Jobs int `json:"jobs"`
	}

	// TasksKnown says which tasks can be started here. Works of other tasks are held.
	TasksKnown struct {
		Tasks []record.TaskRow `json:"tasks"`
	}

	// LayersKnown says what this host can enforce on runs. It is told once, by an engine
	// that starts them.
	LayersKnown struct {
		Layers []record.Layer `json:"layers"`
	}

	// PlanRead gives the plan's root tasks, all of them. Every request has its ID.
	PlanRead struct {
		Roots []record.PlanRoot `json:"roots"`
		Again bool              `json:"again,omitempty"` // repeat finished one-time tasks
	}

	// Tick says that time has passed.
	Tick struct{}

	// Suspend says that the machine is about to sleep: nothing is started until Woke.
	// What runs goes on: it sleeps and wakes with the machine.
	Suspend struct{}

	// Woke says that the machine has slept until now.
	Woke struct{}

	// Offer is the platform's offer to start a work, see Rules.Offered.
	Offer struct {
		Work work.ID `json:"work"`
	}

	// Progressed carries a run's progress.
	Progressed struct {
		Work  work.ID         `json:"work"`
		Epoch int64           `json:"epoch"`
		Data  json.RawMessage `json:"data"`
	}

	// BudgetSpent says that a run is longer than its budget.
	BudgetSpent struct {
		Work  work.ID `json:"work"`
		Epoch int64   `json:"epoch"`
	}

	// StopRun stops a run for a reason of the platform or the user.
	StopRun struct {
		Work   work.ID         `json:"work"`
		Reason work.StopReason `json:"reason"`
	}

	// Ended says how a run ended.
	Ended struct {
		Work    work.ID         `json:"work"`
		Epoch   int64           `json:"epoch"`
		Outcome work.Outcome    `json:"outcome"`
		Message string          `json:"message,omitempty"`
		Output  json.RawMessage `json:"output,omitempty"`
	}

	// Reaped says that nothing of a run is left.
	Reaped struct {
		Work  work.ID `json:"work"`
		Epoch int64   `json:"epoch"`
	}

	// Shutdown ends dispatching and stops every run.
	Shutdown struct{}

	// Prune deletes finished works and journal entries older than the given engine
	// times.
	Prune struct {
		FinishedBefore int64 `json:"finished_before"`
		JournalBefore  int64 `json:"journal_before"`
	}
)

// Follow-ups: events that only Output.Then holds.
type (
	// refill brings the next page of a group's waiting works.
	refill struct{ group record.Group }

	// cancelMore goes on cancelling by tag.
	cancelMore struct {
		tag   string
		after int64
	}

	// chained makes what comes after a period of a work.
	chained struct {
		ask Enqueue
		of  *record.Work
	}

	// cascade ends the works that come after one that failed or was cancelled.
	cascade struct {
		id    work.ID
		state work.State
	}

	// dropped ends a work whose request the platform has dropped.
	dropped struct {
		id   work.ID
		text string
	}

	// remerge merges earlier outputs into the input of an updated work.
	remerge struct {
		id      work.ID
		parents []work.ID
	}

	// replant enqueues a changed task of the plan after its old run.
	replant struct{ name string }

	// reschedule recomputes the times of a calendar group, page by page.
	reschedule struct {
		group record.Group
		after record.Key
	}

	// shiftTimes moves the times of all unfinished works, page by page.
	shiftTimes struct {
		by    int64
		after int64
	}
)

func (Recover) event()     {}
func (Enqueue) event()     {}
func (Change) event()      {}
func (Cancel) event()      {}
func (FactsRead) event()   {}
func (Sensed) event()      {}
func (ClockSet) event()    {}
func (ZoneRead) event()    {}
func (JobsSet) event()     {}
func (TasksKnown) event()  {}
func (LayersKnown) event() {}
func (PlanRead) event()    {}
func (Tick) event()        {}
func (Suspend) event()     {}
func (Woke) event()        {}
func (Offer) event()       {}
func (Progressed) event()  {}
func (BudgetSpent) event() {}
func (StopRun) event()     {}
func (Ended) event()       {}
func (Reaped) event()      {}
func (Shutdown) event()    {}
func (Prune) event()       {}
func (refill) event()      {}
func (cancelMore) event()  {}
func (chained) event()     {}
func (cascade) event()     {}
func (dropped) event()     {}
func (remerge) event()     {}
func (replant) event()     {}
func (reschedule) event()  {}
func (shiftTimes) event()  {}
