package world

import (
	"encoding/binary"
	"flag"
	"hash/fnv"
	"testing"

	"github.com/lullwork/lull/internal/cputest"
)

var long = flag.Bool("long", false, "run slow tests")

// digest hashes all that a source tells.
func digest(s Source) uint64 {
	h := fnv.New64a()
	var b [26]byte
	for {
		at, ev, ok := s.Next()
		if !ok {
			return h.Sum64()
		}
		binary.LittleEndian.PutUint64(b[0:], uint64(at))
		binary.LittleEndian.PutUint64(b[8:], uint64(ev.Value))
		binary.LittleEndian.PutUint64(b[16:], ev.facts)
		b[24], b[25] = byte(ev.Kind), ev.count
		h.Write(b[:])
	}
}

// golden is what every processor must compute: 20 devices of all kinds, 30 days each.
const golden = 0xf605903c26a024d7

func TestGolden(t *testing.T) {
	all := Archetypes()
	h := fnv.New64a()
	for i := range 20 {
		d := New(Config{Of: all[i%len(all)], Seed: uint64(i), Start: monday, End: monday + 30*day, Shift: int64(i-10) * hour})
		h.Write(binary.LittleEndian.AppendUint64(nil, digest(d)))
	}
	if got := h.Sum64(); got != golden {
		t.Errorf("the digest is %#x, not %#x", got, uint64(golden))
	}
}

// TestOtherProcessors runs TestGolden on other kinds of processors: where this one can
// run their programs, or an emulator does.
func TestOtherProcessors(t *testing.T) {
	if !*long {
		t.Skip("slow: it compiles for other processors (-args -long)")
	}
	cputest.Run(t, "TestGolden")
}
