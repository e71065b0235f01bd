package lulltest

import "github.com/lullwork/lull/internal/core"

// Launch lets a debugger launch what waits of a task, whatever the system holds it for: on
// an iPhone Xcode's _simulateLaunchForTaskWithIdentifier, which needs a request that is
// pending and asks for nothing else, not even its date; on Android cmd jobscheduler run,
// for which the conditions that the task needs must be met. Whether it runs is seen by Runs.
func (h *Handset) Launch(task string) {
	h.t.Helper()
	h.debug(core.SenseDebugLaunch, task)
}

// Expire lets a debugger end the time of a run of a task: on an iPhone only of one that it
// has launched.
func (h *Handset) Expire(task string) {
	h.t.Helper()
	h.debug(core.SenseDebugExpire, task)
}

func (h *Handset) debug(k core.SenseKind, task string) {
	h.t.Helper()
	h.must(h.phone.Happen(nil, core.Sense{Kind: k, Task: h.names[h.task(task)]}))
}
