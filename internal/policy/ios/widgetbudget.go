package ios

import "github.com/lullwork/lull/internal/record"

// widgetDays are the days by whose views the system sets the budget of a widget.
const widgetDays = 7

// widgetOf returns the widget that waits. It stays where it is as long as anything waits.
func (s *System) widgetOf(p *pending) *widget {
	if p.shelf == 0 {
		p.shelf = s.shelf(p.Task) + 1
	}
	w := &s.Widgets[p.shelf-1]
	if !w.Begun {
		s.allow(w)
	}
	return w
}

// allow lets a widget begin with a part of a day's reloads.
func (s *System) allow(w *widget) {
	w.allowance = allowance{Begun: true, Balance: ofScore(s.m.WidgetReloads*one, s.m.WidgetStart), Reloaded: never}
}

// earned is how many reloads a day the views of the widget earn it, in millionths.
func (s *System) earned() int64 {
	views := int64(s.Looks.Sum) * one / int64(s.Looks.Known)
	share := min(max(views/s.m.WidgetViews, s.m.WidgetStart), one)
	return s.m.WidgetReloads * share
}

// fillWidgets gives each widget the part of a slot, which is the greater the more often
// it is seen at that time of the day.
func (s *System) fillWidgets() {
	if len(s.Widgets) == 0 {
		return // and none waits
	}
	most := s.earned()
	part := s.m.widgetPart
	if total := int64(s.Looks.Sum); total > 0 {
		part = s.Looks.likely(s.Reloads.Slot, s.m.widgetSlots, s.m.PredictorCentre) * int64(s.Looks.Known) / total
	}
	for i := range s.Widgets {
		w := &s.Widgets[i]
		poor := w.Balance < one
		if w.Balance = min(w.Balance+ofScore(most, part), max(most, one)); poor && w.Balance >= one {
			s.stale |= 1 << kindWidget
		}
	}
	for _, p := range s.Waits {
		if p.poor {
			s.goOn(p)
		}
	}
}

// goOn lets the standing of a widget that its balance holds go on for a slot.
func (s *System) goOn(p *pending) {
	p.due, p.ends = s.Reloads.Ends, s.Reloads.Ends
	if full := s.widgetOf(p).Ends; full > s.Edge {
		p.ends = min(p.ends, full)
	}
	p.again = p.ends
}

// timeline is the wish of a widget for its next timeline, as it stands now.
func (s *System) timeline() Reload {
	return Reload{Reason: ReloadTimeline, Foreground: s.Dev.Focal, Media: s.Media, Debugger: s.Dev.Debugger}
}

// reloaded tells that a widget gets a new timeline.
func (s *System) reloaded(at int64, p *pending) {
	w := s.widgetOf(p)
	s.stale |= 1 << kindWidget
	if _, counted := s.reload(w, s.timeline()); counted {
		w.Balance -= one
		w.Reloaded = at
	}
}

// widgetHolds is what keeps a widget from a new timeline.
func (s *System) widgetHolds(at int64, w *widget) (h gateSet) {
	if s.timeline().Free() {
		return 0
	}
	h.addIf(gateSpacing, at < w.Reloaded+s.m.WidgetGap)
	h.addIf(gateBudget, w.Balance < one || w.Full(at, s.Contract.reloads))
	return h
}

// widgetDue is when a widget that waits may get a new timeline.
func (s *System) widgetDue(at int64, w *widget) int64 {
	switch t := w.Reloaded + s.m.WidgetGap; {
	case t > at:
		return t
	case w.Balance < one:
		return s.Reloads.Ends
	case w.Full(at, s.Contract.reloads):
		return w.Ends
	}
	return record.Never
}
