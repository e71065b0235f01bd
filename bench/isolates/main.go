// Command isolates compares lull's isolates with other ways to run something apart from the rest: plugins, workers and
// processes of other languages. README.md says what is measured and how each system is set up.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/lullwork/lull/bench/internal/sheet"
)

// config is what the flags say.
type config struct {
	systems string
	runs    int
	span    time.Duration
	live    int
	rounds  int
	gate    bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// Exit codes: 0 done, 1 a trial failed or -gate found a goal missed, 2 usage.
func run(ctx context.Context, args []string) int {
	c, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	var chosen []system
	if err == nil {
		chosen, err = sheet.Choose(systems(), func(s system) string { return s.name }, c.systems)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "isolates:", err)
		return 2
	}
	if err := adoptOrphans(); err != nil {
		fmt.Fprintln(os.Stderr, "isolates:", err)
		return 1
	}
	s := newSuite(c, chosen, os.Stderr)
	if load := busy(); load > float64(runtime.NumCPU())/2 {
		s.Remark(fmt.Sprintf("the machine had other work to do at the start (load %.1f on %d CPUs): what that did to the figures is not known; repeat on an idle one",
			load, runtime.NumCPU()))
	}
	if err := s.runInFolder(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "\nisolates:", err)
		return 1
	}
	s.print(os.Stdout)
	return s.exitCode()
}

// runInFolder installs the systems in a folder of their own, takes all figures, and removes it whatever happens.
func (s *suite) runInFolder(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "lull-isolates-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := s.install(ctx, dir); err != nil {
		return err
	}
	return s.run(ctx)
}

func (s *suite) exitCode() int {
	var counted []sheet.Goal
	if s.config.gate {
		counted = gates(s.config)
	}
	return s.ExitCode(os.Stderr, counted)
}

func parse(args []string) (config, error) {
	var c config
	var quick bool
	f := flag.NewFlagSet("isolates", flag.ContinueOnError)
	f.StringVar(&c.systems, "systems", "", "comma-separated `names` of the systems to compare (default all)")
	f.IntVar(&c.runs, "runs", 3, "runs, interleaved; the table shows median [min-max]")
	f.DurationVar(&c.span, "for", 2*time.Second, "how long a trial takes samples, at most")
	f.IntVar(&c.live, "live", 1000, "`isolates` alive at once in the memory trial; heavy peers get a tenth, light ones more")
	f.IntVar(&c.rounds, "rounds", 1000, "isolates started and ended, one after the other, in the trial for leaks")
	f.BoolVar(&c.gate, "gate", false, "exit 1 if a gate of the goals is missed or cannot be decided")
	f.BoolVar(&quick, "quick", false, "one short run: -runs 1 -for 300ms -live 50 -rounds 100, unless given")
	if err := f.Parse(args); err != nil {
		return c, err
	}
	if quick {
		if err := sheet.Preset(f, [][2]string{{"runs", "1"}, {"for", "300ms"}, {"live", "50"}, {"rounds", "100"}}); err != nil {
			return c, err
		}
	}
	return c, c.check(f.Args())
}

func (c config) check(rest []string) error {
	var errs []error
	if len(rest) > 0 {
		errs = append(errs, fmt.Errorf("unexpected argument %q\nhint: see -help", rest[0]))
	}
	if c.runs < 1 {
		errs = append(errs, fmt.Errorf("-runs %d: at least 1 is needed", c.runs))
	}
	if c.span < time.Millisecond || c.span > time.Hour {
		errs = append(errs, fmt.Errorf("-for %s is outside 1ms..1h", c.span))
	}
	if c.live < 10 || c.live > maxLive {
		errs = append(errs, fmt.Errorf("-live %d is outside 10..%d", c.live, maxLive))
	}
	if c.rounds < 1 {
		errs = append(errs, fmt.Errorf("-rounds %d: at least 1 is needed", c.rounds))
	}
	return errors.Join(errs...)
}

// cpus is how many isolates are started at the same time in the trial of many spawners.
func cpus() int { return max(2, runtime.NumCPU()) }
