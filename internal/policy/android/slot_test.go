package android

import (
	"math/rand/v2"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// TestFind lets works come and go around the number from which on they are indexed.
func TestFind(t *testing.T) {
	p, err := NewProfile(Android16, AOSP)
	if err != nil {
		t.Fatal(err)
	}
	s := NewSystem(p, chance.New(1))
	rnd := rand.New(rand.NewPCG(1, 1))
	var there []int64
	spec := &record.Spec{Task: "t", Phone: work.Traits{Kind: work.KindAlarm}}
	for n := int64(1); n < 3000; n++ {
		if len(there) > 0 && rnd.IntN(60) < len(there)+5 {
			i := rnd.IntN(len(there))
			s.Gone(0, core.Job{Work: &record.Work{Seq: there[i]}, Spec: spec})
			there = append(there[:i], there[i+1:]...)
		} else {
			s.Waiting(0, core.Job{Work: &record.Work{Seq: n}, Spec: spec, Due: never})
			there = append(there, n)
		}
		for _, seq := range there {
			if x := s.find(seq); x == nil || x.Seq != seq {
				t.Fatalf("after %d steps work %d of %d is not found", n, seq, len(there))
			}
		}
	}
}

// TestOrderBeforeTheBeginning puts rows into the order in which they were asked for, of
// times that a clock which was set has moved before the first instant.
func TestOrderBeforeTheBeginning(t *testing.T) {
	of := func(seq, asked int64) *slot {
		x := newSlot(core.Job{Work: &record.Work{Seq: seq, LastEnqueue: asked}, Spec: new(record.Spec)})
		return &x
	}
	if again, other := of(1, -minute), of(2, -hour); again.before(other) || !other.before(again) {
		t.Errorf("work 1 was asked for at %d, before work 2 at %d", again.Asked, other.Asked)
	}
}
