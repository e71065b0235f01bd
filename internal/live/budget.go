package live

import (
	"slices"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// awake is the time that budgets run on: it stands still while the machine sleeps.
func (e *Engine) awake() int64 { return e.cfg.Clock.Boot() - e.cfg.Clock.Slept() }

// tellBudgets puts into the inbox which runs are longer than their budget now.
func (e *Engine) tellBudgets() {
	now := e.awake()
	if now < e.nextBudget {
		return
	}
	e.nextBudget = record.Never
	type spent struct {
		liveKey
		over, order int64
	}
	var all []spent
	for key, r := range e.live {
		if r.over > now {
			e.nextBudget = min(e.nextBudget, r.over)
			continue
		}
		all = append(all, spent{key, r.over, r.order})
		r.over = record.Never
	}
	slices.SortFunc(all, func(a, b spent) int {
		if a.over < b.over || a.over == b.over && a.order < b.order {
			return -1
		}
		return 1
	})
	for _, s := range all {
		e.Tell(core.BudgetSpent{Work: s.work, Epoch: s.epoch})
		if e.flying != nil && now-e.departed > slowFlight {
			e.stop(s.liveKey, work.StopTimeout) // the disk hangs, the run must not
		}
	}
}

// arm sets the timer for what is due next.
func (e *Engine) arm() {
	next := int64(record.Never)
	if e.fenced() || len(e.backlog) > 0 { // the next landing brings a turn
		e.cfg.Clock.Arm(next)
		return
	}
	if e.wake != record.Never {
		next = e.clock.bootAt(e.wake)
	}
	if e.nextBudget != record.Never {
		next = min(next, e.cfg.Clock.Boot()+e.nextBudget-e.awake())
	}
	e.cfg.Clock.Arm(next)
}
