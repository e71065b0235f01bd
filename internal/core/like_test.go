package core_test

import (
	"errors"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/work"
)

func likely(of *work.Request, id work.ID, delay time.Duration) core.Enqueue {
	q := *of
	q.ID, q.Delay = id, delay
	return core.Enqueue{Nodes: []work.Node{{Request: q}}, Fresh: true, Like: of}
}

func TestLikeIsCheckedWithItsDelay(t *testing.T) {
	r, of := rig(t), work.Request{Task: "t", Expedited: true}
	if err := r.Do(0, likely(&of, "a", 0)).Err; err != nil {
		t.Fatal(err)
	}
	if err := r.Do(0, likely(&of, "b", time.Minute)).Err; !errors.Is(err, work.ErrExpeditedDelayed) {
		t.Errorf("haste after a delay: %v", err)
	}
}

// TestLikeWhatWasForgotten makes works like two equal requests, whose one spec was pruned
// and has come back with other work.
func TestLikeWhatWasForgotten(t *testing.T) {
	r, one, two := rig(t), work.Request{Task: "t"}, work.Request{Task: "t"}
	r.Do(0, likely(&one, "a", 0))
	r.Do(0, likely(&two, "b", 0))
	r.End(0, "a", work.Success)
	r.End(0, "b", work.Success)
	r.Do(day, core.Prune{FinishedBefore: hour})
	r.Do(day, core.Prune{FinishedBefore: hour}) // the specs of what the first one deleted
	add(r, day, work.Request{ID: "c"})
	r.Do(day, likely(&one, "d", 0))
	add(r, day, work.Request{ID: "e", Task: "other"})
	r.Do(day, likely(&two, "f", 0))
	for id, task := range map[work.ID]string{"c": "t", "d": "t", "e": "other", "f": "t"} {
		if got := r.M.SpecOf(r.Row(id)).Task; got != task {
			t.Errorf("%s is of task %s, want %s", id, got, task)
		}
	}
}
