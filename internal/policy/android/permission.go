package android

import "fmt"

// Permission is a set of what an app declares in its manifest.
type Permission uint16

// The permissions that apps of this kind declare. Those from IgnoreBatteryOptimizations
// on decide nothing here: what matters is whether the user exempts the app.
const (
	PostNotifications Permission = 1 << iota
	ScheduleExactAlarm
	UseExactAlarm
	RunUserInitiatedJobs
	ReceiveBootCompleted
	ForegroundService
	ForegroundServiceDataSync
	IgnoreBatteryOptimizations
	Internet
	WakeLock
)

// permissionNames are in the order of their bits.
var permissionNames = []string{
	"post-notifications", "schedule-exact-alarm", "use-exact-alarm", "run-user-initiated-jobs", "receive-boot-completed",
	"foreground-service", "foreground-service-data-sync", "ignore-battery-optimizations", "internet", "wake-lock",
}

// Permissions returns the set of what names say.
func Permissions(names ...string) (Permission, error) {
	var set Permission
next:
	for _, name := range names {
		for i, n := range permissionNames {
			if n == name {
				set |= 1 << i
				continue next
			}
		}
		return 0, fmt.Errorf("unknown permission %q%s", name, meant(name, permissionNames))
	}
	return set, nil
}

// Has reports whether all of q are in the set.
func (p Permission) Has(q Permission) bool { return p&q == q }
