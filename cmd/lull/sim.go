package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/lullwork/lull/internal/measured"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/policy/platform"
	"github.com/lullwork/lull/internal/sim/population"
	"github.com/lullwork/lull/internal/sim/report"
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/internal/sim/validate"
	"github.com/lullwork/lull/internal/sim/world"
)

// simFlags are the flags of lull sim.
type simFlags struct {
	platforms []string
	devices   int
	days      int
	settle    int
	seed      uint64
	format    string
	json      bool
	why       string
	device    int
	compare   string
	against   []string
	among     []string
	project   string
	set       []string
	android   string
	workers   int
	exact     bool
	replay    string
	journal   string
	validate  bool
}

func simCommand() *cobra.Command {
	var f simFlags
	c := &cobra.Command{
		Use:   "sim PLAN|DIR",
		Short: "see how often a phone app's work would run, on whom never, and why",
		Long: "sim runs the scheduler of Android and of iOS in virtual time for many made-up people and\n" +
			"their phones, and counts: runs a day, gaps, how old the data is when the app is opened, and\n" +
			"what held the work. It exits with 1 if an expectation of the plan is missed. A folder stands for\n" +
			"the lull.yaml in it, or, without one, for what the files of its project say (lull plan).\n\n" +
			"With --against it puts what phones have logged (docs/runlog.md) beside what it finds.\n\n" +
			"With --replay it steps what a live engine has recorded, in virtual time, and exits with 1 if\n" +
			"the run log comes out different. With --validate it plays published measurements of real\n" +
			"phones, and exits with 1 if one is met no longer.",
		Args: func(c *cobra.Command, args []string) error {
			switch {
			case f.validate:
				return exactly()(c, args)
			case f.replay == "" && f.journal != "":
				return usage("it goes with --replay", "--journal without --replay")
			case f.replay == "":
				return exactly("PLAN")(c, args)
			case len(args) > 0:
				return usage("lull sim --replay FILE: what was recorded has its plan in it", "sim: --replay with a plan")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case f.validate:
				return f.validated(c)
			case f.replay != "":
				return replay(c, f.replay, f.journal)
			}
			return f.run(c, args[0])
		},
	}
	fs := c.Flags()
	fs.StringSliceVar(&f.platforms, "platform", []string{scenario.Android, scenario.IOS}, "platforms: android, ios")
	fs.IntVar(&f.devices, "devices", population.DefaultDevices, "phones on each platform")
	fs.IntVar(&f.days, "days", population.DefaultDays, "days that are counted")
	fs.IntVar(&f.settle, "settle", population.DefaultSettle, "days before, in which phones get to know their users")
	fs.Uint64Var(&f.seed, "seed", 1, "seed: the same one gives the same phones")
	fs.StringVar(&f.format, "format", "text", "text, markdown, json, csv or junit")
	fs.BoolVar(&f.json, "json", false, "as --format json")
	fs.StringVar(&f.why, "why", "", "one device's story of this `TASK`")
	completeFlag(c, "why", func(plans []string) []string {
		if len(plans) == 0 {
			return nil
		}
		return planTasks(c, plans[0], f.project)
	})
	fs.IntVar(&f.device, "device", 0, "which device, for --why")
	fs.StringVar(&f.compare, "compare", "", "another `PLAN`: what would be different")
	fs.StringSliceVar(&f.against, "against", nil, "run logs of phones, as `FILE,FILE`: simulated and measured side by side")
	fs.StringVar(&f.project, "project", "", "`FOLDER` of one project, where DIR has several")
	fs.StringSliceVar(&f.among, "among", nil, "archetypes only, as heavy,weekly (default: a mix of all)")
	fs.StringArrayVar(&f.set, "set", nil, "another value for a parameter, as ios.theta0=0.7 or android.quota.rare.window=48h")
	fs.StringVar(&f.android, "android", "", "version of Android (default: the newest)")
	fs.IntVar(&f.workers, "jobs", runtime.GOMAXPROCS(0), "phones that are simulated at a time; changes nothing but the time that it takes")
	fs.StringVar(&f.replay, "replay", "", "step again what lull run --record wrote into this `FILE`, and compare the run logs")
	fs.StringVar(&f.journal, "journal", "", "with --replay: the run `LOG` to compare with (default: the state's)")
	fs.BoolVar(&f.validate, "validate", false, "hold the simulator against published measurements (text or markdown)")
	fs.BoolVar(&f.exact, "skip-sensitivity", false, "do not try whether other values of the assumptions change an answer")
	return c
}

func (f *simFlags) run(c *cobra.Command, arg string) error {
	p, err := phonePlan(c, arg, f.project)
	if err != nil {
		return err
	}
	if f.json {
		f.format = "json"
	}
	if !slices.Contains(report.Formats(), f.format) {
		return usage(plan.DidYouMean(f.format, report.Formats()), "unknown format %q", f.format)
	}
	if err := f.together(c); err != nil {
		return err
	}
	cfg, err := f.config(p)
	if err != nil {
		return err
	}
	// Phones come and go, and little of them is alive at a time: a collector that waits for
	// more of it costs nothing but a few megabytes.
	debug.SetGCPercent(400)
	if f.why != "" {
		return f.story(c.OutOrStdout(), cfg)
	}
	compared := cfg
	if f.compare != "" {
		if compared.Plan, err = phonePlan(c, f.compare, f.project); err != nil {
			return err
		}
	}
	logs, err := phoneLogs(c, f.against)
	if err != nil {
		return err
	}
	bar := newBar(c.ErrOrStderr())
	cfg.Progress, compared.Progress = bar.show, bar.show
	r, err := f.simulate(c, cfg)
	if err != nil {
		bar.end()
		return err
	}
	if f.compare != "" {
		other, err := f.simulate(c, compared)
		bar.end()
		if err != nil {
			return err
		}
		return report.Compare(c.OutOrStdout(), r, other)
	}
	bar.end()
	if len(logs) > 0 {
		return measured.Against(c.OutOrStdout(), p, r, logs)
	}
	if err := r.Write(c.OutOrStdout(), f.format); err != nil {
		return err
	}
	if r.Missed() {
		return errFindings
	}
	return nil
}

// together refuses flags that exclude each other, or mean nothing without another.
func (f *simFlags) together(c *cobra.Command) error {
	switch given := c.Flags().Changed; {
	case f.why != "" && f.compare != "":
		return usage("leave one of them out", "--why and --compare exclude each other")
	case f.format != "text" && f.why != "":
		return usage("leave --format out", "--why tells a story, as text")
	case f.format != "text" && f.compare != "":
		return usage("compare two reports of --format json instead", "--compare writes text only")
	case f.format != "text" && len(f.against) > 0:
		return usage("lull log FILE... --json has what was measured, lull sim --format json what is simulated", "--against writes text only")
	case len(f.against) > 0 && (f.why != "" || f.compare != ""):
		return usage("leave one of them out", "--against excludes --why and --compare")
	case given("against") && len(f.against) == 0:
		return usage("write --against FILE,FILE", "--against names no file")
	case given("device") && f.why == "":
		return usage("write --why TASK too", "--device is for --why")
	case f.why != "" && (f.device < 0 || f.device >= f.devices):
		return usage("they are numbered from 0; --devices says how many there are", "--device: there is no device %d among %d", f.device, f.devices)
	}
	return nil
}

// validated plays the published measurements.
func (f *simFlags) validated(c *cobra.Command) error {
	write := validate.Text
	switch f.format {
	case "text":
	case "markdown":
		write = validate.Markdown
	default:
		return usage("use text or markdown", "--validate has no format %q", f.format)
	}
	// One frozen set of parameters for all: what would change it is refused.
	for _, name := range []string{"platform", "devices", "days", "settle", "seed", "why", "device", "compare", "against", "among", "set", "android", "replay", "journal"} {
		if c.Flags().Changed(name) {
			return usage("leave it out", "--validate does not go with --%s: its cases bring their own", name)
		}
	}
	all, err := validate.Run()
	if err != nil {
		return err
	}
	if err := write(c.OutOrStdout(), all); err != nil {
		return err
	}
	if len(validate.Lost(all)) > 0 {
		return errFindings
	}
	return nil
}

// phonePlan reads a plan that has tasks of a phone app.
func phonePlan(c *cobra.Command, arg, sub string) (*plan.Plan, error) {
	p, err := anyPlan(c.Context(), c.ErrOrStderr(), arg, sub)
	if err != nil {
		return nil, err
	}
	for i := range p.Tasks {
		if p.Tasks[i].HasPhone() {
			return p, nil
		}
	}
	return nil, usage("write what a task is there, as ios: {as: refresh} or android: {as: periodic}; docs/plan.md has the keys",
		"%s: no task is one of a phone app", arg)
}

func (f *simFlags) config(p *plan.Plan) (population.Config, error) {
	cfg := population.Config{
		Plan: p, Platforms: f.platforms, Devices: f.devices, Days: f.days, Settle: f.settle, Seed: f.seed, Workers: f.workers,
		Set: population.Overrides{Version: f.android},
	}
	if f.settle == 0 {
		cfg.Settle = -1
	}
	if len(f.platforms) == 0 {
		return cfg, usage("write --platform android,ios", "--platform names none")
	}
	for i, name := range f.platforms {
		if name != scenario.Android && name != scenario.IOS {
			return cfg, usage(plan.DidYouMean(name, []string{scenario.Android, scenario.IOS}), "--platform: unknown platform %q", name)
		}
		if slices.Contains(f.platforms[:i], name) {
			return cfg, usage("name each once", "--platform: %s twice", name)
		}
	}
	const mostPhones, mostDays, mostWorkers = 10_000_000, 3650, 10_000
	for _, x := range []struct {
		name           string
		n, least, most int
	}{{"devices", f.devices, 1, mostPhones}, {"days", f.days, 1, mostDays}, {"settle", f.settle, 0, mostDays}, {"jobs", f.workers, 1, mostWorkers}} {
		if x.n < x.least || x.n > x.most {
			return cfg, usage("", "--%s: %d is not from %d to %d", x.name, x.n, x.least, x.most)
		}
	}
	if err := f.mix(&cfg); err != nil {
		return cfg, err
	}
	for _, s := range f.set {
		platform, name, value, err := setting(s)
		if err != nil {
			return cfg, err
		}
		if platform == scenario.IOS {
			cfg.Set.IOS = append(cfg.Set.IOS, population.Override{Name: name, Value: value})
		} else {
			cfg.Set.Android = append(cfg.Set.Android, population.Override{Name: name, Value: value})
		}
	}
	return cfg, nil
}

// setting reads what --set gives another value.
func setting(s string) (platform, name, value string, err error) {
	key, value, ok := strings.Cut(s, "=")
	platform, name, dotted := strings.Cut(key, ".")
	switch {
	case !ok || !dotted:
		err = usage("write --set ios.theta0=0.7", "--set: %q is no platform.parameter=value", s)
	case platform != scenario.IOS && platform != scenario.Android:
		err = usage("write ios. or android. before the name", "--set %s: unknown platform %q", s, platform)
	}
	return platform, name, value, err
}

// mix narrows the population to some archetypes, in their shares of the whole.
func (f *simFlags) mix(cfg *population.Config) error {
	m := world.DefaultMix()
	if len(f.among) > 0 {
		var people []world.Share
		for i, name := range f.among {
			if slices.Contains(f.among[:i], name) {
				return usage("name each once", "--among: %s twice", name)
			}
			a, err := world.ArchetypeByName(name)
			if err != nil {
				return usage(peopleHint(name), "--among: unknown archetype %q", name)
			}
			share := world.Share{Of: a, PPM: 1}
			for _, s := range m.People {
				if s.Of.Name == a.Name {
					share.PPM = s.PPM
				}
			}
			people = append(people, share)
		}
		m.People = people
	}
	cfg.Mix = &m
	return nil
}

func (f *simFlags) simulate(c *cobra.Command, cfg population.Config) (*report.Report, error) {
	result, err := population.Run(c.Context(), cfg)
	if err != nil {
		return nil, setError(err)
	}
	r := report.New(result)
	r.Expect = report.Judge(result)
	if !f.exact {
		if err := report.Hinge(c.Context(), result, r.Expect); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// setError takes a mistake in a parameter as one of the caller's.
func setError(err error) error {
	var mistake *platform.SettingError
	if errors.As(err, &mistake) {
		return usage("docs/platforms.md lists the parameters", "%w", err)
	}
	return err
}

func (f *simFlags) story(w io.Writer, cfg population.Config) error {
	i := slices.IndexFunc(cfg.Plan.Tasks, func(t plan.Task) bool { return t.Name == f.why })
	if i < 0 {
		var names []string
		for _, t := range cfg.Plan.Tasks {
			names = append(names, t.Name)
		}
		return usage(plan.DidYouMean(f.why, names), "--why: the plan has no task %q", f.why)
	}
	told := false
	for _, platform := range f.platforms {
		if report.As(&cfg.Plan.Tasks[i], platform) == "" {
			continue
		}
		if told {
			fmt.Fprintln(w)
		}
		told = true
		if err := report.Story(w, cfg, platform, f.device, f.why); err != nil {
			return setError(err)
		}
	}
	if !told {
		names := make([]string, len(f.platforms))
		for i, platform := range f.platforms {
			names[i] = report.PlatformName(platform)
		}
		return usage("leave --platform out, or name another one", "--why: task %q does not exist on %s", f.why, strings.Join(names, " and "))
	}
	return nil
}

// bar shows on a terminal how far a simulation is.
type bar struct {
	w    io.Writer
	size func() (width, height int)
	mu   sync.Mutex
	last int
}

func newBar(w io.Writer) *bar { return &bar{w: w, size: terminal(w), last: -1} }

const barWidth = 40

func (b *bar) show(done, of int) {
	if b.size == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if at := done * barWidth / max(1, of); at > b.last {
		b.last = at
		fmt.Fprintf(b.w, "\r[%s%s] %d of %d phones", strings.Repeat("#", at), strings.Repeat(" ", barWidth-at), done, of)
	}
}

// end clears the line.
func (b *bar) end() {
	if b.size != nil && b.last >= 0 {
		fmt.Fprintf(b.w, "\r%s\r", strings.Repeat(" ", barWidth+40))
	}
}
