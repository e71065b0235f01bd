package phone

import (
	"strconv"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/sim/app"
	"github.com/lullwork/lull/work"
)

// host is the phone as the app sees it.
type host struct{ *Phone }

var _ app.Host = host{}

// NewID implements [app.Host].
func (p host) NewID() work.ID {
	p.ids++
	return work.ID(strconv.AppendInt([]byte("w"), p.ids, 36))
}

// Later implements [app.Host].
func (p host) Later(task int, at int64) {
	p.queue.push(item{at: at, kind: arrives, task: int16(task)})
}

// Ask implements [app.Host].
func (p host) Ask(i, n int, ev core.Enqueue) error {
	id := ev.Nodes[0].Request.ID
	old := p.supersedes(p.app.Tasks[i].Task, &ev.Unique)
	reply := p.step(ev)
	p.mourn()
	p.meter.asked(i, id, old, reply)
	if set := p.asked[i].set; set != nil {
		set[n] = nil
		if k := len(p.rows.works) - 1; k >= 0 && p.rows.works[k].ID == id {
			set[n] = p.rows.works[k]
		}
	}
	return reply.Err
}

// Stands implements [app.Host].
func (p host) Stands(i, n int, due int64) bool {
	set := p.asked[i].set
	if set == nil || set[n] == nil {
		return false
	}
	w := set[n]
	return w.State == work.Enqueued && w.Due == due
}

// supersedes returns the work whose place a request takes, if it replaces one that
// is not over yet; "": none.
func (p *Phone) supersedes(t *app.Task, u *work.Unique) work.ID {
	if t.Period != 0 || u.Name == "" || u.Policy != work.Replace {
		return ""
	}
	for _, w := range p.rows.works {
		if w.Name == u.Name && !w.State.Finished() {
			return w.ID
		}
	}
	return ""
}
