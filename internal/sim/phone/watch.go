package phone

import (
	"cmp"
	"slices"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Watcher is told what a tally only counts, in the order in which it happens. A task is
// its index in [Config.Tasks].
type Watcher interface {
	// Opened tells that the user sees the data of a task, and how old it is, µs.
	Opened(at int64, task int, age int64)
	// Refused tells that the system does not take a request of the app.
	Refused(at int64, task int, err error)
	Began(at int64, task int, id work.ID)
	Ended(at int64, task int, id work.ID, out work.Outcome)
}

// remember keeps the last work of each task that is over.
func (p *Phone) remember(tx *record.Tx) {
	for i := range tx.Works {
		if w := tx.Works[i].Work; w != nil && w.State.Finished() {
			p.last[p.taskOf(w)] = w
		}
	}
}

// Now returns engine time.
func (p *Phone) Now() int64 { return p.now }

// Happen lets something happen now that the source does not give. A sense of SenseFacts
// stands for none.
func (p *Phone) Happen(facts []record.Fact, s core.Sense) error {
	if err := p.Until(p.now); err != nil {
		return err
	}
	p.take(&Happening{Facts: facts, Sense: s})
	p.act()
	return p.Until(p.now)
}

// Ask lets the app ask for a task now.
func (p *Phone) Ask(task int) error {
	if err := p.Until(p.now); err != nil {
		return err
	}
	p.app.Ask(p.now, task, 0)
	p.act()
	return p.Until(p.now)
}

// Age returns how old the data of a task is, µs.
func (p *Phone) Age(task int) int64 { return p.now - p.meter.tasks[task].fresh }

// Pending returns how many works of a task wait or run, and everything that holds the
// one that is due first; nothing if one runs. Of none it says why. What was before is known
// only if somebody watches.
func (p *Phone) Pending(task int) (works int, holds []work.Reason) {
	var first *record.Work
	runs := false
	for _, w := range p.rows.works {
		if w.State.Finished() || p.taskOf(w) != task {
			continue
		}
		works++
		runs = runs || w.State == work.Running
		if first == nil || cmp.Or(cmp.Compare(p.m.DueAt(w), p.m.DueAt(first)), cmp.Compare(w.Seq, first.Seq)) < 0 {
			first = w
		}
	}
	if first == nil {
		reason, _ := p.m.Absent(p.last[task])
		return 0, []work.Reason{reason}
	}
	if runs {
		return works, nil
	}
	parents := p.rows.resolve([]record.Need{{Works: slices.Clone(first.Parents)}})
	return works, p.m.Explain(p.now, first, parents.Works)
}
