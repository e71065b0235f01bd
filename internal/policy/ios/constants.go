// Package ios holds the rules of iOS for what an app does in the background: what its
// calls answer, when the system may start a task, and what becomes of it.
package ios

const (
	second = 1_000_000 // µs
	minute = 60 * second
	day    = 86_400 * second
)

// Limits are the values of iOS that the contract rests on, each of which may be set to
// another one by its name. Durations are µs. DefaultLimits returns them filled in.
type Limits struct {
	MinDelay           int64 // from submit to the start of the window
	RefreshWindow      int64
	ProcessingWindow   int64
	HealthWindow       int64
	RefreshRequests    int64 // pending at a time
	ProcessingRequests int64 // health research counts as one
	IdentifierLength   int64

	PowerReleasePercent  int64 // charge from which a charger lifts Low Power Mode
	PadProcessingPercent int64 // charge from which a tablet processes off the charger
	CriticalPercent      int64
	UnusedRefresh        int64 // days without use after which nothing is refreshed
	UnusedProcessing     int64

	RefreshLimit   int64 // of a run
	Grace          int64 // between expiration and kill
	AssertionLimit int64
	PushLimit      int64
	TransferDelay  int64 // of the first resume; it doubles with each

	NotificationsKept int64
	MinRepeat         int64
	WidgetReloads     int64 // in a window
	WidgetWindow      int64
	LegacyUnused      int64 // days
}

// Constant is one value of the platform, with where it comes from.
type Constant struct {
	Name   string // for profiles
	Value  int64  // default, in Unit
	Unit   string // s, %, days, or what is counted
	Since  string // version that it holds from
	Source string
	Tag    string // evidence, as in Parameter

	field func(*Limits) *int64
}

// Set gives limits another value, in the constant's unit.
func (c Constant) Set(l *Limits, value int64) { *c.field(l) = value * c.scale() }

// Of returns the value that limits have, in the constant's unit.
func (c Constant) Of(l *Limits) int64 { return *c.field(l) / c.scale() }

func (c Constant) scale() int64 {
	if c.Unit == "s" {
		return second
	}
	return 1
}

const (
	headers   = "BackgroundTasks headers BGTaskScheduler.h, BGTask.h, BGTaskRequest.h"
	scheduler = "third-party analysis of BackgroundTasks.framework"
	duet      = "third-party analysis of DuetActivityScheduler"
	dasd      = "third-party analysis of dasd"
	apple     = "developer.apple.com/documentation/"
	talk      = "WWDC20 10063 (third-party notes)"
)

// Constants lists every value that the contract uses.
func Constants() []Constant {
	return []Constant{
		{"min_delay_after_submit_s", 450, "s", "iOS 13", duet + "; fluttercommunity/flutter_workmanager#557", "observed+3rd", func(l *Limits) *int64 { return &l.MinDelay }},
		{"refresh_window_s", 86_400, "s", "iOS 13", duet, "observed", func(l *Limits) *int64 { return &l.RefreshWindow }},
		{"processing_window_s", 604_800, "s", "iOS 13", duet + "; fluttercommunity/flutter_workmanager#557", "observed+3rd", func(l *Limits) *int64 { return &l.ProcessingWindow }},
		{"health_window_s", 600, "s", "iOS 17", duet, "observed", func(l *Limits) *int64 { return &l.HealthWindow }},
		{"refresh_requests", 1, "requests", "iOS 13", headers, "doc", func(l *Limits) *int64 { return &l.RefreshRequests }},
		{"processing_requests", 10, "requests", "iOS 13", headers, "doc", func(l *Limits) *int64 { return &l.ProcessingRequests }},
		{"identifier_length", 128, "characters", "iOS 13", duet, "observed", func(l *Limits) *int64 { return &l.IdentifierLength }},
		{"lpm_plug_release_pct", 30, "%", "iOS 13", dasd + ": low power mode policy", "observed", func(l *Limits) *int64 { return &l.PowerReleasePercent }},
		{"ipad_processing_battery_pct", 75, "%", "iPadOS 13", dasd + ": battery level policy", "observed", func(l *Limits) *int64 { return &l.PadProcessingPercent }},
		{"battery_floor_pct", 20, "%", "iOS 13", talk + "; " + dasd + ": battery level policy", "doc+observed", func(l *Limits) *int64 { return &l.CriticalPercent }},
		{"unused_days_refresh", 14, "days", "iOS 13", dasd + ": background app refresh", "observed+assumed", func(l *Limits) *int64 { return &l.UnusedRefresh }},
		{"unused_days_processing", 14, "days", "iOS 13", talk + "; " + dasd + ": background app refresh", "doc+observed", func(l *Limits) *int64 { return &l.UnusedProcessing }},
		{"refresh_limit_s", 30, "s", "iOS 13", apple + "backgroundtasks/bgapprefreshtask", "doc", func(l *Limits) *int64 { return &l.RefreshLimit }},
		{"grace_s", 5, "s", "iOS 13", "not documented; brewkits/kmpworkmanager: some hundred ms", "assumed", func(l *Limits) *int64 { return &l.Grace }},
		{"assertion_limit_s", 30, "s", "iOS 13", apple + "uikit/uiapplication/beginbackgroundtask; forum 85066", "3rd", func(l *Limits) *int64 { return &l.AssertionLimit }},
		{"push_limit_s", 30, "s", "iOS 7", apple + "usernotifications/pushing-background-updates-to-your-app", "doc", func(l *Limits) *int64 { return &l.PushLimit }},
		{"transfer_delay_s", 300, "s", "iOS 7", "the rule: " + apple + "foundation/downloading-files-in-the-background; its first delay is not published", "assumed", func(l *Limits) *int64 { return &l.TransferDelay }},
		{"notifications_kept", 64, "notifications", "iOS 4", apple + "uikit/uilocalnotification", "doc", func(l *Limits) *int64 { return &l.NotificationsKept }},
		{"min_repeat_s", 60, "s", "iOS 10", apple + "usernotifications/untimeintervalnotificationtrigger", "doc", func(l *Limits) *int64 { return &l.MinRepeat }},
		{"widget_reloads", 72, "reloads", "iOS 14", "forum 758400, 768739; 40 to 70: " + apple + "widgetkit/keeping-a-widget-up-to-date", "3rd", func(l *Limits) *int64 { return &l.WidgetReloads }},
		{"widget_window_s", 86_400, "s", "iOS 14", apple + "widgetkit/keeping-a-widget-up-to-date", "doc", func(l *Limits) *int64 { return &l.WidgetWindow }},
		{"legacy_unused_days", 14, "days", "iOS 13", dasd + ": background app refresh", "observed", func(l *Limits) *int64 { return &l.LegacyUnused }},
	}
}

// DefaultLimits returns the values of Constants.
func DefaultLimits() Limits {
	var l Limits
	for _, c := range Constants() {
		c.Set(&l, c.Value)
	}
	return l
}
