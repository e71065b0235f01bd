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
	Name    string
	Ends    int64 // engine time at which it expires; record.Never: its clock stands
	Expired bool
}

// BeginAssertion is beginBackgroundTask. Its clock runs only in the background.
func (c *Contract) BeginAssertion(name string) error {
	if !c.Process.Alive {
		return ErrNoProcess
	}
	c.Process.Assertions = append(c.Process.Assertions, assertion{Name: name, Ends: record.Never})
	if c.State() == ProcessBackground {
		c.startAssertions()
	}
	return nil
}

// EndAssertion is endBackgroundTask: it ends the oldest of that name, if there is one.
func (c *Contract) EndAssertion(name string) {
	i := slices.IndexFunc(c.Process.Assertions, func(a assertion) bool { return a.Name == name })
	if i >= 0 {
		c.Process.Assertions = slices.Delete(c.Process.Assertions, i, i+1)
	}
}

func (c *Contract) startAssertions() {
	for i := range c.Process.Assertions {
		if a := &c.Process.Assertions[i]; a.Ends == record.Never && !a.Expired {
			a.Ends = later(c.now, c.limits.Terms(work.KindAssertion).Budget)
		}
	}
}

func (c *Contract) stopAssertions() {
	for i := range c.Process.Assertions {
		c.Process.Assertions[i].Ends = record.Never
	}
}

func (c *Contract) expireAssertions() {
	for i := range c.Process.Assertions {
		if a := &c.Process.Assertions[i]; a.Ends <= c.now {
			a.Ends, a.Expired = record.Never, true
			c.emit(Event{Kind: AssertionExpired, ID: a.Name})
		}
	}
}

// Watchdog kills the process if a background task has expired and was not ended.
func (c *Contract) Watchdog() {
	if c.leaked() {
		c.die(DiedAssertion, nil)
	}
}

// leaked reports whether a background task has expired and was not ended.
func (c *Contract) leaked() bool {
	return slices.ContainsFunc(c.Process.Assertions, func(a assertion) bool { return a.Expired })
}
