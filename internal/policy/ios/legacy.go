package ios

import "github.com/lullwork/lull/work"

// What keeps an app from the fetches of setMinimumBackgroundFetchInterval, besides
// GateRefreshOff and GateUnused.
const (
	GateUsesScheduler work.Code = "app_uses_bgtaskscheduler"
	GateNoInterval    work.Code = "no_interval_set"
)

// LegacyFetchBlockedBy returns what keeps an app from being fetched the old way. An
// interval of 0 or less was not set.
func (c *Contract) LegacyFetchBlockedBy(interval, daysSinceUse int64) []work.Code {
	codes := []work.Code{}
	if len(c.app.Permitted) > 0 {
		codes = append(codes, GateUsesScheduler)
	}
	if interval <= 0 {
		codes = append(codes, GateNoInterval)
	}
	if !c.Dev.refreshes() {
		codes = append(codes, GateRefreshOff)
	}
	if daysSinceUse > c.limits.LegacyUnused {
		codes = append(codes, GateUnused)
	}
	return codes
}
