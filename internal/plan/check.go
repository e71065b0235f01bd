package plan

import (
	"strings"

	"github.com/lullwork/lull/work"
)

// check refuses keys of one task that contradict each other, and keys that would
// have no effect.
func (t *taskDraft) check() {
	t.checkEntry()
	t.checkPeriod()
	t.checkOrigin()
	t.checkRequire()
	t.checkPhone()
	if t.Request.Expedited {
		t.checkExpedited()
	}
}

// periodic goes by the keys, not by their values, which may be wrong.
func (t *taskDraft) periodic() (key string) {
	for _, k := range []string{"every", "cron"} {
		if t.has(k) {
			return k
		}
	}
	return ""
}

// requires refuses a key that has no effect without another one.
func (t *taskDraft) requires(key, other, hint string) {
	if t.has(key) && !t.has(other) {
		t.at[key].refuse(hint, "needs %s", other)
	}
}

// excludes refuses the first key where both are there.
func (t *taskDraft) excludes(key, other, hint string) {
	if t.has(key) && t.has(other) {
		t.at[key].refuse(hint, "excludes %s", other)
	}
}

func (t *taskDraft) checkEntry() {
	t.excludes("wasm", "run", "a task has one entry point")
	t.excludes("func", "run", "a task has one entry point")
	t.excludes("func", "wasm", "a task has one entry point")
	if t.has("wasm") {
		t.checkWasm()
		return
	}
	if t.has("func") {
		return
	}
	for _, k := range []string{"env", "dir", "limits", "sandbox", "require"} {
		t.requires(k, "run", "write what to run, as run: [program, argument]")
	}
}

func (t *taskDraft) checkPeriod() {
	t.excludes("cron", "every", "keep one of them")
	t.excludes("delay", "cron", "cron alone says when it runs")
	t.requires("flex", "every", "flex is the end of each period in which it may run")
	t.requires("zone", "cron", "the zone of needs.between stands in needs")
	t.requires("missed", "cron", "only times of cron can be missed")
	if r := t.Request; r.Every > 0 && r.Flex > r.Every {
		t.at["flex"].fail("flex is the end of each period in which it may run", "is longer than every")
	}
}

// checkOrigin checks what makes the task's works: the plan, another task's
// success or a command.
func (t *taskDraft) checkOrigin() {
	if len(t.After) == 0 {
		t.requires("merger", "after", "it merges the outputs of the tasks before")
	}
	key := t.periodic()
	switch p := t.Unique.Policy; {
	case len(t.After) > 0 && t.has("unique"):
		t.at["unique"].refuse("put it on the first task of the chain", "only a task without after can be unique")
	case key != "" && (p == work.Append || p == work.AppendOrReplace):
		t.at["unique"].refuse("use keep, replace or update", "nothing can run after the end of a task with %s", key)
	}
	if key != "" && len(t.After) > 0 {
		t.at[key].refuse("drop "+key+": after a periodic task it runs again with each period", "a task with after cannot be periodic")
	}
	if !t.OnDemand {
		return
	}
	if key != "" {
		t.at[key].refuse("drop one of them", "a task that is on-demand cannot be periodic")
	}
	if len(t.After) > 0 {
		t.at["after"].refuse("drop one of them", "a task that is on-demand cannot come after others")
	}
}

// checkExpedited allows what WorkManager allows: the network and the storage.
func (t *taskDraft) checkExpedited() {
	at, n := t.at["expedited"], t.Request.Needs
	var held []string
	for _, c := range []struct {
		key   string
		asked bool
	}{
		{"charging", n.Charging},
		{"idle", n.Idle},
		{"battery", n.BatteryNotLow},
		{"load", n.LoadLow},
		{"power-saver", n.LowPowerOff},
		{"between", n.Between != ""},
	} {
		if c.asked {
			held = append(held, "needs."+c.key)
		}
	}
	if key := t.periodic(); key != "" {
		held = append(held, key)
	}
	if t.Request.Delay > 0 {
		held = append(held, "delay")
	}
	if len(held) > 0 {
		at.refuse("expedited work starts as soon as it can: it may need the network and storage only", "excludes %s", strings.Join(held, ", "))
	}
}
