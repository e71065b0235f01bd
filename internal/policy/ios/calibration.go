package ios

// Model are the numbers of the model, as far as the contract does not have them.
type Model struct {
	Rescore           int64
	LookaheadMin      int64
	LookaheadJitter   int64
	LookaheadRedraw   int64
	DefaultUse        int64
	PredictorDays     int64
	PredictorSlot     int64
	PredictorCentre   int64
	LearnDays         int64
	AppCliff          int64
	AppFloor          int64
	AppPending        int64
	AppLocked         int64
	OverdueMult       int64
	OverdueBonus      int64
	OverduePromote    int64
	RecentApps        int64
	RecentPerApp      int64
	DeviceFloor       int64
	BatteryExponent   int64
	BatteryPlugMult   int64
	WeightApp         int64
	WeightDevice      int64
	WeightBattery     int64
	Theta0            int64
	Theta1            int64
	RefreshSlot       int64
	LaunchSpacing     int64
	UnusedCheck       int64
	RefreshInUse      int64
	BudgetSlots       int64
	BudgetCapacity    int64
	BudgetOther       int64
	BudgetRefresh     int64
	BudgetFree        int64
	CellBudget        int64
	ProcessingSpacing int64
	ProcessingIdle    int64
	ProcessingAnyway  int64
	ProcessingSlot    int64
	ProcessingLimit   int64
	ProcessingLeast   int64
	ProcessingMost    int64
	ProcessingSpread  int64
	UtilityPercent    int64
	MonitorShare      int64
	MonitorWindow     int64
	PushesPerHour     int64
	PushSpacing       int64
	ContinuedRoom     int64
	ContinuedStall    int64
	ContinuedThermal  int64
	TransferPatience  int64
	WidgetSlots       int64
	WidgetStart       int64
	WidgetGap         int64
	WidgetViews       int64
}

// modelConstant is one number of the model, with where it comes from.
type modelConstant struct {
	name   string
	value  int64 // in unit, a share in millionths
	unit   string
	since  string
	source string
	tag    string
	field  func(*Model) *int64
}

// ours is the source of what nobody has published.
const ours = "assumption of ours"

// modelConstants lists every number of the model.
func modelConstants() []modelConstant {
	const (
		app     = dasd + ": application policy"
		level   = dasd + ": battery level policy"
		device  = dasd + ": device activity policy"
		energy  = dasd + ": energy budget"
		budgets = dasd + ": system budgets"
		widgets = dasd + ": widget budgets"
		dasBar  = dasd + ": background app refresh"
		monitor = "transistorsoft/react-native-background-fetch#323, ryanbr/noop#2318"
	)
	return []modelConstant{
		{"rescore_s", 900, unitSeconds, "iOS 13", dasd + ": answers of policies are valid so long", "observed", func(m *Model) *int64 { return &m.Rescore }},
		{"lookahead_min_s", 450, unitSeconds, "iOS 13", app, "observed", func(m *Model) *int64 { return &m.LookaheadMin }},
		{"lookahead_jitter_s", 1350, unitSeconds, "iOS 13", app, "observed", func(m *Model) *int64 { return &m.LookaheadJitter }},
		{"lookahead_redraw_s", 300, unitSeconds, "iOS 13", app, "observed", func(m *Model) *int64 { return &m.LookaheadRedraw }},
		{"p_default", 2_500, unitShare, "iOS 13", app + ", of an app it knows nothing of", "observed", func(m *Model) *int64 { return &m.DefaultUse }},
		{"predictor_days", 28, "days", "iOS 13", ours, "assumed", func(m *Model) *int64 { return &m.PredictorDays }},
		{"predictor_slot_s", 1800, unitSeconds, "iOS 13", ours, "assumed", func(m *Model) *int64 { return &m.PredictorSlot }},
		{"predictor_centre", 600_000, unitShare, "iOS 13", ours + ": the rest is shared by the slots on both sides", "assumed", func(m *Model) *int64 { return &m.PredictorCentre }},
		{"learn_days", 2, "days", "iOS 13", "fluttercommunity/flutter_workmanager PR 511", "3rd", func(m *Model) *int64 { return &m.LearnDays }},
		{"app_score_cliff", 250_000, unitShare, "iOS 13", app + ": what is above counts as 1", "observed", func(m *Model) *int64 { return &m.AppCliff }},
		{"app_score_floor", 10_000, unitShare, "iOS 13", app, "observed", func(m *Model) *int64 { return &m.AppFloor }},
		{"app_score_pending", 100_000, unitShare, "iOS 13", app + ": for each further launch of the app that is pending, as for a push", "observed", func(m *Model) *int64 { return &m.AppPending }},
		{"app_score_locked", 500_000, unitShare, "iOS 13", app + ": from boot to the first unlock", "observed", func(m *Model) *int64 { return &m.AppLocked }},
		{"overdue_mult", 650_000, unitShare, "iOS 13", app, "observed", func(m *Model) *int64 { return &m.OverdueMult }},
		{"overdue_recent_bonus", 350_000, unitShare, "iOS 13", app, "observed", func(m *Model) *int64 { return &m.OverdueBonus }},
		{"overdue_promote", 500_000, unitShare, "iOS 13", app + ": what is above counts as 1", "observed", func(m *Model) *int64 { return &m.OverduePromote }},
		{"recent_apps_kept", 25, "apps", "iOS 13", app, "observed", func(m *Model) *int64 { return &m.RecentApps }},
		{"recent_s_per_app", 10_368, unitSeconds, "iOS 13", ours + ": 25 apps are those of the last 3 days", "assumed", func(m *Model) *int64 { return &m.RecentPerApp }},
		{"device_score_floor", 50_000, unitShare, "iOS 13", device, "observed", func(m *Model) *int64 { return &m.DeviceFloor }},
		{"battery_exponent", 500_000, unitShare, "iOS 13", level, "observed", func(m *Model) *int64 { return &m.BatteryExponent }},
		{"battery_plug_mult", 1_200_000, unitShare, "iOS 13", level, "observed", func(m *Model) *int64 { return &m.BatteryPlugMult }},
		{"w_app", 50, "weight", "iOS 13", app, "observed", func(m *Model) *int64 { return &m.WeightApp }},
		{"w_device", 5, "weight", "iOS 13", device + "; cocoa-mhlw/cocoa#644", "observed+3rd", func(m *Model) *int64 { return &m.WeightDevice }},
		{"w_battery", 10, "weight", "iOS 13", ours, "assumed", func(m *Model) *int64 { return &m.WeightBattery }},
		{"theta0", 800_000, unitShare, "iOS 13", ours, "assumed", func(m *Model) *int64 { return &m.Theta0 }},
		{"theta1", 330_000, unitShare, "iOS 13", ours, "assumed", func(m *Model) *int64 { return &m.Theta1 }},
		{"p_slot_refresh", 250_000, unitShare, "iOS 13", ours + ": contention; that three apps refresh at once is observed", "assumed", func(m *Model) *int64 { return &m.RefreshSlot }},
		{"launch_spacing_s", 900, unitSeconds, "iOS 13", talk + " for pushes; for refresh an " + ours, "3rd+assumed", func(m *Model) *int64 { return &m.LaunchSpacing }},
		{"unused_check_s", 10_800, unitSeconds, "iOS 13", dasBar, "observed", func(m *Model) *int64 { return &m.UnusedCheck }},
		{"refresh_in_use_s", 2, unitSeconds, "iOS 13", "Apple developer forums 780956: expired 2 to 5 s after the user unlocks", "3rd", func(m *Model) *int64 { return &m.RefreshInUse }},
		{"budget_slots_per_day", 48, "slots", "iOS 13", energy, "observed", func(m *Model) *int64 { return &m.BudgetSlots }},
		{"budget_capacity", 200, "units", "iOS 13", energy + "; what a unit is, is not known", "observed", func(m *Model) *int64 { return &m.BudgetCapacity }},
		{"budget_other_use_per_day", 180, "units", "iOS 13", ours, "assumed", func(m *Model) *int64 { return &m.BudgetOther }},
		{"budget_refresh_cost", 5, "units", "iOS 13", ours, "assumed", func(m *Model) *int64 { return &m.BudgetRefresh }},
		{"budget_free_when_plugged", 1, unitSwitch, "iOS 13", energy, "observed", func(m *Model) *int64 { return &m.BudgetFree }},
		{"cell_budget_bytes", 52_428_800, "bytes", "iOS 13", budgets, "observed", func(m *Model) *int64 { return &m.CellBudget }},
		{"processing_spacing_s", 72_000, unitSeconds, "iOS 13", ours, "assumed", func(m *Model) *int64 { return &m.ProcessingSpacing }},
		{"idle_before_processing_s", 2_700, unitSeconds, "iOS 13", ours, "assumed", func(m *Model) *int64 { return &m.ProcessingIdle }},
		{"iphone_processes_off_charger", 0, unitSwitch, "iOS 13", level + ": never; then as on an iPad", "observed", func(m *Model) *int64 { return &m.ProcessingAnyway }},
		{"p_slot_processing", 100_000, unitShare, "iOS 13", ours, "assumed", func(m *Model) *int64 { return &m.ProcessingSlot }},
		{"processing_limit_mean_s", 300, unitSeconds, "iOS 13", "transistorsoft/react-native-background-fetch#322, zingolabs/zingo-mobile#599", "3rd", func(m *Model) *int64 { return &m.ProcessingLimit }},
		{"processing_limit_min_s", 60, unitSeconds, "iOS 13", "documentation of brewkits/kmpworkmanager", "3rd", func(m *Model) *int64 { return &m.ProcessingLeast }},
		{"processing_limit_max_s", 600, unitSeconds, "iOS 13", "documentation of brewkits/kmpworkmanager", "3rd", func(m *Model) *int64 { return &m.ProcessingMost }},
		{"processing_limit_spread", 500_000, unitShare, "iOS 13", ours + ": deviation of the logarithm", "assumed", func(m *Model) *int64 { return &m.ProcessingSpread }},
		{"utility_battery_floor_pct", 10, "%", "iOS 17", level, "observed", func(m *Model) *int64 { return &m.UtilityPercent }},
		{"cpu_monitor_share", 800_000, unitShare, "iOS 13", monitor, "3rd", func(m *Model) *int64 { return &m.MonitorShare }},
		{"cpu_monitor_window_s", 60, unitSeconds, "iOS 13", monitor, "3rd", func(m *Model) *int64 { return &m.MonitorWindow }},
		{"pushes_per_hour", 3, "launches", "iOS 7", apple + "usernotifications/pushing-background-updates-to-your-app: two or three", "doc", func(m *Model) *int64 { return &m.PushesPerHour }},
		{"push_spacing_s", 900, unitSeconds, "iOS 13", talk + ": 14 pushes, 7 launches, 15 min apart", "3rd", func(m *Model) *int64 { return &m.PushSpacing }},
		{"continued_room", 2, "tasks", "iOS 26", ours + "; that there is a limit is documented", "assumed", func(m *Model) *int64 { return &m.ContinuedRoom }},
		{"continued_stall_s", 60, unitSeconds, "iOS 26", ours + "; that stalled tasks are the first to go is documented", "assumed", func(m *Model) *int64 { return &m.ContinuedStall }},
		{"continued_thermal_per_min", 20_000, unitShare, "iOS 26", ours, "assumed", func(m *Model) *int64 { return &m.ContinuedThermal }},
		{"transfer_patience_s", 86_400, unitSeconds, "iOS 7", ours + ": for Wi-Fi and power; that discretionary transfers prefer both: " + talk, "assumed", func(m *Model) *int64 { return &m.TransferPatience }},
		{"widget_slots_per_day", 96, "slots", "iOS 14", widgets, "observed", func(m *Model) *int64 { return &m.WidgetSlots }},
		{"widget_start", 50_000, unitShare, "iOS 14", widgets, "observed", func(m *Model) *int64 { return &m.WidgetStart }},
		{"widget_gap_s", 300, unitSeconds, "iOS 14", "common knowledge", "mem", func(m *Model) *int64 { return &m.WidgetGap }},
		{"widget_views_full", 10, "views a day", "iOS 14", ours + ": the views that earn the whole budget; that it follows the views of 7 days is observed", "assumed", func(m *Model) *int64 { return &m.WidgetViews }},
	}
}
