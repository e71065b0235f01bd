package ios

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
)

// widgetDays are the days by whose views the system sets the budget of a widget.
const widgetDays = 7

// widget is the reload budget of one widget of the app.
type widget struct {
	Task     string
	Key      uint64
	Balance  int64 // millionths of a reload
	Reloaded int64
}

// widgetOf returns a task's widget.
func (s *System) widgetOf(task string, key uint64) *widget {
	for i := range s.Widgets {
		if s.Widgets[i].Task == task {
			return &s.Widgets[i]
		}
	}
	s.Widgets = append(s.Widgets, widget{Task: task, Key: key, Balance: ofScore(s.m.WidgetReloads*one, s.m.WidgetStart), Reloaded: never})
	return &s.Widgets[len(s.Widgets)-1]
}

// reloads is how many reloads a day the views of the widget earn it, in millionths.
func (s *System) reloads() int64 {
	views := s.Looks.total(s.m.widgetSlots) * one / int64(s.Looks.Known)
	share := min(max(views/s.m.WidgetViews, s.m.WidgetStart), one)
	return s.m.WidgetReloads * share
}

// fillWidgets gives each widget the part of a slot, which is the greater the more often
// it is seen at that time of the day.
func (s *System) fillWidgets() {
	if len(s.Widgets) == 0 {
		return
	}
	most := s.reloads()
	part := int64(one) / int64(s.m.widgetSlots)
	if total := s.Looks.total(s.m.widgetSlots); total > 0 {
		part = s.Looks.likely(s.Reloads.Slot, s.m.widgetSlots, s.m.PredictorCentre) * int64(s.Looks.Known) / total
	}
	for i := range s.Widgets {
		w := &s.Widgets[i]
		w.Balance = min(w.Balance+ofScore(most, part), max(most, one))
	}
}

// reloadFree reports whether a reload costs nothing now.
func (s *System) reloadFree() bool {
	return Reload{Reason: ReloadTimeline, Foreground: s.Dev.Focal, Media: s.Media, Debugger: s.Dev.Debugger}.Free()
}

// reloaded tells that a widget gets a new timeline.
func (s *System) reloaded(at int64, p *pending) {
	if w := s.widgetOf(p.Task, p.Key); !s.reloadFree() {
		w.Balance -= one
		w.Reloaded = at
	}
}

// widgetGates yields what keeps a widget from a new timeline.
func (s *System) widgetGates(at int64, p *pending, yield func(core.Gate) bool) {
	if s.reloadFree() {
		return
	}
	w := s.widgetOf(p.Task, p.Key)
	if t := w.Reloaded + s.m.WidgetGap; at < t && !yield(s.wait(GateSpacing, t, false)) {
		return
	}
	if w.Balance < one {
		yield(core.Gate{Code: GateBudget, Until: record.Never, Edit: core.Edit{Kind: core.EditRefill, Code: GateBudget}, Assumed: true})
	}
}

// widgetDue is when a widget that waits may get a new timeline.
func (s *System) widgetDue(p *pending, at int64) int64 {
	w := s.widgetOf(p.Task, p.Key)
	if t := w.Reloaded + s.m.WidgetGap; t > at {
		return t
	}
	if w.Balance < one {
		return s.Reloads.Ends
	}
	return record.Never
}
