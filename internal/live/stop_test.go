package live

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/record"
)

// Shutdown in a commit that lands and reports an error: Stop never returns.
func TestStopHangs(t *testing.T) {
	t.Parallel()
	e, s, r := newRig(t)
	ctx := context.Background()
	e.Begin(ctx)
	e.Ask(ctx, enq("a", time.Hour))
	h := <-r.started
	once := false
	s.set(func(tx *record.Tx, next func() error) error {
		err := next()
		if !once {
			once = true
			return errors.New("fsync")
		}
		return err
	})
	c, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := e.Stop(c)
	select {
	case <-h.stopped:
	default:
		t.Errorf("Stop: %v, and the run was never asked to end", err)
	}
}
