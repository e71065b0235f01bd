package ios

// accounts are the two budgets that the system gives an app for refreshes. They fill
// up through the day.
type accounts struct {
	Energy int64 // millionths of a unit
	Cell   int64 // bytes
	Used   bool  // the phone was in use in this slot
	Usual  int64 // likelihood of use, summed over the slots of a day
}

// fill gives a slot's part: of energy by how likely the phone is in use then, of which
// other apps take theirs, and of cellular data the same in each slot.
func (s *System) fill() {
	a, m := &s.Accounts, s.m
	likely := s.likelyUse(s.Budgets.Slot)
	part := int64(one) / int64(m.budgetSlots)
	if a.Usual > 0 {
		part = likely * one / a.Usual
	}
	a.Energy = min(a.Energy+m.BudgetCapacity*part, m.BudgetCapacity*one)
	a.Cell = min(a.Cell+m.CellBudget/int64(m.budgetSlots), m.CellBudget)
}

// spend takes what other apps have used in the slot that ends.
func (s *System) spend() {
	a, m := &s.Accounts, s.m
	if s.free() {
		return
	}
	part := int64(one) / int64(m.budgetSlots)
	if a.Usual > 0 {
		part = s.likelyUse(s.Budgets.Slot) * one / a.Usual
	}
	a.Energy = max(a.Energy-m.BudgetOther*part, 0)
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
	middle := int64(slot)*s.m.budgetLength + s.m.budgetLength/2
	return s.Uses.likely(slotAfter(middle, s.m.slotLength), s.m.slots, s.m.PredictorCentre)
}

// free reports whether energy costs nothing now.
func (s *System) free() bool { return s.Dev.Charging && s.m.BudgetFree != 0 }

// charge takes what a refresh costs.
func (s *System) charge(bytes int64) {
	if !s.free() {
		s.Accounts.Energy -= s.m.BudgetRefresh * one
	}
	if s.Dev.Network == NetworkCell {
		s.Accounts.Cell = max(s.Accounts.Cell-bytes, 0)
	}
}
