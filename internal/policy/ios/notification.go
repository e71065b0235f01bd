package ios

import (
	"fmt"
	"slices"
	"sort"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Notification is a local notification that is pending. It is shown without code of
// the app.
type Notification struct {
	ID      string
	At      int64 // engine time
	Every   int64 // µs; 0: once, or again when it is scheduled again
	Arrival int64 // the order in which they were scheduled
	Seq     int64 // of the work that a System keeps for it
}

// Notifications are those of an app, the soonest first.
type Notifications struct {
	List     []Notification
	Arrivals int64
}

// CheckInterval says whether a notification may come after an interval, and repeatedly.
// The error is fatal.
func (l *Limits) CheckInterval(interval int64, repeats bool) error {
	switch {
	case interval <= 0:
		return fatal(FatalInterval, "the interval of a notification must be positive")
	case repeats && interval < l.MinRepeat:
		return fatal(FatalRepeatInterval, fmt.Sprintf("a notification repeats every %d s at most", l.MinRepeat/second))
	}
	return nil
}

// Put schedules a notification, of whose identifier none may be pending. Only the soonest
// of all are kept: those that are not come back, valid until the next call.
func (n *Notifications) Put(next Notification, kept int64) (gone []Notification) {
	n.Arrivals++
	next.Arrival = n.Arrivals
	n.insert(next)
	if kept = max(0, kept); int64(len(n.List)) > kept {
		gone = n.List[kept:]
		n.List = n.List[:kept]
	}
	return gone
}

func (n *Notifications) insert(next Notification) {
	i := sort.Search(len(n.List), func(i int) bool {
		x := &n.List[i]
		return x.At > next.At || x.At == next.At && x.Arrival > next.Arrival
	})
	n.List = slices.Insert(n.List, i, next)
}

// holds reports whether a notification is pending as it is.
func (n *Notifications) holds(x *Notification) bool {
	return slices.ContainsFunc(n.List, func(p Notification) bool { return p.Seq == x.Seq && p.ID == x.ID && p.At == x.At })
}

// Remove takes a pending notification back. An unknown identifier is no error.
func (n *Notifications) Remove(id string, seq int64) {
	for i := range n.List {
		if p := &n.List[i]; p.Seq == seq && p.ID == id {
			n.List = slices.Delete(n.List, i, i+1)
			return
		}
	}
}

// Show takes out those whose time has come; repeating ones are pending again.
func (n *Notifications) Show(at int64) {
	for len(n.List) > 0 && n.List[0].At <= at && n.List[0].At != record.Never {
		shown := n.List[0]
		n.List = slices.Delete(n.List, 0, 1)
		if shown.Every > 0 {
			shown.At = later(shown.At+(at-shown.At)/shown.Every*shown.Every, shown.Every)
			n.insert(shown)
		}
	}
}

// Notify schedules a local notification.
func (c *Contract) Notify(id string, interval int64, repeats bool) error {
	if err := c.limits.CheckInterval(interval, repeats); err != nil {
		return c.crash(err)
	}
	next := Notification{ID: id, At: later(c.now, interval)}
	if repeats {
		next.Every = interval
	}
	c.schedule(next)
	return nil
}

// schedule takes in a notification, in place of the one of the same identifier. A System's
// are known by their works.
func (c *Contract) schedule(next Notification) {
	if next.Seq == 0 || next.Seq <= c.noted {
		c.Notes.Remove(next.ID, next.Seq)
	}
	c.noted, c.unkept = max(c.noted, next.Seq), 0
	for _, gone := range c.Notes.Put(next, c.limits.NotificationsKept) {
		if c.unkept = gone.Seq; gone.Seq != 0 {
			c.emit(Event{Kind: requestDropped, ID: gone.ID, Work: work.ID(gone.ID), Why: "not_kept"})
		}
	}
}

// Notifications returns those that are pending, the soonest first. The slice is valid
// until the next call.
func (c *Contract) Notifications() []Notification { return c.Notes.List }
