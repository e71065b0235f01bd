package phone

import "github.com/lullwork/lull/internal/record"

type kind uint8

const (
	runEnds kind = iota
	budgetEnds
	arrives // something for a task
)

// item is something that will happen because of the app itself.
type item struct {
	at    int64
	order int64
	kind  kind
	task  int16
	slot  int32 // of runs
	turn  int32 // of the run
}

func (x *item) before(y *item) bool { return x.at < y.at || x.at == y.at && x.order < y.order }

// queue is a binary heap of values: a phone has a handful of items.
type queue struct {
	items []item
	count int64
	next  int64 // instant of the first; record.Never: there is none
}

// push is called from several places, all of them seldom: each with a copy of its own would
// find it out of the processor's cache.
//
//go:noinline
func (q *queue) push(x item) {
	q.count++
	x.order = q.count
	q.items = append(q.items, x)
	i := len(q.items) - 1
	for i > 0 {
		p := (i - 1) / 2
		if !x.before(&q.items[p]) {
			break
		}
		q.items[i] = q.items[p]
		i = p
	}
	q.items[i] = x
	q.next = q.items[0].at
}

func (q *queue) pop() item {
	first, last := q.items[0], len(q.items)-1
	x := q.items[last]
	q.items = q.items[:last]
	if last == 0 {
		q.next = record.Never
		return first
	}
	i := 0
	for {
		c := 2*i + 1
		if c >= last {
			break
		}
		if c+1 < last && q.items[c+1].before(&q.items[c]) {
			c++
		}
		if !q.items[c].before(&x) {
			break
		}
		q.items[i] = q.items[c]
		i = c
	}
	q.items[i] = x
	q.next = q.items[0].at
	return first
}
