package ios

import "github.com/lullwork/lull/internal/record"

// forgotten is a time after which nothing is left of habits.
const forgotten = 400 * day

// cross goes through the slots that have ended. What habits tell is never kept for longer.
// Who looks whether any has goes by it as a rule.
//
//go:noinline
func (s *System) cross(at int64) {
	if at-s.Edge > forgotten {
		s.Opens.begin()
		s.Uses.begin()
		s.Looks.begin()
		s.align(at)
	}
	for at >= s.Edge {
		s.account(s.Edge)
		if s.Slots.Ends == s.Edge {
			s.Slots.next(s.m.slotLength)
			s.newDay()
			if s.ToldInUse {
				s.Uses.mark(s.Slots.Slot)
			}
		}
		if s.Budgets.Ends == s.Edge {
			s.Budgets.next(s.m.budgetLength)
			s.fill()
		}
		if s.Reloads.Ends == s.Edge {
			s.Reloads.next(s.m.widgetLength)
			s.fillWidgets()
		}
		s.Edge = min(s.Slots.Ends, s.Budgets.Ends, s.Reloads.Ends)
	}
}

// align moves all rhythms to an instant of local time.
func (s *System) align(at int64) {
	s.Slots.set(at, s.Shift, s.m.slotLength)
	s.Budgets.set(at, s.Shift, s.m.budgetLength)
	s.Reloads.set(at, s.Shift, s.m.widgetLength)
	s.Edge = min(s.Slots.Ends, s.Budgets.Ends, s.Reloads.Ends)
	s.stale |= 1 << kindWidget
}

// travel tells that local time is engine time plus shift. A day that comes twice counts
// as one, and one that is left out is none.
func (s *System) travel(at, shift int64) {
	s.relearn()
	s.Shift = shift
	s.align(at)
	if at == s.Installed {
		s.Day = s.Slots.Day
	}
	s.newDay()
}

// newDay goes on to the next day of habits, if it is one.
func (s *System) newDay() {
	if s.Slots.Day <= s.Day {
		return
	}
	s.Day = s.Slots.Day
	s.endDay()
	s.Opens.turn(s.m.PredictorDays)
	s.Uses.turn(s.m.PredictorDays)
	s.Looks.turn(widgetDays)
	s.usual()
}

// begins is the first that it hears of the device.
func (s *System) begins(at int64) {
	s.Begun = true
	s.relearn()
	s.Opens.begin()
	s.Uses.begin()
	s.Looks.begin()
	s.align(at)
	s.usual()
	s.Day = s.Slots.Day
	s.Installed, s.LastUse = at, at
	s.Left, s.Plugged = at, at
	s.refill()
}

// refill sets the budgets to what they are after a boot.
func (s *System) refill() {
	s.Accounts.Energy = s.m.BudgetCapacity * one / 100 * max(s.Dev.Battery, 0)
	s.Accounts.Cell = s.m.CellBudget
}

// facts are values of the facts that count, as they were told last.
type facts struct{ charging, saves, battery, connected, metered int64 }

// look takes in the facts, and reports whether a decision may hang on what is new.
func (s *System) look(at int64, f *record.Facts) bool {
	if at >= s.Edge {
		s.cross(at)
	}
	if x := &s.last; s.looked && f[record.Charging].Value == x.charging && f[record.LowPower].Value == x.saves &&
		f[record.BatteryLevel].Value == x.battery && f[record.Connected].Value == x.connected && f[record.Metered].Value == x.metered {
		return false
	}
	return s.takeIn(at, f)
}

// takeIn is look where anything is new, which is rare.
//
//go:noinline
func (s *System) takeIn(at int64, f *record.Facts) bool {
	s.touched()
	s.looked = s.Screened // else there is more to look at
	s.stale |= outside
	s.last = facts{f[record.Charging].Value, f[record.LowPower].Value, f[record.BatteryLevel].Value, f[record.Connected].Value, f[record.Metered].Value}
	charging, saves := f[record.Charging].Value == 1, f[record.LowPower].Value == 1
	battery, net, metered := level(f), network(f), f[record.Metered].Value != 0
	used := s.ToldInUse
	if !s.Screened {
		used = f[record.Idle].Value == 0
	}
	d := &s.Dev
	if s.Begun && charging == d.Charging && saves == d.LowPower && net == d.Network && metered == s.Metered && used == s.ToldInUse {
		if battery == d.Battery {
			return false
		}
		old := d.Battery
		d.Battery = battery
		return old < 0 || battery < 0 || s.m.batteryStep[old] != s.m.batteryStep[battery]
	}
	before := *d
	d.LowPower, d.Network, d.Battery, s.Metered = saves, net, battery, metered
	if !s.Begun {
		s.begins(at)
	}
	if charging != d.Charging {
		s.plug(at, charging)
	}
	if used != s.ToldInUse {
		s.use(at, used)
	}
	s.until(at)
	s.interrupt(&before)
	if before.Network == NetworkNone {
		s.connected()
	}
	return true
}
