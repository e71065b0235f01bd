package chance_test

import (
	"testing"

	"github.com/lullwork/lull/internal/core/chance"
)

func TestStream(t *testing.T) {
	a, b := chance.New(1), chance.New(1)
	var sum int64
	seen := [10]int{}
	for range 100_000 {
		if a.Uint64() != b.Uint64() {
			t.Fatal("the same seed gives other numbers")
		}
		n := a.Below(10)
		b.Below(10)
		seen[n]++
		x := a.Between(-5, 5)
		b.Between(-5, 5)
		if x < -5 || x > 5 {
			t.Fatalf("%d is not between -5 and 5", x)
		}
		sum += x
		a.Chance(1)
		b.Chance(1)
	}
	for n, times := range seen {
		if times < 9_600 || times > 10_400 {
			t.Errorf("%d came %d times in 100,000", n, times)
		}
	}
	if sum < -4_000 || sum > 4_000 {
		t.Errorf("the mean is %d/100,000", sum)
	}
	f, g, h := a.Fork(1), a.Fork(1), a.Fork(2)
	if x := f.Uint64(); x != g.Uint64() || x == h.Uint64() {
		t.Error("forks are not streams of their own")
	}
}

// TestGolden holds the numbers that every machine must give.
func TestGolden(t *testing.T) {
	s := chance.New(7)
	for i, want := range []uint64{0xb8b4c2977eabce45, 0xa65305fd338ec8fe, 0x8ca3cbb6ca63129b} {
		if got := s.Uint64(); got != want {
			t.Errorf("number %d is %#x, not %#x", i, got, want)
		}
	}
}
