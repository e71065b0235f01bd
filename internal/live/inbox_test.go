package live

import (
	"context"
	"testing"
	"time"
)

// (H) Close takes from the inbox while the loop does.
func TestTakeRace(t *testing.T) {
	for i := 0; i < 60; i++ {
		e, _, _ := newRig(t)
		ctx, stop := context.WithTimeout(context.Background(), patience)
		done := make(chan error, 64)
		for k := 0; k < 8; k++ {
			go func() {
				for {
					_, err := e.Ask(ctx, enq(string(rune('a'+k)), 0))
					if err != nil {
						done <- err
						return
					}
				}
			}()
		}
		time.Sleep(time.Duration(i%7) * 500 * time.Microsecond)
		e.Close()
		for k := 0; k < 8; k++ {
			if err := <-done; ctx.Err() != nil {
				t.Fatalf("hung: %v", err)
			}
		}
		stop()
	}
}
