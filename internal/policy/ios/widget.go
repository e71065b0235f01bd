package ios

// ReloadReason is why a widget is given a new timeline.
type ReloadReason string

const (
	ReloadTimeline      ReloadReason = "timeline"             // its policy says so
	ReloadApp           ReloadReason = "app_request"          // the app asks
	ReloadPush          ReloadReason = "push"                 // a WidgetKit push asks
	ReloadLocale        ReloadReason = "locale_change"        // free
	ReloadDynamicType   ReloadReason = "dynamic_type_change"  // free
	ReloadAccessibility ReloadReason = "accessibility_change" // free
)

// Reload is a wish for a new timeline.
type Reload struct {
	Reason     ReloadReason
	Foreground bool // the app is in front
	Media      bool // it has an audio or a navigation session
	Debugger   bool // Xcode is attached
}

// Free reports whether a reload costs nothing of the budget.
func (r Reload) Free() bool {
	switch r.Reason {
	case ReloadLocale, ReloadDynamicType, ReloadAccessibility:
		return true
	}
	return r.Foreground || r.Media || r.Debugger
}

// WidgetBudget counts the reloads of one widget in windows of a length. A window
// begins with the first reload that counts after the last one.
type WidgetBudget struct {
	Used int64
	Ends int64 // engine time
}

// Full reports whether so many reloads of a window are used.
func (b *WidgetBudget) Full(at, most int64) bool {
	return most <= 0 || at < b.Ends && b.Used >= most
}

// Reload says whether a reload takes place, and whether it counts.
func (b *WidgetBudget) Reload(at, most, window int64, r Reload) (reloaded, counted bool) {
	switch {
	case r.Free():
		return true, false
	case b.Full(at, most):
		return false, false
	}
	if at >= b.Ends {
		b.Used, b.Ends = 0, later(at, window)
	}
	b.Used++
	return true, true
}

// widget is one widget of the app.
type widget struct {
	Task string
	WidgetBudget
	allowance
}

// widget returns a task's widget.
func (c *Contract) widget(task string) *widget { return &c.Widgets[c.shelf(task)] }

// shelf is the index of a task's widget.
func (c *Contract) shelf(task string) int {
	for i := range c.Widgets {
		if c.Widgets[i].Task == task {
			return i
		}
	}
	c.Widgets = append(c.Widgets, widget{Task: task})
	return len(c.Widgets) - 1
}

// SetWidget gives the widget another budget, none of which is used.
func (c *Contract) SetWidget(reloads int64) {
	c.reloads = reloads
	c.widget("").WidgetBudget = WidgetBudget{}
}

// ReloadWidget says whether a reload of the widget takes place, and whether it counts.
func (c *Contract) ReloadWidget(r Reload) (reloaded, counted bool) { return c.reload(c.widget(""), r) }

func (c *Contract) reload(w *widget, r Reload) (reloaded, counted bool) {
	return w.Reload(c.now, c.reloads, c.limits.WidgetWindow, r)
}

// TimelinePolicy is when a widget wants its next timeline.
type TimelinePolicy string

const (
	TimelineAtEnd TimelinePolicy = "atEnd" // after the last entry
	TimelineAfter TimelinePolicy = "after" // not before a date
	TimelineNever TimelinePolicy = "never" // when the app asks
)

// NextReload returns the instant of the next reload of a timeline with such entries;
// false: none without the app.
func NextReload(p TimelinePolicy, at int64, entries []int64, after int64) (int64, bool) {
	switch p {
	case TimelineAtEnd:
		for _, e := range entries {
			at = max(at, e)
		}
		return at, true
	case TimelineAfter:
		return max(at, after), true
	}
	return 0, false
}
