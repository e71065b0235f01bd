package ios

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/lullwork/lull/internal/record"
)

// saved is a state with what it depends on.
type saved struct {
	Version  int
	Slots    int // of a day, as the tables of habits count them
	Contract *contract
	State    *state
}

const saveVersion = 3

// far is an instant of no engine: nothing is computed beyond it.
const far = 1 << 60

// Save returns everything that it remembers.
func (s *System) Save() ([]byte, error) {
	return json.Marshal(saved{saveVersion, s.m.slots, &s.contract, &s.state})
}

// Load takes back what Save returned; of nothing it begins anew. On an error it stays as
// it was.
func (s *System) Load(b []byte) error {
	if len(b) == 0 {
		s.Reset(s.seed)
		return nil
	}
	var c contract
	var st state
	v := saved{Contract: &c, State: &st}
	if err := json.Unmarshal(b, &v); err != nil {
		return fmt.Errorf("state of the ios policy: %w", err)
	}
	if v.Version != saveVersion || v.State == nil || v.Contract == nil {
		return fmt.Errorf("state of the ios policy has version %d, not %d", v.Version, saveVersion)
	}
	if v.Slots != s.m.slots {
		return fmt.Errorf("state of the ios policy was saved with %d slots a day, not %d: set predictor_slot_s as it was", v.Slots, s.m.slots)
	}
	if err := errors.Join(st.check(s.m), c.check()); err != nil {
		return fmt.Errorf("state of the ios policy: %w", err)
	}
	st.Looks.within(s.m.widgetSlots) // it may have been another number
	s.ticks, s.noted, s.unkept = true, record.Never, 0
	for _, p := range c.Waits {
		p.standing = unseen
	}
	s.contract, s.state = c, st
	s.spare = nil
	s.unlook()
	return nil
}

// savedHabit is a habit without what follows from the rest.
type savedHabit struct {
	Today, Known int16
	Days         [][1 + maxSlots/64]uint64 // index into the ring, and its bits; those without are left out
}

// MarshalJSON writes a habit.
func (h *habit) MarshalJSON() ([]byte, error) {
	out := savedHabit{Today: h.Today, Known: h.Known}
	for i, d := range h.Seen {
		if d != [maxSlots / 64]uint64{} {
			out.Days = append(out.Days, [1 + maxSlots/64]uint64{uint64(i), d[0], d[1]})
		}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads a habit.
func (h *habit) UnmarshalJSON(b []byte) error {
	var in savedHabit
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	*h = habit{Today: in.Today, Known: in.Known}
	for _, d := range in.Days {
		if d[0] >= maxDays {
			return fmt.Errorf("day %d of a habit", d[0])
		}
		h.Seen[d[0]] = [maxSlots / 64]uint64{d[1], d[2]}
	}
	for _, d := range h.Seen {
		for i := range h.Count {
			bit := d[i>>6] >> (i & 63) & 1
			h.Count[i] += uint8(bit)
			h.Sum += int32(bit)
		}
	}
	return nil
}

// check refuses what the tables cannot be asked for.
func (s *state) check(m *model) error {
	for _, h := range [...]*habit{&s.Opens, &s.Uses, &s.Looks} {
		if h.Today < 0 || int64(h.Today) >= maxDays || h.Known < 1 && s.Begun || h.Known > maxDays {
			return fmt.Errorf("its habits are of day %d of %d", h.Today, h.Known)
		}
	}
	for _, r := range [...]struct {
		rhythm
		slots int
	}{{s.Slots, m.slots}, {s.Budgets, m.budgetSlots}, {s.Reloads, m.widgetSlots}} {
		if r.Slot < 0 || r.Slot >= r.slots {
			return fmt.Errorf("slot %d of %d", r.Slot, r.slots)
		}
		if r.Ends < -far || r.Ends > far {
			return fmt.Errorf("a slot ends at %d", r.Ends)
		}
	}
	if s.Begun && s.Edge != min(s.Slots.Ends, s.Budgets.Ends, s.Reloads.Ends) {
		return fmt.Errorf("the next slot begins at %d", s.Edge)
	}
	return nil
}

// check refuses what nothing can go on with.
func (c *contract) check() error {
	for _, p := range c.Waits {
		if p == nil {
			return errors.New("a request is missing")
		}
	}
	if c.Process.Launching || len(c.Process.Queue) > 0 {
		return errors.New("its app launches")
	}
	for _, n := range c.Notes.List {
		if n.Every != 0 {
			return errors.New("a notification comes again by itself")
		}
	}
	if c.Dev.Battery < -1 || c.Dev.Battery > 100 {
		return fmt.Errorf("battery at %d %%", c.Dev.Battery)
	}
	return nil
}
