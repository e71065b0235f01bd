package main

import (
	"path/filepath"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"github.com/lullwork/lull/internal/check"
	"github.com/lullwork/lull/internal/check/extract"
	"github.com/lullwork/lull/internal/onepage"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/promised"
	"github.com/lullwork/lull/internal/sim/scenario"
)

// reportFlags are the flags of lull report.
type reportFlags struct {
	format  string
	project string
	devices int
	days    int
	seed    uint64
}

func reportCommand() *cobra.Command {
	var f reportFlags
	c := &cobra.Command{
		Use:   "report DIR",
		Short: "one page about a project's background work",
		Long: "report says on one page, task by task and platform by platform, what was found in a project's\n" +
			"files, the worst mistake in it, what the platform promises, how often it would run, for how long\n" +
			"not for somebody who does not open the app, and what the files do not say. It always exits with 0\n" +
			"if it could read the project: to fail a build, use lull check.",
		Args: exactly("DIR"),
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, args[0]) },
	}
	fs := c.Flags()
	fs.StringVar(&f.format, "format", "text", "text or markdown")
	fs.StringVar(&f.project, "project", "", "`FOLDER` of one project, where DIR has several")
	fs.IntVar(&f.devices, "devices", 100, "phones that are simulated on each platform")
	fs.IntVar(&f.days, "days", 14, "days that are counted")
	fs.Uint64Var(&f.seed, "seed", 1, "seed: the same one gives the same phones")
	return c
}

func (f *reportFlags) run(c *cobra.Command, dir string) error {
	if !slices.Contains(onepage.Formats(), f.format) {
		return usage(plan.DidYouMean(f.format, onepage.Formats()), "unknown format %q", f.format)
	}
	x, err := extracted(c.Context(), dir, f.project)
	if err != nil {
		return err
	}
	page := onepage.Page{Dir: filepath.Join(dir, x.Dir), Plan: x}
	if page.Checked, err = check.Run(c.Context(), filepath.Join(dir, x.Dir), check.Config{}); err != nil {
		return err
	}
	p, err := plan.Parse(page.Dir, x.YAML())
	if err != nil {
		return err
	}
	if page.Promised, err = promised.Of(page.Dir, p, promised.Config{Platforms: promisedOn(x)}); err != nil {
		return err
	}
	if platforms := promisedOn(x); len(platforms) > 0 && len(p.Tasks) > 0 {
		sim := simFlags{platforms: platforms, devices: f.devices, days: f.days, seed: f.seed, workers: runtime.GOMAXPROCS(0), exact: true}
		cfg, err := sim.config(p)
		if err != nil {
			return err
		}
		if page.Sim, err = sim.simulate(c, cfg); err != nil {
			return err
		}
	}
	return page.Write(c.OutOrStdout(), f.format)
}

// promisedOn are the platforms that a plan's tasks exist on.
func promisedOn(x *extract.Plan) []string {
	var out []string
	if slices.ContainsFunc(x.Tasks, func(t *extract.Task) bool { return len(t.Android) > 0 }) {
		out = append(out, scenario.Android)
	}
	if slices.ContainsFunc(x.Tasks, func(t *extract.Task) bool { return len(t.IOS) > 0 }) {
		out = append(out, scenario.IOS)
	}
	return out
}
