package ios

import (
	"errors"
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// ErrNoProcess is returned by a call that only a process can make while none runs.
var ErrNoProcess = errors.New("no process of the app runs")

// assertion is a background task of UIApplication: the wish not to be suspended yet.
type assertion struct {
	name     string
	deadline int64 // engine time at which it expires; record.Never: its clock stands
	expired  bool
}

// BeginAssertion is beginBackgroundTask. Its clock runs only in the background.
func (c *Contract) BeginAssertion(name string) error {
	if !c.process.alive {
		return ErrNoProcess
	}
	c.process.assertions = append(c.process.assertions, assertion{name: name, deadline: record.Never})
	if c.State() == ProcessBackground {
		c.startAssertions()
	}
	return nil
}

// EndAssertion is endBackgroundTask: it ends the oldest of that name, if there is one.
func (c *Contract) EndAssertion(name string) {
	i := slices.IndexFunc(c.process.assertions, func(a assertion) bool { return a.name == name })
	if i >= 0 {
		c.process.assertions = slices.Delete(c.process.assertions, i, i+1)
	}
}

func (c *Contract) startAssertions() {
	for i := range c.process.assertions {
		if a := &c.process.assertions[i]; a.deadline == record.Never && !a.expired {
			a.deadline = later(c.now, c.limits.Terms(work.KindAssertion).Budget)
		}
	}
}

func (c *Contract) stopAssertions() {
	for i := range c.process.assertions {
		c.process.assertions[i].deadline = record.Never
	}
}

func (c *Contract) expireAssertions() {
	for i := range c.process.assertions {
		if a := &c.process.assertions[i]; a.deadline <= c.now {
			a.deadline, a.expired = record.Never, true
			c.emit(Event{Kind: AssertionExpired, ID: a.name})
		}
	}
}

// Watchdog kills the process if a background task has expired and was not ended.
func (c *Contract) Watchdog() {
	if slices.ContainsFunc(c.process.assertions, func(a assertion) bool { return a.expired }) {
		c.die(DiedAssertion, "")
	}
}
