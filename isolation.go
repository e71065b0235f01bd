package lull

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/lullwork/lull/internal/live"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/isolate"
)

// Isolation is what the runs of a task may use and reach: [Config.Isolation]. With
// [work.Request.Require] a work waits where the host cannot enforce it.
//
//	lull.Config{Isolation: map[string]lull.Isolation{
//		"thumbnail": {Memory: 512 << 20, CPU: time.Minute, Sandbox: &isolate.Sandbox{Read: []string{"/photos"}, NoNetwork: true}},
//	}}
type Isolation = live.Isolation

// Secret says where a secret of a task comes from.
type Secret = live.Secret

// ReadLayers tells what this machine can enforce on runs, found by trying it.
func ReadLayers() ([]isolate.Layer, error) {
	s, err := isolate.NewSpawner(isolate.Config{})
	if err != nil {
		return nil, err
	}
	return s.Layers(), s.Close()
}

// checkIsolation finds isolation for tasks that there are not, or that cannot have any.
func checkIsolation(tasks map[string]Isolation) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(tasks)) {
		entry, ok := isolate.Registered(name)
		switch {
		case !ok:
			errs = append(errs, fmt.Errorf("isolation of %q: no such task is registered; those of a plan's tasks stand in the plan", name))
		case entry.Mode() == isolate.Inline:
			errs = append(errs, fmt.Errorf("isolation of %q: it is inline, a goroutine of this process, and cannot be isolated", name))
		}
		for _, secret := range slices.Sorted(maps.Keys(tasks[name].Secrets)) {
			from := tasks[name].Secrets[secret]
			if set := []bool{from.Env != "", from.File != "", from.Value != nil}; count(set) != 1 {
				errs = append(errs, fmt.Errorf("isolation of %q: secret %s: exactly one of Env, File and Value must be set", name, secret))
			}
		}
	}
	return errors.Join(errs...)
}

func count(set []bool) (n int) {
	for _, on := range set {
		if on {
			n++
		}
	}
	return n
}

// isolationOf is that of a plan's task.
func isolationOf(c *plan.Command) Isolation {
	l := &c.Limits
	x := Isolation{
		Memory: l.Memory, Processes: l.Processes, Output: l.Output, CPU: l.CPU, OpenFiles: l.Files, FileSize: l.FileSize,
		Nice: l.Nice(), Idle: l.Priority == plan.PriorityIdle,
	}
	if c.Sandbox == nil {
		return x
	}
	x.Sandbox = &isolate.Sandbox{Read: c.Sandbox.Read, Write: c.Sandbox.Write, NoNetwork: c.Sandbox.NoNetwork}
	x.EnvAllow = c.Sandbox.Env
	for name, from := range c.Sandbox.Secrets {
		if x.Secrets == nil {
			x.Secrets = map[string]Secret{}
		}
		x.Secrets[name] = Secret{Env: from.Env, File: from.File}
	}
	return x
}
