package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/internal/httpapi"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/policy/platform"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// clientWait is how long lull run waits for a command that has the state for a
// moment.
const clientWait = 5 * time.Second

func runCommand() *cobra.Command {
	var untilIdle, again bool
	var jobs int
	var pretend, record string
	var phone deskFlags
	c := &cobra.Command{
		Use:   "run PLAN",
		Short: "run a plan's tasks in the foreground",
		Long: "run runs the tasks of a plan when their conditions hold, until it is interrupted, its terminal is\n" +
			"closed or nobody reads its output any more.\n" +
			"Then it asks every run to end, and kills those whose grace is over. A second interrupt kills them\n" +
			"at once, a third one does not wait until that is written down.\n\n" +
			"With --as ios or --as android the tasks of a phone app run under that system's rules, in real\n" +
			"time: the app asks for them as the plan says, the system starts them when it would. lull app\n" +
			"lets things happen to the app, lull why says what holds a task.",
		Args: exactly("PLAN"),
		RunE: func(c *cobra.Command, args []string) error {
			host, err := phone.host(c.Flags().Changed)
			if err != nil {
				return err
			}
			ctx, stdout := whileRead(c.Context(), c.OutOrStdout())
			r := &runner{out: newDisplay(stdout, c.ErrOrStderr()), planFile: args[0], untilIdle: untilIdle, began: time.Now()}
			r.state = state(filepath.Join(filepath.Dir(args[0]), stateName))
			if name, _ := c.Flags().GetString("state"); name != "" {
				r.state = state(name)
			}
			if c.Flags().Changed("jobs") && jobs < 1 {
				return usage("use --jobs 1 or more", "--jobs %d", jobs)
			}
			pretended, err := parsePairs(pretend)
			if err != nil {
				return err
			}
			if !host {
				r.phone = &phone
			}
			return r.run(ctx, lull.Config{
				Store: r.state.store(), Plan: args[0], Again: again, Jobs: jobs, Pretend: pretended,
				Journal: r.state.journal(), Record: record, Logs: r.state.runs(), Cache: r.state.cache(), Log: r.out.talk,
			})
		},
	}
	f := c.Flags()
	f.BoolVar(&untilIdle, "until-idle", false, "end when nothing can run now; exit 1 if a work failed")
	f.BoolVar(&again, "again", false, "repeat one-time tasks that are finished")
	f.IntVar(&jobs, "jobs", 0, "works in parallel (default: the plan's jobs, else the number of processors)")
	f.StringVar(&pretend, "pretend", "", "take signals for what they are not, as charging=no,network=metered")
	f.StringVar(&record, "record", "", "write everything that happens into this `FILE`, for lull sim --replay")
	f.StringVar(&phone.as, "as", "host", "platform whose rules apply: host, android or ios")
	f.StringVar(&phone.world, "world", "daily", "with --as: who has the phone: an archetype, a trace (CSV) or none")
	f.StringVar(&phone.traceApp, "trace-app", "", "with --world TRACE: the `NAME` of the app in it")
	f.Uint64Var(&phone.seed, "seed", 1, "with --as: the same one gives the same phone")
	f.StringArrayVar(&phone.set, "set", nil, "with --as: another value for a parameter, as theta0=0.7")
	f.StringVar(&phone.android, "android", "", "with --as android: its `VERSION` (default: the newest)")
	return c
}

// parsePairs reads key=value,key=value.
func parsePairs(s string) (map[string]string, error) {
	out := map[string]string{}
	if s == "" {
		return out, nil
	}
	for _, pair := range strings.Split(s, ",") {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, usage("write it as charging=no,network=metered", "--pretend: %q is no key=value", pair)
		}
		if _, err := plan.FactsOf(key, value); err != nil {
			var e *plan.Error
			if errors.As(err, &e) {
				return nil, usage(e.Hint, "--pretend %s: %s", pair, e.Msg)
			}
			return nil, err
		}
		out[key] = value
	}
	return out, nil
}

// runner is one lull run.
type runner struct {
	out       *display
	state     state
	planFile  string
	plan      *plan.Plan
	phone     *deskFlags // nil: the host
	desk      *desk
	untilIdle bool
	began     time.Time
}

// readPlan reads a plan, with a hint if there is none.
func readPlan(file string) (*plan.Plan, error) {
	p, err := plan.Read(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usage("name the plan, as lull.yaml", "%s: no such file", file)
	}
	if err != nil {
		return nil, err
	}
	return p, knownPeople(p)
}

func (r *runner) run(ctx context.Context, cfg lull.Config) error {
	// A wrong plan makes no folder.
	p, err := readPlan(r.planFile)
	if err != nil {
		return err
	}
	r.plan = p
	if r.phone != nil {
		if r.desk, err = newDesk(r.phone, p, r.out); err != nil {
			return err
		}
		r.desk.configure(&cfg)
		_, err := os.Stat(r.state.database())
		r.desk.fresh = errors.Is(err, fs.ErrNotExist)
	}
	if err := r.state.make(); err != nil {
		return err
	}
	var eng *lull.Engine
	if err := patiently(ctx, func() (again bool, err error) {
		eng, err = lull.Open(ctx, cfg)
		// An engine stays, a command is gone in a moment.
		return errors.Is(err, store.ErrLocked) && !httpapi.Serves(ctx, r.state.socket()), err
	}); err != nil {
		return err
	}
	for _, t := range r.plan.Tasks {
		there := true
		if r.desk != nil {
			_, there = r.desk.index[t.Name]
		}
		switch {
		case t.Modelled:
			r.out.note("held", t.Name+": "+nothingToRun)
		case !there:
			r.out.note("held", t.Name+": it does not exist on "+platform.Title(r.phone.as))
		}
	}
	onSecondSignal(ctx, eng.Kill)
	err = r.drive(ctx, eng)
	return errors.Join(err, eng.Close())
}

// patiently tries again for a while, because somebody has the state for a moment.
func patiently(ctx context.Context, try func() (again bool, err error)) error {
	for deadline := time.Now().Add(clientWait); ; {
		again, err := try()
		if !again || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// drive runs the engine with its socket and its display beside it.
func (r *runner) drive(ctx context.Context, eng *lull.Engine) error {
	l, err := httpapi.Listen(r.state.socket())
	if err != nil {
		return err
	}
	start := eng.Seq()
	r.out.begin()
	beside, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer context.AfterFunc(ctx, r.out.stopping)()
	var wg sync.WaitGroup
	wg.Go(func() { r.serve(beside, l, eng) })
	wg.Go(func() { r.out.follow(beside, eng, start) })
	if r.desk != nil {
		r.desk.attach(beside, eng)
		wg.Go(func() { r.desk.run(beside, start) })
	}
	if r.untilIdle {
		err = eng.RunUntilIdle(ctx)
	} else {
		err = eng.Run(ctx)
	}
	r.out.settle(eng)
	stop()
	wg.Wait()
	r.out.end()
	if err != nil || !r.untilIdle {
		return err
	}
	return r.summary(ctx)
}

func (r *runner) serve(ctx context.Context, l net.Listener, eng *lull.Engine) {
	if err := httpapi.Serve(ctx, l, socketEngine{eng, r.desk}); err != nil {
		r.out.talk("socket: %v", err)
	}
}

// socketEngine is the engine as the socket's clients see it.
type socketEngine struct {
	*lull.Engine
	desk *desk // nil: it runs as the host
}

func (e socketEngine) App(ctx context.Context, q httpapi.AppRequest) (string, error) {
	if e.desk == nil {
		return "", appError("", "the engine runs as the host, which has no app", "lull run PLAN --as ios, or --as android")
	}
	return e.desk.carryOut(ctx, q)
}

func (e socketEngine) EnqueueTask(ctx context.Context, q httpapi.TaskRequest) (work.ID, error) {
	return e.Engine.EnqueueTask(ctx, lull.TaskRequest{Task: q.Task, ID: q.ID, Input: q.Input, Delay: q.Delay, Tags: q.Tags, Unique: q.Unique})
}
