package ios

// accounts are the two budgets that the system gives an app for refreshes. They fill
// up through the day.
type accounts struct {
	Energy int64 // millionths of a unit; below 0: others have taken more than there was
	Cell   int64 // bytes
	Usual  int64 // likelihood of use, summed over the slots of a day
	Today  int64 // use of the phone, µs
	Past   int64 // the same of the days before that count
}

// fill gives a slot's part: of energy by how likely the phone is in use then, of
// cellular data the same in each slot.
func (s *System) fill() {
	a, m := &s.Accounts, s.m
	part := m.budgetPart
	if a.Usual > 0 {
		part = s.likelyUse(s.Budgets.Slot) * one / a.Usual
	}
	a.Energy = min(a.Energy+m.BudgetCapacity*part, m.BudgetCapacity*one)
	a.Cell = min(a.Cell+m.CellBudget/int64(m.budgetSlots), m.CellBudget)
}

// account takes what other apps use while the phone is in use, which on a usual day is
// so much in all. On the first day nothing is usual yet.
func (s *System) account(at int64) {
	if !s.ToldInUse || at <= s.Used {
		return
	}
	a, used := &s.Accounts, at-s.Used
	s.Used = at
	a.Today += used
	if days := int64(s.Uses.Known) - 1; days > 0 && !s.free() {
		usual := max(a.Past/days, minute)
		a.Energy -= s.m.BudgetOther * (min(used, day) * one / usual)
	}
}

// endDay adds the day to the past, of which as many days count as of habits.
func (s *System) endDay() {
	a, days := &s.Accounts, int64(s.Uses.Known)
	if days >= s.m.PredictorDays && days > 1 {
		a.Past -= a.Past / (days - 1)
	}
	a.Past += a.Today
	a.Today = 0
}

// usual sums up the likelihood of use over the slots of a day.
func (s *System) usual() {
	s.Accounts.Usual = 0
	for i := range s.m.budgetSlots {
		s.Accounts.Usual += s.likelyUse(i)
	}
}

// likelyUse is how likely the phone is in use in a slot of the budget.
func (s *System) likelyUse(slot int) int64 {
	return s.Uses.likely(s.m.middles[slot], s.m.slots, s.m.PredictorCentre)
}

// free reports whether energy costs nothing now.
func (s *System) free() bool { return s.Dev.Charging && s.m.BudgetFree != 0 }

// affords reports whether there is energy left for a refresh.
func (s *System) affords() bool { return s.Accounts.Energy > 0 || s.free() }

// charge takes what a refresh costs.
func (s *System) charge(bytes int64) {
	if !s.free() {
		s.Accounts.Energy -= s.m.BudgetRefresh * one
	}
	if s.Dev.Network == NetworkCell {
		s.Accounts.Cell = max(s.Accounts.Cell-bytes, 0)
	}
}
