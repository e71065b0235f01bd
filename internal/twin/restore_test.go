package twin

import (
	"bytes"
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/journal"
	"github.com/lullwork/lull/internal/record"
)

// TestRestoreIsInvisible: a machine that is thrown away and restored between two acts
// decides what the old one would have decided. Without an engine that is all of the
// journal; with one, all but the lines that tell of its begin.
func TestRestoreIsInvisible(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		acts := story(rt)
		engine := rapid.Bool().Draw(rt, "engine")
		if !engine { // begin is the third act
			acts = append(acts[:2:2], acts[3:]...)
		}
		s := setting{start: randomStart, world: chance{rapid.Uint64().Draw(rt, "seed")}}
		plain, broken := newSim(t, s), newSim(t, s)
		restores := rapid.SliceOfN(rapid.Bool(), len(acts), len(acts)).Draw(rt, "restores")
		// After a restore the driver knows when to wake only from the next step on.
		tick := ask(core.Tick{})
		var once, again []act
		for i, a := range acts {
			once, again = append(once, a), append(again, a)
			if restores[i] && i >= 2 {
				once = append(once, tick)
				again = append(again, act{"restore", func(d driver) error { return restore(d.(*simDriver)) }}, tick)
			}
		}
		want, got := tell(rt, plain, once, nil), tell(rt, broken, again, nil)
		if plain.device.Machine().Dispatching() {
			want, got = decisions(rt, want), decisions(rt, got)
		}
		same(rt, again, "restored", want, got)
	})
}

// restore replaces the machine, if nothing runs.
func restore(d *simDriver) error {
	m := d.device.Machine()
	if len(m.Runs()) > 0 {
		return nil
	}
	if err := d.restart(0); err != nil || !m.Dispatching() {
		return err
	}
	return d.begin()
}

// decisions leaves out what tells of engines, and of calendar times that are looked at
// anew as an engine begins and not only when their work could start or the clock is set
// back. It numbers the rest anew.
func decisions(t *rapid.T, lines []byte) []byte {
	var out bytes.Buffer
	err := journal.Read(bytes.NewReader(lines), func(e record.Entry) bool {
		if e.Kind == record.EntryEngine || e.Cond == "engine" || e.Kind == record.EntrySkipped ||
			e.Kind == record.EntryUpdated && e.Lane == record.LaneCalendar && e.Text != "" {
			return true
		}
		e.Seq = 1
		b, err := json.Marshal(&e)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(b, 10))
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
