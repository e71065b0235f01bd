package link

import "testing"

// TestPatienceRunsOut counts how often a side lingers that always does so in vain, and how
// soon it does again after it was right once.
func TestPatienceRunsOut(t *testing.T) {
	const waits = 10_000
	count := func(p *patience, enough bool) int {
		tries := 0
		for range waits {
			if p.try() {
				tries++
				p.lingered(enough)
			}
		}
		return tries
	}
	var p patience
	if n, most := count(&p, false), waits>>mostVain+mostVain+1; n == 0 || n > most {
		t.Errorf("%d tries in vain in %d waits, at most %d are meant", n, waits, most)
	}
	for !p.try() {
	}
	p.lingered(true)
	if n := count(&p, true); n != waits {
		t.Errorf("%d tries in %d waits, although none was in vain", n, waits)
	}
	alone := patience{never: true}
	if n := count(&alone, true); n != 0 {
		t.Errorf("%d tries on one processor", n)
	}
}

func TestPatienceIsPutOff(t *testing.T) {
	var p patience
	p.putOff()
	for wait, want := range []bool{false, false, true, true} {
		if got := p.try(); got != want {
			t.Errorf("wait %d: lingers %t, want %t", wait, got, want)
		}
	}
}

// TestPatienceBacksOff looks at the waits between tries in vain.
func TestPatienceBacksOff(t *testing.T) {
	var p patience
	last, gap := 0, 0
	for wait := 1; wait < 2000; wait++ {
		if !p.try() {
			continue
		}
		if wait-last < gap {
			t.Fatalf("wait %d: lingers after %d waits, before that it were %d", wait, wait-last, gap)
		}
		last, gap = wait, wait-last
		p.lingered(false)
	}
	if gap != 1<<mostVain {
		t.Errorf("at last each %dth wait, want each %dth", gap, 1<<mostVain)
	}
}
