// Package promised says, task by task, what the host, Android and iOS promise to the tasks
// of a plan, what was asked that a platform will not do, and which expectations are
// impossible before anything is simulated.
package promised

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/policy/flutter"
	"github.com/lullwork/lull/internal/policy/host"
	"github.com/lullwork/lull/internal/policy/ios"
	"github.com/lullwork/lull/internal/policy/platform"
	"github.com/lullwork/lull/internal/policy/promise"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim/scenario"
)

// Config is what promises depend on beside the plan. The zero value is every platform as it
// is now, and a host that gives no layer of isolation.
type Config struct {
	Platforms []string           // of package promise; none: all
	Layers    []record.Layer     // that this host gives
	Version   string             // of Android; "": the newest
	IOS       []platform.Setting // other values of parameters
	Android   []platform.Setting
}

// Platforms returns all platforms, in their order.
func Platforms() []string { return []string{promise.Host, promise.Android, promise.IOS} }

// Report is what is promised to the tasks of a plan.
type Report struct {
	Version int    `json:"version"`
	Plan    string `json:"plan"`
	Tasks   []Task `json:"tasks"`
}

// Task is what is promised to one task.
type Task struct {
	Name      string    `json:"task"`
	Platforms []Promise `json:"platforms"`
}

// Promise is what one platform promises to a task, with what the layer hides.
type Promise struct {
	promise.Promise
	ShortestSeconds int64 `json:"shortest_s,omitempty"`
	LongestSeconds  int64 `json:"longest_s,omitempty"`

	Hidden []Hidden `json:"hidden,omitempty"`
	Expect *Verdict `json:"expect,omitempty"`
}

// Hidden is something that the layer between the app and the system hides.
type Hidden struct {
	Name   string `json:"name"`
	When   string `json:"when"`
	Seen   string `json:"seen"`
	Source string `json:"source"`
}

// Of returns what is promised to the tasks of a plan.
func Of(file string, p *plan.Plan, c Config) (*Report, error) {
	r := &Report{Version: 1, Plan: file}
	by := map[string]map[string]Promise{}
	for _, platform := range []string{promise.Android, promise.IOS} {
		if !c.wants(platform) {
			continue
		}
		m, err := onPhones(p, &c, platform)
		if err != nil {
			return nil, err
		}
		by[platform] = m
	}
	for i := range p.Tasks {
		t := &p.Tasks[i]
		out := Task{Name: t.Name}
		for _, platform := range Platforms() {
			x, ok := by[platform][t.Name]
			switch {
			case !c.wants(platform):
				continue
			case platform == promise.Host:
				x = Promise{Promise: onHost(t, &c)}
			case !t.HasPhone():
				continue
			case !ok:
				x = Promise{Promise: promise.Promise{Task: t.Name, Platform: platform, Class: promise.None, But: "the plan does not have it there"}}
			}
			if x.Class != promise.None {
				x.ShortestSeconds, x.LongestSeconds = int64(x.Shortest.Seconds()), int64(x.Longest.Seconds())
			}
			out.Platforms = append(out.Platforms, x)
		}
		if len(out.Platforms) > 0 {
			r.Tasks = append(r.Tasks, out)
		}
	}
	return r, nil
}

func (c *Config) wants(platform string) bool {
	return len(c.Platforms) == 0 || slices.Contains(c.Platforms, platform)
}

func onHost(t *plan.Task, c *Config) promise.Promise {
	q := t.Request
	x := host.OnThisHost(host.PromiseOf(&q, t.Modelled, t.OnDemand), &q, c.Layers)
	if len(t.After) > 0 {
		x.Period = "after " + strings.Join(t.After, " and ")
	}
	return x
}

// onPhones asks a platform.
func onPhones(p *plan.Plan, c *Config, platform string) (map[string]Promise, error) {
	list, uses := asks(p, platform)
	var promises []promise.Promise
	var err error
	if platform == promise.IOS {
		promises, err = askOfIOS(p, c, list)
	} else {
		promises, err = askOfAndroid(p, c, list)
	}
	if err != nil {
		return nil, err
	}
	tasks := map[string]*plan.Task{}
	for i := range p.Tasks {
		tasks[p.Tasks[i].Name] = &p.Tasks[i]
	}
	out := map[string]Promise{}
	for i := range promises {
		t, x := tasks[list[i].Task], Promise{Promise: promises[i]}
		if cut := time.Duration(uses[i].Layer.Cut) * time.Microsecond; platform == promise.IOS && cut > 0 && x.Longest > cut {
			x.Longest = cut
		}
		x.Deny(wrongLayer(p, t, platform)...)
		for _, h := range flutter.HiddenFrom(&uses[i]) {
			x.Hidden = append(x.Hidden, Hidden{h.Name, h.When, h.Seen, h.Source})
		}
		x.Expect = judge(t, &x.Promise, &list[i])
		out[t.Name] = x
	}
	return out, nil
}

func askOfIOS(p *plan.Plan, c *Config, list []promise.Ask) ([]promise.Promise, error) {
	setup := scenario.Setup(p, promise.IOS)
	setup.Set = c.IOS
	params, err := setup.Params()
	if err != nil {
		return nil, &platform.SettingError{Err: err}
	}
	promises, err := ios.Promises(ios.Config{App: setup.App, Params: params}, list)
	if err != nil {
		return nil, &platform.SettingError{Err: err}
	}
	return promises, nil
}

func askOfAndroid(p *plan.Plan, c *Config, list []promise.Ask) ([]promise.Promise, error) {
	setup := scenario.Setup(p, promise.Android)
	setup.Set, setup.Version = c.Android, c.Version
	profile, err := setup.Profile()
	if err != nil {
		return nil, &platform.SettingError{Err: err}
	}
	out := android.Promises(profile, list)
	var vendors []*android.Profile
	for _, name := range android.Vendors() {
		setup.Vendor = name
		p, err := setup.Profile()
		if err != nil {
			return nil, err
		}
		vendors = append(vendors, p)
	}
	android.OnVendors(vendors, list, out)
	return out, nil
}

// wrongLayer is a layer that the plan names for this very task and that has no call for it.
func wrongLayer(p *plan.Plan, t *plan.Task, platform string) []promise.Denial {
	name, kind := layerOf(t, platform)
	layer, _ := flutter.LayerOf(name)
	if layer.Carries(kind) || p.App != nil && string(p.App.Via) == name {
		return nil
	}
	return []promise.Denial{{
		Rule: "layer", Asked: fmt.Sprintf("as: %s, via: %s", kind, name), Gets: "the system's own call, without the layer", Why: name + " has no call for it",
		Source: "fluttercommunity/flutter_workmanager; firebase/flutterfire", Instead: "via: native",
	}}
}
