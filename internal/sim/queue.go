package sim

import "github.com/lullwork/lull/internal/core"

// class orders what happens at one instant: first what is asked and what the
// device tells, then the ends of isolates, then budgets. What is due comes last.
type class uint8

const (
	asked class = iota
	ended
	overdue
)

// item is something that will happen.
type item struct {
	at    int64 // engine time
	order int64 // class, then order of arrival
	ev    core.Event
	reply func(core.Reply)
	run   *running // that it is of; nil: none
	turn  int32    // of the run: an item of an earlier one is void
}

func (x *item) before(y *item) bool { return x.at < y.at || x.at == y.at && x.order < y.order }

// queue is a heap of items with four children a node: it is flatter than one with
// two, and items are values, so that it needs no allocation.
type queue struct {
	items []item
	count int64
}

const children = 4

func (q *queue) push(c class, x item) {
	q.count++
	x.order = int64(c)<<56 | q.count
	q.items = append(q.items, x)
	q.up(len(q.items) - 1)
}

func (q *queue) first() *item {
	if len(q.items) == 0 {
		return nil
	}
	return &q.items[0]
}

func (q *queue) pop() item {
	x, last := q.items[0], len(q.items)-1
	q.items[0] = q.items[last]
	q.items[last] = item{}
	q.items = q.items[:last]
	q.down(0)
	return x
}

func (q *queue) up(i int) {
	x := q.items[i]
	for i > 0 {
		parent := (i - 1) / children
		if !x.before(&q.items[parent]) {
			break
		}
		q.items[i] = q.items[parent]
		i = parent
	}
	q.items[i] = x
}

func (q *queue) down(i int) {
	if i >= len(q.items) {
		return
	}
	x := q.items[i]
	for {
		least := i*children + 1
		if least >= len(q.items) {
			break
		}
		for c := least + 1; c < min(least+children, len(q.items)); c++ {
			if q.items[c].before(&q.items[least]) {
				least = c
			}
		}
		if !q.items[least].before(&x) {
			break
		}
		q.items[i] = q.items[least]
		i = least
	}
	q.items[i] = x
}

// shift moves every item of a run by d, and drops those that drop names. The order
// of the others stays.
func (q *queue) shift(d int64, drop func(*item) bool) {
	kept := q.items[:0]
	for _, x := range q.items {
		if drop != nil && drop(&x) {
			continue
		}
		if x.run != nil {
			x.at += d
		}
		kept = append(kept, x)
	}
	clear(q.items[len(kept):])
	q.items = kept
	for i := len(q.items)/children + 1; i >= 0; i-- {
		q.down(i)
	}
}
