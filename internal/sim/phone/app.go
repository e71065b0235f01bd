package phone

import (
	"strconv"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim/app"
	"github.com/lullwork/lull/work"
)

// host is the phone as the app sees it.
type host struct{ *Phone }

var _ app.Host = host{}

// Room is memory that phones may use one after the other.
type Room struct {
	ids []work.ID // of works: they are the same on each phone
}

// NewID implements [app.Host].
func (p host) NewID() work.ID {
	r := p.cfg.Room
	if p.ids == len(r.ids) {
		r.ids = append(r.ids, work.ID("w"+strconv.FormatInt(int64(p.ids)+1, 36)))
	}
	p.ids++
	return r.ids[p.ids-1]
}

// Later implements [app.Host].
func (p host) Later(task int, at int64) {
	p.queue.push(item{at: at, kind: arrives, task: int16(task)})
}

// Ask implements [app.Host].
func (p host) Ask(i, n int, ev core.Enqueue) error {
	id := ev.Nodes[0].Request.ID
	rows := p.rows.resolve(p.m.NeedsToAsk(&ev))
	old := supersedes(rows.Works, p.app.Tasks[i].Task, &ev.Unique)
	p.events++
	out := p.m.Ask(p.now, &ev, rows)
	reply := out.Reply
	p.took(out)
	p.mourn()
	p.meter.asked(i, id, old, reply)
	if set := p.asked[i].set; set != nil {
		set[n] = notice{}
		if k := len(p.rows.works) - 1; k >= 0 && p.rows.works[k].ID == id {
			set[n] = notice{p.rows.works[k], id}
		}
	}
	return reply.Err
}

// Stands implements [app.Host].
func (p host) Stands(i, n int, due int64) bool {
	set := p.asked[i].set
	if set == nil || set[n].w == nil {
		return false
	}
	w := set[n].w
	return w.ID == set[n].id && w.State == work.Enqueued && w.Due == due
}

// supersedes returns the work, of those of its name, whose place a request takes, if it
// replaces one that is not over yet; "": none.
func supersedes(works []*record.Work, t *app.Task, u *work.Unique) work.ID {
	if t.Period != 0 || u.Policy != work.Replace {
		return ""
	}
	for _, w := range works {
		if w.Name == u.Name && !w.State.Finished() {
			return w.ID
		}
	}
	return ""
}
