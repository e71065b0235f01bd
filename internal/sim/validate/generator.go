package validate

import (
	"fmt"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim"
	"github.com/lullwork/lull/internal/sim/world"
)

// habits is what people did with their phones. Times are µs.
type habits struct {
	days     int64
	events   int64 // of charger, screen, network and battery
	plugIns  int64
	long     int64 // times on the charger of over 4 h
	plugged  int64 // time
	lit      int64 // times that the screen went on
	breaks   int64 // times that it was off for over 30 min
	idle     int64 // time beyond 30 min for which it was off, off the charger
	atCharge int64 // the same on the charger
}

const breakAfter = 30 * minute

// observe adds what a source tells of some days.
func (h *habits) observe(s world.Source, from, to int64) {
	var facts record.Facts
	lit, plugged := false, false
	last, off, rest, plug := from, from, from, from
	h.days += (to - from) / day
	for {
		at, ev, ok := s.Next()
		if ok = ok && at < to; !ok {
			at = to
		}
		switch {
		case plugged:
			h.plugged += at - last
			if !lit {
				h.atCharge += max(0, at-max(last, off+breakAfter))
			}
		case !lit:
			h.idle += max(0, at-max(last, rest+breakAfter))
		}
		last = at
		if !ok {
			return
		}
		ev.Apply(at, &facts)
		switch ev.Kind {
		case core.SenseScreen:
			h.events++
			if lit = ev.Value == 1; !lit {
				off, rest = at, at
				break
			}
			h.lit++
			if at-off > breakAfter {
				h.breaks++
			}
		case core.SenseUnlocked, core.SenseFacts:
			h.events++
		}
		if is := facts[record.Charging].Value == 1; is != plugged {
			if plugged = is; is {
				h.plugIns++
				plug = at
				continue
			}
			rest = at
			if at-plug > 4*hour {
				h.long++
			}
		}
	}
}

// watchPopulation watches phones of the default population for four weeks.
func watchPopulation(devices int) habits {
	const weeks = 4
	mix := world.DefaultMix()
	from := int64(sim.DefaultStart)
	to := from + weeks*7*day
	var h habits
	for i := range devices {
		who := mix.Member(1, i)
		h.observe(world.New(world.Config{Of: who.Of, Seed: who.Seed, Start: from, End: to}), from, to)
	}
	return h
}

// perDay returns a count a day, in hundredths.
func (h *habits) perDay(n int64) int64 { return (n*100 + h.days/2) / h.days }

// share returns a share of the time, in thousandths.
func (h *habits) share(us int64) int64 { return us / h.days / (day / 1000) }

func tryEventRate() (f finding, err error) {
	h := watchPopulation(300)
	got := h.perDay(h.events)
	f.say("%s events a phone and day", ratio(got, 100))
	f.must(got >= 18_000 && got <= 19_800, "%s events a day", ratio(got, 100))
	return f, nil
}

// ranges are what published logs of up to four phones have: in hundredths a
// day, or thousandths of the time.
var ranges = []struct {
	name      string
	low, high int64
	of        func(*habits) int64
	unit      int64
}{
	{"plug-ins a day", 215, 271, func(h *habits) int64 { return h.perDay(h.plugIns) }, 100},
	{"over 4 h on the charger a day", 76, 132, func(h *habits) int64 { return h.perDay(h.long) }, 100},
	{"share of time plugged", 274, 528, func(h *habits) int64 { return h.share(h.plugged) }, 1000},
	{"screen on a day", 4900, 11_900, func(h *habits) int64 { return h.perDay(h.lit) }, 100},
	{"screen off for over 30 min a day", 380, 820, func(h *habits) int64 { return h.perDay(h.breaks) }, 100},
	{"share of time that deep Doze could take", 28, 203, func(h *habits) int64 { return h.share(h.idle) }, 1000},
	{"share of time idle and plugged", 350, 382, func(h *habits) int64 { return h.share(h.atCharge) }, 1000},
}

func tryHabits() (f finding, err error) {
	h := watchPopulation(300)
	text := ""
	for i, m := range ranges {
		if i > 0 {
			text += ", "
		}
		got := m.of(&h)
		text += fmt.Sprintf("%s %s", m.name, places(got, m.unit))
		f.must(got >= m.low && got <= m.high, "%s: %s is not in %s to %s", m.name, places(got, m.unit), places(m.low, m.unit), places(m.high, m.unit))
	}
	f.say("%s", text)
	return f, nil
}

// places writes a number of hundredths or thousandths.
func places(n, unit int64) string {
	if unit == 1000 {
		return fmt.Sprintf("%d.%03d", n/1000, n%1000)
	}
	return fmt.Sprintf("%d.%02d", n/100, n%100)
}
