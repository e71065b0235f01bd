package population

import (
	"github.com/lullwork/lull/internal/sim/world"
)

// mostPhones is of how many phones of a platform it is kept what came of each.
const mostPhones = 4096

// Phone is what came of the tasks of one phone, as far as something can be expected of it.
type Phone struct {
	Device    int
	Platform  string
	Archetype string
	Vendor    string
	Tasks     []Own
}

// Own is what came of one task on one phone.
type Own struct {
	Name             string
	Runs, Days       int64
	InTime, InTimeOf int64
	Seen             bool  // how old the data was
	Oldest           int64 // it was, µs
}

// Of returns what came of a task; nil: the phone does not have it.
func (p *Phone) Of(task string) *Own {
	for i := range p.Tasks {
		if p.Tasks[i].Name == task {
			return &p.Tasks[i]
		}
	}
	return nil
}

// apart returns what came of the phone that was simulated last.
func (w *worker) apart(n int, who world.Member) Phone {
	out := Phone{n, w.platform, who.Of.Name, who.Vendor, make([]Own, len(w.one.Tasks))}
	for i := range out.Tasks {
		t := &w.one.Tasks[i]
		out.Tasks[i] = Own{t.Name, t.Runs, t.Days, t.InTime, t.InTimeOf, t.FreshOf > 0, t.Stale.Max}
	}
	return out
}
