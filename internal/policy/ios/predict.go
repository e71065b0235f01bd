package ios

import "math/bits"

// Sizes of the tables of habits: a parameter may ask for less.
const (
	maxDays  = 64
	maxSlots = 128
)

// habit remembers in which slots of which of the last days something happened: a launch
// of the app, a use of the phone, a look at a widget.
type habit struct {
	Seen  [maxDays][maxSlots / 64]uint64 // a bit a slot, of each day; a ring
	Count [maxSlots]uint8                // days with a bit, by slot
	Sum   int32                          // of them
	Today int16                          // index into Seen
	Known int16                          // days that count, today among them
}

// mark notes that it happened in a slot of today, and reports whether that is new.
func (h *habit) mark(slot int) (anew bool) {
	word, bit := &h.Seen[h.Today][slot>>6], uint64(1)<<(slot&63)
	if anew = *word&bit == 0; anew {
		*word |= bit
		h.Count[slot]++
		h.Sum++
	}
	return anew
}

// turn begins a new day. Days beyond those that count are forgotten.
func (h *habit) turn(days int64) {
	h.Known = min(h.Known+1, int16(days))
	if h.Today++; int64(h.Today) >= days {
		h.Today = 0
	}
	old := &h.Seen[h.Today]
	for i := range old {
		for old[i] != 0 {
			bit := bits.TrailingZeros64(old[i])
			old[i] &= old[i] - 1
			h.Count[i<<6+bit]--
			h.Sum--
		}
	}
}

// begin forgets everything.
func (h *habit) begin() { *h = habit{Known: 1} }

// likely is how likely it happens in a slot of the day: the share of the days on which
// it did, smoothed over the slots on both sides.
func (h *habit) likely(slot, slots int, centre int64) int64 {
	before, after := slot-1, slot+1
	if before < 0 {
		before = slots - 1
	}
	if after == slots {
		after = 0
	}
	const within = maxSlots - 1
	n := centre*int64(h.Count[slot&within]) + (one-centre)/2*int64(h.Count[before&within]+h.Count[after&within])
	return min(n/int64(h.Known), one)
}

// within forgets what happened in slots that a day does not have.
func (h *habit) within(slots int) {
	for i := range h.Seen {
		for slot := slots; slot < maxSlots; slot++ {
			if bit := uint64(1) << (slot & 63); h.Seen[i][slot>>6]&bit != 0 {
				h.Seen[i][slot>>6] &^= bit
				h.Count[slot]--
				h.Sum--
			}
		}
	}
}

// rhythm divides each day of local time into slots of equal length.
type rhythm struct {
	Slot int   // of today
	Ends int64 // engine time of the end of the slot
	Day  int64 // days of local time since its zero
}

// set moves a rhythm to an instant.
func (r *rhythm) set(at, shift, length int64) {
	r.Day = floorDiv(at+shift, day)
	clock := at + shift - r.Day*day
	r.Slot = int(clock / length)
	r.Ends = at - clock + min(int64(r.Slot+1)*length, day)
}

// next goes on to the next slot.
func (r *rhythm) next(length int64) {
	begun := int64(r.Slot+1) * length
	r.Slot++
	if begun >= day {
		r.Slot, begun = 0, 0
		r.Day++
	}
	r.Ends += min(length, day-begun)
}

// floorDiv divides and rounds down, also below zero; b > 0.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// slotOf is the slot that a time of the day is in, which may be one of another day.
func slotOf(clock, length int64) int { return int((clock - floorDiv(clock, day)*day) / length) }
