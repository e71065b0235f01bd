package ios

import (
	"encoding/json"
	"fmt"
)

// saved is a state with what it depends on.
type saved struct {
	Version int
	Slots   int // of a day, as the tables of habits count them
	State   *state
}

const saveVersion = 1

// Save returns everything that it remembers.
func (s *System) Save() ([]byte, error) {
	return json.Marshal(saved{saveVersion, s.m.slots, &s.state})
}

// Load takes back what Save returned. On an error it stays as it was.
func (s *System) Load(b []byte) error {
	var st state
	v := saved{State: &st}
	if err := json.Unmarshal(b, &v); err != nil {
		return fmt.Errorf("state of the ios policy: %w", err)
	}
	if v.Version != saveVersion || v.State == nil {
		return fmt.Errorf("state of the ios policy has version %d, not %d", v.Version, saveVersion)
	}
	if v.Slots != s.m.slots {
		return fmt.Errorf("state of the ios policy was saved with %d slots a day, not %d: set predictor_slot_s as it was", v.Slots, s.m.slots)
	}
	if err := st.check(s.m); err != nil {
		return fmt.Errorf("state of the ios policy: %w", err)
	}
	s.state = st
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
	}
	if s.Dev.Battery < -1 || s.Dev.Battery > 100 {
		return fmt.Errorf("battery at %d %%", s.Dev.Battery)
	}
	return nil
}
