package promised

import (
	"time"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/policy/flutter"
	"github.com/lullwork/lull/internal/policy/promise"
	"github.com/lullwork/lull/internal/sim/app"
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/work"
)

// fronts are the moments at which an app is in front.
var fronts = map[plan.When]bool{plan.AppStart: true, plan.AppOpen: true, plan.Once: true}

// asks returns what the tasks of a plan ask of a platform, as the layers hand it on, and
// what counts for what the layers hide. Both are in the plan's order.
func asks(p *plan.Plan, platform string) ([]promise.Ask, []flutter.Use) {
	tasks := map[string]*plan.Task{}
	for i := range p.Tasks {
		tasks[p.Tasks[i].Name] = &p.Tasks[i]
	}
	var out []promise.Ask
	var uses []flutter.Use
	for _, x := range scenario.Tasks(p, platform) {
		t := tasks[x.Name]
		a := ask(t, &x)
		if platform == scenario.IOS {
			askIOS(t, &a)
		}
		name, kind := layerOf(t, platform)
		layer := flutter.LayerFor(name, kind)
		a.Via = layer.Name
		out = append(out, a)
		uses = append(uses, flutter.Use{
			Platform: platform, Layer: layer, Kind: kind, Policy: t.Phone.Submit.Policy, Needs: t.Request.Needs, Backoff: t.Request.Backoff,
			Delay: t.Request.Delay, Every: t.Request.Every, Clock: a.Clock, Count: a.Count, Mode: x.Request.Phone.Mode,
			Periodic: platform == scenario.Android && t.Phone.Android.Periodic,
		})
	}
	others := map[string]int{}
	for i := range uses {
		others[uses[i].Layer.Name]++
	}
	for i := range uses {
		u := &uses[i]
		u.Others = others[u.Layer.Name] - 1
		u.Flutter = p.App != nil && p.App.Via != "" && p.App.Via != plan.ViaNative || len(others) > 1 || others[flutter.Native] == 0
	}
	return out, uses
}

// layerOf returns the layer that a plan names for a task, and what the task is. A push that
// iOS shows goes through none.
func layerOf(t *plan.Task, platform string) (string, work.Kind) {
	if i := t.Phone.IOS; platform == scenario.IOS {
		if i.Visible {
			return flutter.Native, i.As
		}
		return string(i.Via), i.As
	}
	return string(t.Phone.Android.Via), t.Phone.Android.As
}

func ask(t *plan.Task, x *app.Task) promise.Ask {
	ph := &t.Phone
	a := promise.Ask{
		Task: t.Name, Request: x.Request, Needs: t.Request.Needs, Every: t.Request.Every, Clock: ph.At != nil, Backoff: t.Request.Backoff,
		Haste: t.Request.Expedited, Front: fronts[ph.Submit.When] || x.During, Count: x.Count, Mean: time.Duration(x.Mean) * time.Microsecond,
		Takes: ph.Model.Takes, CPU: ph.Model.CPU, Again: x.Again != app.AgainNever,
	}
	if ph.Expect != nil {
		a.Within = ph.Expect.Within
	}
	if ph.Android != nil {
		a.Flex = ph.Android.Flex
		a.Haste = a.Haste || ph.Android.Expedited
	}
	if x.Request.Phone.Kind == work.KindNotification {
		a.Takes = 0 // no code of the app runs
	}
	return a
}

func askIOS(t *plan.Task, a *promise.Ask) {
	i := t.Phone.IOS
	a.Late, a.Completes, a.Repeats = i.Registers == "late", i.Completes != "never", i.Repeats
	a.Entries, a.Reload, a.Started = i.Entries, i.Reload, i.Started
	a.Haste = t.Request.Expedited
	if i.Views.Times > 0 {
		a.Views = i.Views.Per / time.Duration(i.Views.Times)
	}
}
