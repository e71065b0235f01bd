package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/work"
)

// stateFlag is what a command must add to find the state of this run.
func (r *runner) stateFlag() string {
	here, err := searchState()
	if err == nil {
		a, err1 := os.Stat(string(here))
		b, err2 := os.Stat(string(r.state))
		if err1 == nil && err2 == nil && os.SameFile(a, b) {
			return ""
		}
	}
	return " --state " + string(r.state)
}

// nothingToRun is said of a task that is only modelled.
const nothingToRun = "the plan gives it nothing to run (" + string(work.ReasonNoEntryPoint) + ")"

// summary tells what became of the works, and what still waits and why.
func (r *runner) summary(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	rd, err := lull.Browse(ctx, r.state.store())
	if err != nil {
		return err
	}
	defer rd.Close()
	works, err := rd.List(ctx, lull.Filter{})
	if err != nil {
		return err
	}
	waiting, err := rd.Waiting(ctx, true, lull.Filter{})
	if err != nil {
		return err
	}
	failed, again := printSummary(r.out.stdout, withFailed(latest(works, 0), works, r.began), waiting, r.plan.Tasks)
	if failed+again == 0 {
		return nil
	}
	talk := count(failed, "work") + " failed"
	switch {
	case failed == 0:
		talk = count(again, "work") + " failed so far and will be tried again"
	case again > 0:
		talk += fmt.Sprintf(", %d failed so far and will be tried again", again)
	}
	fmt.Fprintf(r.out.stderr, "lull: %s\nhint: lull why TASK%s shows how\n", talk, r.stateFlag())
	return errFindings
}

// withFailed adds the works that failed in this run and that a later work of the same
// task hides.
func withFailed(shown, works []lull.Info, began time.Time) []lull.Info {
	for i := range works {
		w := &works[i]
		listed := slices.ContainsFunc(shown, func(s lull.Info) bool { return s.ID == w.ID })
		if w.State == work.Failed && !w.Finished.Before(began) && !listed {
			shown = append(shown, *w)
		}
	}
	return shown
}

// printSummary writes a line a work and counts those that failed, and those that
// wait after a failed run.
func printSummary(w io.Writer, works []lull.Info, waiting []lull.Explained, tasks []plan.Task) (failed, again int) {
	why := map[work.ID]string{}
	for i := range waiting {
		x := &waiting[i]
		why[x.Work.ID] = withoutIDs(oneReason(x.Reasons, until), x.Work.After)
	}
	seen := map[string]bool{}
	rows := [][]string{{"TASK", "STATE", "LAST RUN", "BECAUSE"}}
	for i := range works {
		x := &works[i]
		because := why[x.ID]
		switch {
		case x.State == work.Failed:
			failed++
			because = x.Unrun
			if x.Last != nil {
				because = x.Last.Message
			}
		case x.State == work.Enqueued && x.Last != nil && x.Last.Outcome.CountsAsFailure():
			again++
		}
		if x.State == work.Enqueued && because == "" {
			because = "it is due: the next lull run starts it"
		}
		seen[x.Task] = true
		rows = append(rows, []string{x.Task, x.State.String(), last(x), printable(because)})
	}
	for _, t := range tasks {
		if t.Modelled && !seen[t.Name] {
			rows = append(rows, []string{t.Name, "-", "-", nothingToRun})
		}
	}
	fmt.Fprintln(w)
	table(w, rows...)
	return failed, again
}
