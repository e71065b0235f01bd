// Command bench compares lull with other durable queues on SQLite, side by side in one run.
// README.md says what is measured and how each system is tuned.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/lullwork/lull/bench/internal/sheet"
	"github.com/lullwork/lull/isolate"
)

const (
	fullN   = 100_000
	million = 1_000_000
)

// config is what the flags say.
type config struct {
	systems string
	n       int
	million bool
	all     bool
	runs    int
	span    time.Duration
	paced   time.Duration
	dir     string
	gate    bool
}

func main() {
	isolate.Main(lullEntry())
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
		chosen, err = choose(systems(), c.systems)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 2
	}
	disk, err := diskOf(c.dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 2
	}
	s := newSuite(c, chosen, os.Stderr)
	if err := s.runBelow(ctx, c.dir); err != nil {
		fmt.Fprintln(os.Stderr, "\nbench:", err)
		return 1
	}
	s.print(os.Stdout, disk)
	return s.exitCode()
}

// runBelow runs the suite in a folder of its own in dir, and removes it whatever happens.
func (s *suite) runBelow(ctx context.Context, dir string) (err error) {
	root, err := os.MkdirTemp(dir, "lull-bench-")
	if err != nil {
		return fmt.Errorf("%w\nhint: name a folder that can be written with -dir", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(root)) }()
	return s.run(ctx, root)
}

func (s *suite) exitCode() int {
	var counted []sheet.Goal
	if s.config.gate {
		counted = gates()
	}
	return s.ExitCode(os.Stderr, counted)
}

func parse(args []string) (config, error) {
	var c config
	var quick bool
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&c.systems, "systems", "", "comma-separated `names` of the systems to compare (default all)")
	f.IntVar(&c.n, "n", fullN, "pending `jobs` of the drain; the 1 ms drain has a fifth of it")
	f.BoolVar(&c.million, "million", true, "drain one million pending jobs too, where that takes seconds")
	f.BoolVar(&c.all, "all", false, "drain the million on every system (some need minutes to an hour)")
	f.IntVar(&c.runs, "runs", 3, "runs, interleaved; the table shows median [min-max]")
	f.DurationVar(&c.span, "for", 2*time.Second, "how long callers insert in the insert and end-to-end trials")
	f.DurationVar(&c.paced, "paced", 10*time.Second, "how long the 100/s latency trial lasts")
	f.StringVar(&c.dir, "dir", defaultDir(), "`folder` for the files, on the disk to measure")
	f.BoolVar(&c.gate, "gate", false, "exit 1 if a ratio of the goals is missed or cannot be decided")
	f.BoolVar(&quick, "quick", false, "one short run: -runs 1 -n 20000 -for 1s -paced 3s -million=false, unless given")
	if err := f.Parse(args); err != nil {
		return c, err
	}
	if quick {
		short := [][2]string{{"runs", "1"}, {"n", "20000"}, {"for", "1s"}, {"paced", "3s"}}
		if !c.all {
			short = append(short, [2]string{"million", "false"})
		}
		if err := sheet.Preset(f, short); err != nil {
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
	if c.n < 1 || c.n > maxJobs {
		errs = append(errs, fmt.Errorf("-n %d is outside 1..%d", c.n, maxJobs))
	}
	if c.runs < 1 {
		errs = append(errs, fmt.Errorf("-runs %d: at least 1 is needed", c.runs))
	}
	if c.span <= 0 {
		errs = append(errs, fmt.Errorf("-for %s must be longer than zero", c.span))
	}
	if c.paced < paceEvery {
		errs = append(errs, fmt.Errorf("-paced %s is shorter than one sample (%s)", c.paced, paceEvery))
	}
	return errors.Join(errs...)
}

// defaultDir is /var/tmp where there is one: /tmp is in memory on many machines.
func defaultDir() string {
	if st, err := os.Stat("/var/tmp"); err == nil && st.IsDir() {
		return "/var/tmp"
	}
	return os.TempDir()
}

func choose(all []system, names string) ([]system, error) {
	return sheet.Choose(all, func(s system) string { return s.name }, names)
}
