package live

import (
	"context"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// One of two works exists; the commit of the other one fails and does not land.
func TestFindPartial(t *testing.T) {
	e, s, _ := newRig(t)
	ctx := context.Background()
	e.Ask(ctx, enq("a", 0))
	once := false
	s.set(func(tx *record.Tx, next func() error) error {
		if !once {
			once = true
			return errDisk
		}
		return next()
	})
	ev := core.Enqueue{Nodes: append(enq("a", 0).Nodes, enq("b", 0).Nodes...)}
	r, err := e.Ask(ctx, ev)
	t.Logf("%+v %v", r, err)
	ws, _ := s.Works(ctx, []work.ID{"b"})
	if err == nil && len(ws) == 0 {
		t.Error("acknowledged, and b is lost")
	}
	e.Close()
}
