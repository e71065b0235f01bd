package ios

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lullwork/lull/internal/record"
)

// Notification is a local notification that is pending. It is shown without code of
// the app.
type Notification struct {
	ID      string
	At      int64 // engine time
	Every   int64 // µs; 0: once
	arrival int64
}

// Notifications are those of an app, the soonest first.
type Notifications struct {
	list     []Notification
	arrivals int64
}

// Add schedules a notification; one of the same identifier is replaced. Only the
// soonest of all are kept. The error is fatal.
func (n *Notifications) Add(l *Limits, at int64, id string, interval int64, repeats bool) error {
	switch {
	case interval <= 0:
		return fatal(FatalInterval, "the interval of a notification must be positive")
	case repeats && interval < l.MinRepeat:
		return fatal(FatalRepeatInterval, fmt.Sprintf("a notification repeats every %d s at most", l.MinRepeat/second))
	}
	n.Remove(id)
	n.arrivals++
	next := Notification{ID: id, At: later(at, interval), arrival: n.arrivals}
	if repeats {
		next.Every = interval
	}
	n.insert(next)
	if kept := max(0, l.NotificationsKept); int64(len(n.list)) > kept {
		n.list = n.list[:kept]
	}
	return nil
}

func (n *Notifications) insert(next Notification) {
	i, _ := slices.BinarySearchFunc(n.list, next, func(a, b Notification) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.arrival, b.arrival))
	})
	n.list = slices.Insert(n.list, i, next)
}

// Remove takes a pending notification back. An unknown identifier is no error.
func (n *Notifications) Remove(id string) {
	n.list = slices.DeleteFunc(n.list, func(p Notification) bool { return p.ID == id })
}

// Show takes out those whose time has come; repeating ones are pending again.
func (n *Notifications) Show(at int64) {
	for len(n.list) > 0 && n.list[0].At <= at && n.list[0].At != record.Never {
		shown := n.list[0]
		n.list = slices.Delete(n.list, 0, 1)
		if shown.Every > 0 {
			shown.At = later(shown.At+(at-shown.At)/shown.Every*shown.Every, shown.Every)
			n.insert(shown)
		}
	}
}

// Notify schedules a local notification.
func (c *Contract) Notify(id string, interval int64, repeats bool) error {
	if err := c.notifications.Add(&c.limits, c.now, id, interval, repeats); err != nil {
		return c.crash(err)
	}
	return nil
}

// Notifications returns those that are pending, the soonest first. The slice is valid
// until the next call.
func (c *Contract) Notifications() []Notification { return c.notifications.Pending() }

// Pending returns what is pending. The slice is valid until the next call.
func (n *Notifications) Pending() []Notification { return n.list }
