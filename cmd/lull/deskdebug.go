package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/platform"
	"github.com/lullwork/lull/work"
)

// appError is what cannot be done about an app.
func appError(task, what, hint string) error {
	return &work.Error{Op: "app", Task: task, Err: errors.New(what), Hint: hint}
}

// appPush lets a push arrive.
func (d *desk) appPush(_ context.Context, word string) (string, error) {
	i, err := d.find(word)
	if err != nil {
		return "", err
	}
	t := &d.tasks[i]
	if k := t.Request.Phone.Kind; k != work.KindPush {
		return "", appError(t.Name, fmt.Sprintf("it is no push on %s: it is %s", platform.Title(d.setup.Name), k), "write "+d.setup.Name+": {as: push} in the plan")
	}
	if d.app.Ask(d.eng.Now(), i, 0); d.err != nil {
		return "", appError(t.Name, "the push is lost: "+refusal(d.err), "")
	}
	return "a push of " + t.Name + " has arrived; lull why " + t.Name + " says what holds it", nil
}

// appLaunch launches what waits of a task as a debugger does: whatever its date, and
// whatever holds it.
func (d *desk) appLaunch(ctx context.Context, word string) (string, error) {
	i, err := d.find(word)
	if err != nil {
		return "", err
	}
	task := d.tasks[i].Name
	d.mourn(ctx)
	switch {
	case d.modelled(task):
		return "", appError(task, "the plan gives it nothing to run", "give it run: in the plan")
	case d.setup.Name == platform.IOS && !d.app.Alive:
		return "", appError(task, "the app has no process: a debugger has nothing to attach to", "lull app open")
	}
	r, err := d.eng.Reader(ctx)
	if err != nil {
		return "", err
	}
	defer r.Close()
	waits, err := r.List(ctx, lull.Filter{Task: task, States: unfinished})
	if err != nil {
		return "", err
	}
	switch {
	case slices.ContainsFunc(waits, running):
		return "", appError(task, "a run of it goes on", "wait for its end, or lull app expire "+task)
	case len(waits) == 0:
		return "", appError(task, "no request is pending ("+string(core.NotPending)+")", "lull why "+task)
	}
	d.sense(ctx, core.Sense{Kind: core.SenseDebugLaunch, Task: task})
	// What follows is durable by now.
	now, err := r.Whys(ctx, []work.ID{waits[0].ID}, true)
	if err != nil {
		return "", err
	}
	if w := &now[0]; w.Work.State == work.Enqueued {
		return "", appError(task, "it does not start: "+oneReason(w.Reasons, until), "lull why "+task)
	}
	return task + " is launched (" + string(waits[0].ID) + ")", nil
}

func running(w lull.Info) bool { return w.State == work.Running }

// appExpire ends the time of a run as a debugger does.
func (d *desk) appExpire(ctx context.Context, word string) (string, error) {
	i, err := d.find(word)
	if err != nil {
		return "", err
	}
	task := d.tasks[i].Name
	r, err := d.eng.Reader(ctx)
	if err != nil {
		return "", err
	}
	defer r.Close()
	list := func() ([]lull.Info, error) {
		return r.List(ctx, lull.Filter{Task: task, States: []work.State{work.Running}})
	}
	going, err := list()
	if err != nil {
		return "", err
	}
	if len(going) == 0 {
		return "", appError(task, "no run of it goes on", "lull app launch "+task+" begins one")
	}
	d.sense(ctx, core.Sense{Kind: core.SenseDebugExpire, Task: task})
	left, err := list()
	if err != nil {
		return "", err
	}
	if len(left) == len(going) {
		return "", appError(task, "the system itself began this run, and a debugger expires only what it has launched", "its budget ends it")
	}
	return task + " is asked to stop: its time is up (" + string(going[0].ID) + ")", nil
}
