package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/internal/live"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/policy/platform"
	"github.com/lullwork/lull/internal/policy/promise"
	"github.com/lullwork/lull/internal/promised"
)

// promiseFlags are the flags of lull promise.
type promiseFlags struct {
	platforms []string
	format    string
	json      bool
	set       []string
	android   string
	project   string
}

func promiseCommand() *cobra.Command {
	var f promiseFlags
	c := &cobra.Command{
		Use:   "promise PLAN|DIR",
		Short: "say, task by task, what is guaranteed",
		Long: "promise says what the host, Android and iOS guarantee for each task of a plan: whether it runs,\n" +
			"how often at best and for how long at most, what was asked that a platform will not do and what to\n" +
			"use instead, and what the layer between an app and its system hides. It exits with 1 if the rules\n" +
			"exclude an expectation of the plan; whether the others are met is for lull sim to say.\n" +
			"A folder stands for the lull.yaml in it, or, without one, for what the files of its project say.",
		Args: exactly("PLAN"),
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, args[0]) },
	}
	fs := c.Flags()
	fs.StringSliceVar(&f.platforms, "platform", promised.Platforms(), "platforms: host, android, ios; the host where the plan has something to run here")
	fs.StringVar(&f.format, "format", "text", "text, markdown or json")
	fs.BoolVar(&f.json, "json", false, "as --format json")
	fs.StringVar(&f.project, "project", "", "`FOLDER` of one project, where DIR has several")
	fs.StringArrayVar(&f.set, "set", nil, "another value for a parameter, as ios.refresh_limit_s=20 or android.widget.period.min=1h")
	fs.StringVar(&f.android, "android", "", "version of Android (default: the newest)")
	return c
}

func (f *promiseFlags) run(c *cobra.Command, arg string) error {
	w := c.OutOrStdout()
	p, err := anyPlan(c.Context(), c.ErrOrStderr(), arg, f.project)
	if err != nil {
		return err
	}
	if f.json {
		f.format = "json"
	}
	if !slices.Contains(promised.Formats(), f.format) {
		return usage(plan.DidYouMean(f.format, promised.Formats()), "unknown format %q", f.format)
	}
	cfg, err := f.config()
	if err != nil {
		return err
	}
	// Of an app's plan nothing runs here: to say so of each task says nothing.
	if !c.Flags().Changed("platform") && !slices.ContainsFunc(p.Tasks, func(t plan.Task) bool { return !t.Modelled || !t.HasPhone() }) {
		cfg.Platforms = []string{promise.Android, promise.IOS}
	}
	r, err := promised.Of(p.File, p, cfg)
	if err != nil {
		return setError(err)
	}
	if f.format == "text" && !slices.ContainsFunc(p.Tasks, func(t plan.Task) bool { return t.HasPhone() }) {
		printPromises(w, r)
		return nil
	}
	if err := r.Write(w, f.format); err != nil {
		return err
	}
	if r.Missed() {
		return errFindings
	}
	return nil
}

func (f *promiseFlags) config() (promised.Config, error) {
	cfg := promised.Config{Platforms: f.platforms, Version: f.android}
	for _, name := range f.platforms {
		if !slices.Contains(promised.Platforms(), name) {
			return cfg, usage(plan.DidYouMean(name, promised.Platforms()), "--platform: unknown platform %q", name)
		}
	}
	for _, s := range f.set {
		on, name, value, err := setting(s)
		if err != nil {
			return cfg, err
		}
		if on == promise.IOS {
			cfg.IOS = append(cfg.IOS, platform.Setting{Name: name, Value: value})
		} else {
			cfg.Android = append(cfg.Android, platform.Setting{Name: name, Value: value})
		}
	}
	layers, err := lull.ReadLayers()
	cfg.Layers = live.LayerFacts(layers)
	return cfg, err
}

// printPromises is for a plan that only a host has tasks of.
func printPromises(w io.Writer, r *promised.Report) {
	rows := [][]string{{"TASK", "ON A HOST", "RUNS", "LONGEST RUN", "BUT"}}
	used := map[promise.Class]bool{}
	for i := range r.Tasks {
		for _, x := range r.Tasks[i].Platforms {
			used[x.Class] = true
			rows = append(rows, []string{x.Task, string(x.Class), x.Period, limit(x.Longest), x.But})
		}
	}
	table(w, rows...)
	fmt.Fprintln(w)
	for _, c := range promise.Classes() {
		if used[c] {
			fmt.Fprintf(w, "%s: %s\n", c, c.Means())
		}
	}
	fmt.Fprintln(w, "All of it survives a crash, a restart and a power cut; a run that is lost with its engine is repeated.")
}

func limit(d time.Duration) string {
	if d == 0 {
		return "no limit"
	}
	return short(d)
}
