package storetest

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// world stands in for the core: it holds live rows, changes them in place and
// says in each step what it changed, at random but always validly.
type world struct {
	pick func(n int) int // uniform in [0, n)

	rows  map[int64]*record.Work
	seqs  []int64 // of rows, in order
	runs  map[record.RunKey]*record.Run
	keys  []record.RunKey // of runs, in the order of their start
	ids   []work.ID       // of deleted works, to be used again
	meta  record.Meta
	specs int64
	part  record.Tx
	wrote map[int64]bool // in this step
	// claimed are works that were not written since their last start.
	claimed map[int64]bool
}

func newWorld(pick func(int) int) *world {
	return &world{pick: pick, rows: map[int64]*record.Work{}, runs: map[record.RunKey]*record.Run{}, claimed: map[int64]bool{}, meta: record.Meta{At: 1000, Engine: "e"}}
}

var (
	someNames = []string{"", "", "a", "b", "c"}
	someTags  = []string{"x", "y", "z"}
	someJSON  = []json.RawMessage{nil, nil, json.RawMessage(`{"k":1}`), json.RawMessage(`"` + "é\\u0000" + `"`), json.RawMessage(`[]`)}
)

// step makes the changes of one step.
func (w *world) step() *record.Tx {
	w.part, w.wrote = record.Tx{}, map[int64]bool{}
	w.meta.At += int64(w.pick(3))
	if w.specs == 0 || w.specs < 4 && w.pick(4) == 0 {
		w.specs++
		w.meta.Spec = w.specs
		w.part.Specs = append(w.part.Specs, &record.Spec{
			ID: w.specs, Task: []string{"t", "u"}[w.pick(2)], Retention: int64(w.pick(3)) * 4,
			Chain: []work.Node{{Request: work.Request{Task: "n", Tags: []string{"q"}}}},
		})
	}
	for range 1 + w.pick(4) {
		w.change()
	}
	w.others()
	m := w.meta
	w.part.Meta = &m
	return &w.part
}

func (w *world) change() {
	switch w.pick(10) {
	case 0, 1, 2:
		w.insert()
	case 3, 4:
		w.run()
	case 5:
		w.finish()
	case 6, 7:
		w.update()
	case 8:
		w.remove()
	case 9:
		w.reap()
	}
}

// any returns a row that was not written in this step, or nil.
func (w *world) any(which func(*record.Work) bool) *record.Work {
	var of []*record.Work
	for _, s := range w.seqs {
		if r := w.rows[s]; !w.wrote[s] && which(r) {
			of = append(of, r)
		}
	}
	if len(of) == 0 {
		return nil
	}
	return of[w.pick(len(of))]
}

func (w *world) write(n record.WorkWrite) {
	w.wrote[n.Work.Seq], w.claimed[n.Work.Seq] = true, n.Claim
	w.part.Works = append(w.part.Works, n)
}

func (w *world) insert() {
	w.meta.NextSeq++
	r := &record.Work{
		Seq: w.meta.NextSeq, ID: work.ID(fmt.Sprintf("w%d", w.meta.NextSeq)), Spec: 1 + int64(w.pick(int(w.specs))), Lane: record.Lane(w.pick(int(record.Lanes))),
		Due: int64(w.pick(8)), LastEnqueue: record.NotEnqueued, Override: record.Never, StopReason: work.NotStopped, Created: w.meta.At,
	}
	if len(w.ids) > 0 && w.pick(3) == 0 {
		r.ID, w.ids = w.ids[0], w.ids[1:]
	}
	w.shape(r)
	switch w.pick(6) {
	case 0:
		r.State, r.Due = work.Blocked, record.Never
	case 1:
		r.State, r.Finished = work.Failed, w.meta.At
	case 2:
		w.start(r)
	}
	w.rows[r.Seq] = r
	w.seqs = append(w.seqs, r.Seq)
	w.write(record.WorkWrite{Work: r, Insert: true})
}

// shape sets what a Spare write leaves alone.
func (w *world) shape(r *record.Work) {
	r.Name = someNames[w.pick(len(someNames))]
	r.Input, r.Output = someJSON[w.pick(len(someJSON))], someJSON[w.pick(len(someJSON))]
	r.Merged, r.Progress = someJSON[w.pick(len(someJSON))], someJSON[w.pick(len(someJSON))]
	r.Tags, r.Parents = nil, nil
	for _, t := range someTags {
		if w.pick(4) == 0 {
			r.Tags = append(r.Tags, t)
		}
	}
	for range w.pick(3) {
		if p := w.any(func(p *record.Work) bool { return p.Seq < r.Seq }); p != nil && !slices.Contains(r.Parents, p.ID) {
			r.Parents = append(r.Parents, p.ID)
		}
	}
}

func (w *world) start(r *record.Work) {
	r.State, r.StopReason = work.Running, work.NotStopped
	r.Epoch++
	r.Attempts++
	run := &record.Run{Seq: r.Seq, Epoch: r.Epoch, Work: r.ID, Spec: r.Spec, Name: r.Name, Attempt: r.Attempts, Started: w.meta.At, Stop: work.NotStopped, Orphan: w.pick(4) == 0}
	k := record.RunKey{Seq: r.Seq, Epoch: r.Epoch}
	w.runs[k] = run
	w.keys = append(w.keys, k)
	w.part.Runs = append(w.part.Runs, run)
}

func (w *world) run() {
	if r := w.any(func(r *record.Work) bool { return r.State == work.Enqueued }); r != nil {
		w.start(r)
		w.write(record.WorkWrite{Work: r, Spare: true, Claim: w.pick(2) == 0})
	}
}

func (w *world) finish() {
	r := w.any(func(r *record.Work) bool { return !r.State.Finished() })
	if r == nil {
		return
	}
	r.State = []work.State{work.Succeeded, work.Failed, work.Cancelled}[w.pick(3)]
	r.Finished = w.meta.At
	r.Last = record.Last{Epoch: r.Epoch, Outcome: work.Success, Message: "done", Started: 1, Ended: w.meta.At}
	spare := w.pick(2) == 0
	if !spare {
		r.Output = someJSON[w.pick(len(someJSON))]
	}
	w.write(record.WorkWrite{Work: r, Spare: spare})
}

func (w *world) update() {
	r := w.any(func(*record.Work) bool { return true })
	if r == nil {
		return
	}
	spare := w.pick(2) == 0
	if !spare {
		w.shape(r)
	}
	r.StopReason = work.StopUser
	r.HasNext = !r.HasNext
	r.Generation++
	switch {
	case !r.State.Finished():
		r.State, r.Due, r.Lane = work.Enqueued, int64(w.pick(8)), record.Lane(w.pick(int(record.Lanes)))
		if !spare {
			r.Spec = 1 + int64(w.pick(int(w.specs)))
		}
	case w.pick(4) == 0: // back from the dead
		r.State, r.Finished = work.Enqueued, 0
	}
	w.write(record.WorkWrite{Work: r, Spare: spare})
}

func (w *world) remove() {
	r := w.any(func(*record.Work) bool { return true })
	if r == nil {
		return
	}
	w.write(record.WorkWrite{Work: r, Delete: true})
	w.forget(r)
}

func (w *world) forget(r *record.Work) {
	delete(w.rows, r.Seq)
	w.seqs = slices.DeleteFunc(w.seqs, func(s int64) bool { return s == r.Seq })
	w.ids = append(w.ids, r.ID)
}

func (w *world) reap() {
	if len(w.keys) == 0 {
		return
	}
	i := w.pick(len(w.keys))
	k := w.keys[i]
	if run := w.runs[k]; w.claimed[k.Seq] || w.pick(2) == 0 {
		run.State++
		run.Stop = work.StopUser
		if !slices.Contains(w.part.Runs, run) {
			w.part.Runs = append(w.part.Runs, run)
		}
		return
	}
	w.keys = slices.Delete(w.keys, i, i+1)
	delete(w.runs, k)
	w.part.Reaped = append(w.part.Reaped, k)
}

// others changes a few of the rows that are not works.
func (w *world) others() {
	at := w.meta.At
	switch w.pick(8) {
	case 0:
		w.part.Conds = []record.Condition{{Key: someTags[w.pick(3)], State: record.CondState(w.pick(3)), Since: at, Text: "85 %"}}
	case 1:
		w.part.Facts = []record.Fact{{Signal: record.Signal(w.pick(int(record.Signals))), Value: int64(w.pick(3)) - 1, Source: "s", Note: "n", Since: at}}
	case 2:
		p := record.PlanTask{Name: someTags[w.pick(3)], Hash: fmt.Sprint(at), Work: "w1", Removed: w.pick(2) == 0}
		if w.pick(2) == 0 {
			p.Pending = &record.PlanRoot{Name: p.Name, Hash: "h", Nodes: []work.Node{{Request: work.Request{Task: "t"}}, {Request: work.Request{Task: "u"}, After: []int{0}}}}
		}
		w.part.Plan = []record.PlanTask{p}
	case 3:
		w.part.Zones = []record.Zone{{Name: someTags[w.pick(3)], Table: fmt.Appendf(nil, "[%d]", at)}}
	case 4:
		w.part.Tasks = make([]record.TaskRow, w.pick(3))
		for i := range w.part.Tasks {
			w.part.Tasks[i] = record.TaskRow{Name: someTags[i], Held: "no-entry-point", Note: fmt.Sprint(at)}
			if i > 0 {
				w.part.Tasks[i].Request = &work.Request{Task: someTags[i], Delay: 5, Input: []byte(`{"a":1}`)}
				w.part.Tasks[i].Unique = work.Unique{Name: "u", Policy: work.Append}
			}
		}
	case 5:
		if r := w.any(func(*record.Work) bool { return true }); r != nil {
			w.part.Hosts = []record.Host{{Work: r.ID, Epoch: int64(w.pick(3)), Pid: int(at), Tail: "boom"}}
		}
	}
	if n := w.pick(3); n > 0 {
		c := record.Chunk{First: w.meta.Journal + 1, Last: w.meta.Journal + int64(n), At: at}
		for i := range n {
			c.Lines = fmt.Appendf(c.Lines, "{\"seq\":%d}\n", c.First+int64(i))
		}
		w.meta.Journal += int64(n)
		w.part.Journal = c
	}
}
