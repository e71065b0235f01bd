//go:build amd64 || arm64 || riscv64

package link

import (
	"testing"
	"time"
)

// costs are what a piece of 64 KiB takes: by ordinary stores, and past the caches.
type costs [2]time.Duration

func (c costs) of(past bool) time.Duration {
	if past {
		return c[1]
	}
	return c[0]
}

// write writes pieces, and counts those that went past the caches.
func (s *stores) write(pieces int, c costs) (past int) {
	for range pieces {
		how := s.past()
		if how {
			past++
		}
		s.took(how, 64<<10, c.of(how))
	}
	return past
}

func TestStoresFollowTheProcessors(t *testing.T) {
	together := costs{2 * time.Microsecond, 3 * time.Microsecond}
	apart := costs{30 * time.Microsecond, 3 * time.Microsecond}
	s := &stores{}
	if n := s.write(2, together); n != 1 {
		t.Fatalf("%d of the first two went past, want one", n)
	}
	for range 3 {
		s.write(600, together) // time to find out
		if n := s.write(1000, together); n > 40 {
			t.Errorf("%d of 1,000 pieces went past the cache that both sides have", n)
		}
		s.write(600, apart)
		if n := s.write(1000, apart); n < 990 {
			t.Errorf("%d of 1,000 pieces went past the caches, want nearly all", n)
		}
		s.write(4000, together) // who was slow is not tried often
	}
}

func TestStoresForgiveAnInterruption(t *testing.T) {
	s := &stores{}
	together := costs{2 * time.Microsecond, 2 * time.Microsecond}
	s.write(100, together)
	s.took(false, 64<<10, 10*time.Millisecond)
	if n := s.write(100, together); n > 10 {
		t.Errorf("%d of 100 pieces went another way after one interruption", n)
	}
	s.took(false, measured, -time.Second) // a clock that goes back
	s.took(true, measured, time.Hour)
	s.write(100, together)
}

// TestPieces asks how much is copied before the other side hears of it.
func TestPieces(t *testing.T) {
	const ring = 1 << 20
	for name, test := range map[string]struct {
		costs  costs
		length int
		slept  bool
		want   int
	}{
		"no cost known":      {costs{}, 64 << 10, false, measured},
		"slow":               {costs{30 * time.Microsecond, 0}, 64 << 10, false, measured},
		"better past":        {costs{64 * time.Microsecond, 4 * time.Microsecond}, 64 << 10, false, 16 << 10},
		"better not":         {costs{2 * time.Microsecond, 4 * time.Microsecond}, ring, false, 32 << 10},
		"as fast as nothing": {costs{1, 1}, ring, false, ring / 8},
		"long":               {costs{2 * time.Microsecond, 4 * time.Microsecond}, ring + 1, false, ring / 8},
		"to a sleeper":       {costs{2 * time.Microsecond, 4 * time.Microsecond}, 64 << 10, true, ring / 2},
	} {
		h := &half{data: make([]byte, ring), slept: test.slept}
		for i, c := range test.costs {
			if c > 0 {
				h.stores.took(i == 1, 64<<10, c)
			}
		}
		if got := h.outPiece(test.length); got != test.want {
			t.Errorf("%s: %d bytes, want %d", name, got, test.want)
		}
	}
}
