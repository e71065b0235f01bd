package store

import (
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Batch is a view of a store with the changes of steps that are not committed
// yet on top. It folds the steps' changes into one transaction, at most one write
// a row.
//
// It keeps the rows that it is given, not copies: a later step may go on changing
// them, as long as it hands them in again, and the commit writes their last
// values. It is used by one goroutine at a time.
type Batch struct {
	r    Reader
	tx   record.Tx // what Tx returns; its slices are used again
	meta record.Meta

	works []record.WorkWrite // in the order of their first write; Work is nil where nothing is left
	at    map[int64]int32    // seq to index in works
	dirty []int32            // indexes in works that the indexes below do not know yet

	ids   map[work.ID]int32 // to index in works
	names map[string]int32  // to the newest link
	next  map[work.ID]int32 // parent to the newest link of a work after it
	links []link

	runs   []*record.Run // nil where reaped
	runAt  map[record.RunKey]int32
	conds  []record.Condition
	condAt map[string]int32
	facts  [record.Signals]bool // which are in tx.Facts

	found map[int64]*record.Work // rows of the Resolve that is going on
	seen  map[int64]struct{}     // works that it looked below
	empty bool
}

// link is one candidate of an index: it is checked when it is walked over, since
// rows change after they were indexed.
type link struct{ entry, prev int32 }

// NewBatch returns an empty batch over r.
func NewBatch(r Reader) *Batch {
	return &Batch{
		r:  r,
		at: map[int64]int32{}, ids: map[work.ID]int32{}, names: map[string]int32{}, next: map[work.ID]int32{},
		runAt: map[record.RunKey]int32{}, condAt: map[string]int32{}, found: map[int64]*record.Work{}, seen: map[int64]struct{}{},
		empty: true,
	}
}

// Empty reports whether nothing was applied since the last Reset.
func (b *Batch) Empty() bool { return b.empty }

// Apply folds the changes of one step into the batch. Of part, it keeps the
// works, runs and specs; everything else is copied.
func (b *Batch) Apply(part *record.Tx) {
	b.empty = false
	if part.Meta != nil {
		b.meta = *part.Meta
		b.tx.Meta = &b.meta
	}
	b.tx.Specs = append(b.tx.Specs, part.Specs...)
	b.tx.NoSpecs = append(b.tx.NoSpecs, part.NoSpecs...)
	for _, key := range part.NoConds {
		b.dropCondition(key)
	}
	for i := range part.Works {
		b.write(&part.Works[i])
	}
	for _, r := range part.Runs {
		b.put(r)
	}
	for _, k := range part.Reaped {
		b.reap(k)
	}
	for _, c := range part.Conds {
		if i, ok := b.condAt[c.Key]; ok {
			b.conds[i] = c
			continue
		}
		b.condAt[c.Key] = int32(len(b.conds))
		b.conds = append(b.conds, c)
	}
	for _, f := range part.Facts {
		if !b.facts[f.Signal] {
			b.facts[f.Signal] = true
			b.tx.Facts = append(b.tx.Facts, f)
			continue
		}
		i := slices.IndexFunc(b.tx.Facts, func(o record.Fact) bool { return o.Signal == f.Signal })
		b.tx.Facts[i] = f
	}
	b.tx.Plan = replace(b.tx.Plan, part.Plan, func(x, y *record.PlanTask) bool { return x.Name == y.Name })
	b.tx.Zones = replace(b.tx.Zones, part.Zones, func(x, y *record.Zone) bool { return x.Name == y.Name })
	b.tx.Hosts = replace(b.tx.Hosts, part.Hosts, func(x, y *record.Host) bool { return x.Work == y.Work && x.Epoch == y.Epoch })
	if part.Tasks != nil {
		b.tx.Tasks = slices.Clone(part.Tasks)
	}
	b.journal(&part.Journal)
	if p := part.Prune; p != nil {
		if b.tx.Prune == nil {
			b.tx.Prune = &record.Prune{Limit: p.Limit}
		}
		b.tx.Prune.FinishedBefore = max(b.tx.Prune.FinishedBefore, p.FinishedBefore)
		b.tx.Prune.JournalBefore = max(b.tx.Prune.JournalBefore, p.JournalBefore)
	}
	b.tx.Inbox = append(b.tx.Inbox, part.Inbox...)
}

// write folds one write of a work's row.
func (b *Batch) write(n *record.WorkWrite) {
	seq := n.Work.Seq
	if n.Delete && len(b.tx.Hosts) > 0 { // its ID may be used again
		b.tx.Hosts = slices.DeleteFunc(b.tx.Hosts, func(h record.Host) bool { return h.Work == n.Work.ID })
	}
	i, ok := b.at[seq]
	if !ok {
		b.at[seq] = int32(len(b.works))
		b.dirty = append(b.dirty, int32(len(b.works)))
		b.works = append(b.works, *n)
		return
	}
	e := &b.works[i]
	if n.Delete && e.Insert { // the store never hears of it
		e.Work = nil
		delete(b.at, seq)
		return
	}
	e.Work = n.Work
	e.Spare, e.Claim = e.Spare && n.Spare, e.Claim && n.Claim
	e.Delete = n.Delete
	if !n.Spare {
		b.dirty = append(b.dirty, i)
	}
}

// dropCondition keeps the deletion even of a condition that was written in this batch:
// whether the store has an older row of it is not known here.
func (b *Batch) dropCondition(key string) {
	b.tx.NoConds = append(b.tx.NoConds, key)
	i, ok := b.condAt[key]
	if !ok {
		return
	}
	delete(b.condAt, key)
	b.conds = slices.Delete(b.conds, int(i), int(i)+1)
	for j := int(i); j < len(b.conds); j++ {
		b.condAt[b.conds[j].Key] = int32(j)
	}
}

func (b *Batch) put(r *record.Run) {
	k := record.RunKey{Seq: r.Seq, Epoch: r.Epoch}
	if i, ok := b.runAt[k]; ok {
		b.runs[i] = r
		return
	}
	b.runAt[k] = int32(len(b.runs))
	b.runs = append(b.runs, r)
}

// reap keeps the deletion even of a run that was put in this batch: whether the
// store has an older row of it is not known here.
func (b *Batch) reap(k record.RunKey) {
	if i, ok := b.runAt[k]; ok {
		b.runs[i] = nil
		delete(b.runAt, k)
	}
	b.tx.Reaped = append(b.tx.Reaped, k)
}

func (b *Batch) journal(c *record.Chunk) {
	if c.First == 0 {
		return
	}
	j := &b.tx.Journal
	if j.First == 0 {
		j.First = c.First
	}
	j.Last, j.At = c.Last, c.At
	j.Lines = append(j.Lines, c.Lines...)
}

// replace puts each of news in the place of its namesake in olds, or at the end.
func replace[E any](olds, news []E, same func(x, y *E) bool) []E {
news:
	for i := range news {
		for j := range olds {
			if same(&olds[j], &news[i]) {
				olds[j] = news[i]
				continue news
			}
		}
		olds = append(olds, news[i])
	}
	return olds
}

// Tx returns everything applied since the last Reset as one transaction. It is
// valid until the next Apply or Reset.
func (b *Batch) Tx() *record.Tx {
	b.tx.Works = b.tx.Works[:0]
	for i := range b.works {
		if b.works[i].Work != nil {
			b.tx.Works = append(b.tx.Works, b.works[i])
		}
	}
	b.tx.Runs = b.tx.Runs[:0]
	for _, r := range b.runs {
		if r != nil {
			b.tx.Runs = append(b.tx.Runs, r)
		}
	}
	b.tx.Conds = b.conds
	return &b.tx
}

// Reset empties the batch, after a commit.
func (b *Batch) Reset() {
	b.empty = true
	clear(b.at)
	clear(b.ids)
	clear(b.names)
	clear(b.next)
	clear(b.runAt)
	clear(b.condAt)
	clear(b.works) // let go of the rows
	clear(b.tx.Works)
	clear(b.runs)
	clear(b.tx.Runs)
	b.works, b.runs, b.conds = b.works[:0], b.runs[:0], b.conds[:0]
	b.dirty, b.links = b.dirty[:0], b.links[:0]
	b.facts = [record.Signals]bool{}
	t := &b.tx
	b.tx = record.Tx{
		Specs: t.Specs[:0], NoSpecs: t.NoSpecs[:0], NoConds: t.NoConds[:0], Works: t.Works[:0], Runs: t.Runs[:0], Reaped: t.Reaped[:0],
		Facts: t.Facts[:0], Plan: t.Plan[:0], Zones: t.Zones[:0], Hosts: t.Hosts[:0],
		Journal: record.Chunk{Lines: t.Journal.Lines[:0]}, Inbox: t.Inbox[:0],
	}
}
