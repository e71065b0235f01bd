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
