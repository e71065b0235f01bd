package host

import (
	"slices"
	"strings"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/promise"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// PromiseOf says what the host guarantees for a request. A task with nothing to
// run is never run; one on demand is run when it is asked for.
func PromiseOf(q *work.Request, nothingToRun, onDemand bool) promise.Promise {
	p := promise.Promise{Task: q.Task, Platform: promise.Host, Class: promise.Guaranteed, Period: period(q, onDemand), Shortest: q.Every}
	switch {
	case q.Budget > 0:
		p.Longest = q.Budget
	case q.Budget == 0:
		p.Longest = time.Duration(rules().Budget) * time.Microsecond
	}
	needs := needWords(q.Needs)
	if len(q.Require) > 0 {
		needs = append(needs, "where the host enforces "+listed(q.Require))
	}
	if len(needs) > 0 {
		p.Class, p.But = promise.Deferred, "only "+strings.Join(needs, ", ")
	}
	if nothingToRun {
		p.Class, p.But = promise.None, "the plan gives it nothing to run (no run:)"
	}
	return p
}

func listed(layers []work.Layer) string {
	words := make([]string, len(layers))
	for i, l := range layers {
		words[i] = string(l)
	}
	return strings.Join(words, " and ")
}

// OnThisHost says what becomes of the promise where the host gives these layers: of
// a task that requires one that is missing, nothing.
func OnThisHost(p promise.Promise, q *work.Request, layers []record.Layer) promise.Promise {
	for _, l := range layers {
		if l.Given != record.GivenYes && slices.Contains(q.Require, l.Name) && p.Class != promise.None {
			p.Class, p.But = promise.None, "this host does not enforce "+string(l.Name)+": "+l.Why
		}
	}
	return p
}

func period(q *work.Request, onDemand bool) string {
	switch {
	case onDemand:
		return "on demand"
	case q.Cron != "":
		return q.Cron
	case q.Every != 0:
		return "every " + core.InWords(q.Every.Microseconds()) + ", from the end of the last run"
	}
	return "once"
}

func needWords(n work.Constraints) []string {
	var out []string
	for _, w := range []struct {
		on   bool
		word string
	}{
		{n.Charging, "on external power"},
		{n.BatteryNotLow, "while the battery is not low"},
		{n.StorageNotLow, "while storage is not low"},
		{n.Network == work.Connected, "with a network"},
		{n.Network > work.Connected, "with a network that is " + n.Network.String()},
		{n.Idle, "while nobody uses the machine"},
		{n.LoadLow, "while the load is low"},
		{n.LowPowerOff, "without power saver"},
		{n.Between != "", "between " + n.Between},
	} {
		if w.on {
			out = append(out, w.word)
		}
	}
	return out
}
