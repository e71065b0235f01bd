package core_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

func id(prefix string, i int) work.ID { return work.ID(fmt.Sprintf("%s%04d", prefix, i)) }

var charge = core.FactsRead{Facts: []record.Fact{{Signal: record.Charging, Value: 1}}}

// fill enqueues n works that wait for power, with due times in no order.
func fill(r *coretest.Rig, n int) []work.ID {
	ids := make([]work.ID, n)
	for i := range n {
		ids[i] = id("w", i)
		q := work.Request{ID: ids[i], Delay: delayOf(i), Needs: work.Constraints{Charging: true}, Tags: []string{"all"}}
		if i%2 == 0 {
			q.Tags = append(q.Tags, "even")
		}
		add(r, 0, q)
	}
	return ids
}

func delayOf(i int) time.Duration { return time.Duration(i*7919%1000) * time.Millisecond }

// inOrder sorts works as they have to start: by due time, then by arrival.
func inOrder(ids []work.ID) []work.ID {
	place := func(id work.ID) int { i := 0; _, _ = fmt.Sscanf(string(id), "w%d", &i); return i }
	return slices.SortedFunc(slices.Values(ids), func(a, b work.ID) int {
		i, j := place(a), place(b)
		return cmp.Or(cmp.Compare(delayOf(i), delayOf(j)), cmp.Compare(i, j))
	})
}

// drain lets everything run, few at a time, and ends each run at once.
func drain(r *coretest.Rig, at int64) {
	r.Do(at, core.JobsSet{Jobs: 3})
	r.Do(at, charge)
	for len(r.M.Runs()) > 0 {
		r.End(at, r.M.Runs()[0].Work, work.Success)
	}
}

func TestThousandsStartInExactOrder(t *testing.T) {
	const n = 5000
	for _, how := range []string{"kept", "restored", "one commit"} {
		t.Run(how, func(t *testing.T) {
			r := rig(t)
			if how == "one commit" {
				r.Every = 1 << 30
			}
			ids := fill(r, n)
			if how == "restored" {
				r.Restart(second)
			}
			drain(r, 2*second)
			if got, want := r.Starts(), inOrder(ids); !slices.Equal(got, want) {
				t.Errorf("%d started, %d wanted, or in another order", len(got), len(want))
			}
			if r.Follow > n/1024+5 { // as many pages as there have to be
				t.Errorf("%d follow-ups", r.Follow)
			}
		})
	}
}

func TestOrderAcrossGroupsThatAreNotInMemory(t *testing.T) {
	r := rig(t)
	var ids []work.ID
	for i := range 2000 {
		ids = append(ids, id("w", i))
		add(r, 0, work.Request{ID: ids[i], Task: []string{"x", "y", "z"}[i%3], Delay: delayOf(i), Needs: work.Constraints{Charging: true}})
	}
	r.Restart(second) // nothing is in memory now: all three groups are read at once
	drain(r, 2*second)
	if got, want := r.Starts(), inOrder(ids); !slices.Equal(got, want) {
		t.Errorf("%d started, %d wanted, or in another order: %v", len(got), len(want), got[:20])
	}
}

func TestEvictedWorksCanBeCancelled(t *testing.T) {
	const n = 5000
	r := rig(t)
	ids := fill(r, n)
	var left []work.ID
	for i, id := range ids {
		if i%5 == 0 {
			if reply := r.Do(0, core.Cancel{ID: id}); reply.Err != nil || reply.Result != core.ResultCancelled {
				t.Fatalf("%s: %+v", id, reply)
			}
			wantState(r, id, work.Cancelled)
			continue
		}
		left = append(left, id)
	}
	drain(r, 2*second)
	if !slices.Equal(r.Starts(), inOrder(left)) {
		t.Error("not the rest was started, or in another order")
	}
}

func TestCancelByTagPages(t *testing.T) {
	const n = 3000
	r := rig(t)
	needs := work.Constraints{Charging: true}
	for i := range n {
		q := work.Request{ID: id("w", i), Needs: needs, Tags: []string{[]string{"even", "odd"}[i%2]}}
		if i%10 > 1 {
			add(r, 0, q)
			continue
		}
		chain(r, 0, work.Unique{}, []work.Request{q, {ID: id("after", i)}, {ID: id("later", i)}}, [][]int{nil, {0}, {1}})
	}
	reply := r.Do(second, core.Cancel{Tag: "even"})
	if reply.Err != nil || reply.Result != core.ResultCancelled {
		t.Fatalf("%+v", reply)
	}
	named := map[work.ID]bool{}
	for _, id := range reply.IDs {
		if named[id] {
			t.Errorf("%s is named twice", id)
		}
		named[id] = true
	}
	for i := range n {
		state, after := work.Enqueued, work.Blocked
		if i%2 == 0 {
			state, after = work.Cancelled, work.Cancelled
			if !named[id("w", i)] {
				t.Errorf("%s is not named", id("w", i))
			}
		}
		wantState(r, id("w", i), state)
		if i%10 <= 1 {
			wantState(r, id("after", i), after)
			wantState(r, id("later", i), after)
		}
	}
	r.Do(second, core.Cancel{All: true})
	for _, w := range r.Rows() {
		if w.State != work.Cancelled {
			t.Fatalf("%s is %v", w.ID, w.State)
		}
	}
	drain(r, 2*second)
	wantStarts(r)
}
