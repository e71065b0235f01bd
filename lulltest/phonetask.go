package lulltest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/sim/app"
	"github.com/lullwork/lull/work"
)

// PhoneTask describes a task of an app in a few words; a plan has more of them. It is
// asked for when the app's process starts with its screen. The zero value is a refresh
// every hour.
type PhoneTask struct {
	Name string // default: "refresh"
	// Kind is what the app asks the system for. Default: WorkManager's work on Android, and
	// on an iPhone a BGProcessingTask if the task needs charging or takes over 30 s, else a
	// BGAppRefreshTask.
	Kind work.Kind
	// Every is how often it is meant to run, to the second. On Android it is the period of
	// periodic work; on an iPhone each run asks for the next, to begin that much later at the
	// earliest. From one second to a year. Default: 1 h.
	Every time.Duration
	// Once makes it one work for each time that it is asked for; no run asks for the next.
	// Pushes and transfers are that anyway.
	Once bool
	// PerDay is how many things arrive a day, on average and at random, each of which asks
	// for the task: a push, a photo to upload. It is Once then. Default: none does; where the
	// kind is a push, it runs only if a test says so (Handset.Push).
	PerDay int
	// Needs are the conditions of the device. Default: none. Not everything that a system
	// does not know is an error: what iOS has no word for is left out, as an app must.
	Needs work.Constraints

	Takes time.Duration // a run; default: 5 s
	// Fails is the share of runs that do not succeed, and Forgets that of runs that never say
	// that they are done (setTaskCompleted), in percent. Default: none.
	Fails, Forgets int
}

// planTask is a task as a plan writes it.
type planTask struct {
	Every   string         `json:"every,omitempty"`
	Submit  map[string]any `json:"submit,omitempty"`
	IOS     map[string]any `json:"ios,omitempty"`
	Android map[string]any `json:"android,omitempty"`
	Model   map[string]any `json:"model"`
}

// planOf writes tasks as the plan of an app that has declared everything, so that they
// are checked as one.
func (p *Phone) planOf(tasks []PhoneTask) (*plan.Plan, error) {
	var ids []string
	var text bytes.Buffer
	seen := map[string]bool{}
	text.WriteString("{tasks: {\n")
	for i := range tasks {
		t := tasks[i]
		t.defaults()
		switch {
		case seen[t.Name]:
			return nil, fmt.Errorf("two tasks are called %q", t.Name)
		case t.PerDay < 0 || t.Fails < 0 || t.Fails > 100 || t.Forgets < 0 || t.Forgets > 100:
			return nil, fmt.Errorf("task %q: PerDay is a number, Fails and Forgets are percent: %d, %d, %d", t.Name, t.PerDay, t.Fails, t.Forgets)
		}
		seen[t.Name] = true
		ids = append(ids, t.Name)
		if err := t.write(&text, p.System); err != nil {
			return nil, err
		}
	}
	app, err := json.Marshal(map[string]any{
		"android": map[string]any{"permissions": []string{
			"post-notifications", "run-user-initiated-jobs", "use-exact-alarm", "receive-boot-completed", "foreground-service", "foreground-service-data-sync",
		}},
		"ios": map[string]any{"modes": []string{"fetch", "processing", "remote-notification"}, "permitted": ids, "entitlements": []string{"healthresearch"}},
	})
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(&text, "}, app: %s}\n", app)
	x, err := hinted(plan.Parse("Phone.Tasks", text.Bytes()))
	if err != nil {
		return nil, err
	}
	for i := range x.Tasks {
		x.Tasks[i].Request.Needs = tasks[i].Needs
	}
	return x, nil
}

func (t *PhoneTask) defaults() {
	t.Name = cmp.Or(t.Name, "refresh")
	t.Every = cmp.Or(t.Every, time.Hour)
	t.Takes = cmp.Or(t.Takes, 5*time.Second)
	t.Once = t.Once || t.PerDay > 0 ||
		slices.Contains([]work.Kind{work.KindPush, work.KindTransfer, work.KindUserInitiated, work.KindAssertion, work.KindContinued, work.KindService}, t.Kind)
}

// write writes one line.
func (t *PhoneTask) write(to *bytes.Buffer, on System) error {
	x := planTask{Model: map[string]any{
		"takes": t.Takes.String(), "succeeds": fmt.Sprint(100-t.Fails, "%"), "forgets": fmt.Sprint(t.Forgets, "%"),
	}}
	if !t.Once {
		x.Every = t.Every.String()
	}
	if t.PerDay > 0 {
		x.Submit = map[string]any{"when": plan.Arrival, "rate": fmt.Sprint(t.PerDay, "/day")}
	}
	if on == Android {
		x.Android = t.android()
	} else {
		x.IOS = t.ios()
	}
	name, err := json.Marshal(t.Name)
	if err != nil {
		return err
	}
	line, err := json.Marshal(x)
	if err != nil {
		return err
	}
	fmt.Fprintf(to, "%s: %s,\n", name, line)
	return nil
}

func (t *PhoneTask) android() map[string]any {
	x := map[string]any{"as": string(t.Kind)}
	switch t.Kind {
	case work.KindWork:
		if x["as"] = "periodic"; t.Once {
			x["as"] = "one-off"
		}
	case work.KindPush:
		x["priority"] = "high"
	}
	return x
}

func (t *PhoneTask) ios() map[string]any {
	kind := t.Kind
	long := t.Needs.Charging || t.Takes > 30*time.Second
	switch {
	case kind != work.KindWork:
	case long:
		kind = work.KindProcessing
	default:
		kind = work.KindRefresh
	}
	x := map[string]any{"as": string(kind)}
	switch kind {
	case work.KindRefresh, work.KindProcessing, work.KindHealth:
		if x["resubmit"] = "first"; t.Once {
			x["resubmit"] = "never"
		}
		if kind != work.KindRefresh {
			x["power"] = t.Needs.Charging
			x["network"] = t.Needs.Network != work.NoNetwork
		}
	}
	return x
}

// wait lets tasks be asked for by a test only: pushes that do not come by themselves, and,
// if all is up to the test, everything that comes at random.
func (p *Phone) wait(tasks []app.Task, all bool) {
	for i := range tasks {
		x := &tasks[i]
		random := x.When == app.Arrival || x.When == app.Clock
		silent := i < len(p.Tasks) && p.Tasks[i].Kind == work.KindPush && p.Tasks[i].PerDay == 0
		if all && random || silent {
			x.When = app.Foreign
		}
	}
}
