package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/work"
)

func whyCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "why WORK|TASK",
		Short: "say why a work does not run, since when, and what would start it",
		Long:  "why names every reason that keeps a work from running now. It works with the engine\nrunning or not: then that is one of the reasons.",
		Args:  exactly("a work or a task"),
		RunE: func(c *cobra.Command, args []string) error {
			r, _, running, err := reader(c.Context(), c)
			if err != nil {
				return err
			}
			defer r.Close()
			ids, err := resolve(c.Context(), r, args[0])
			var none *noWork
			if errors.As(err, &none) && none.task.Held != "" {
				return none.explain(c.OutOrStdout(), asJSON)
			}
			if err != nil {
				return err
			}
			var all []lull.Why
			for _, id := range ids {
				w, err := r.Why(c.Context(), id, running)
				if err != nil {
					return err
				}
				all = append(all, w)
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), all)
			}
			for i := range all {
				if i > 0 {
					fmt.Fprintln(c.OutOrStdout())
				}
				printWhy(c.OutOrStdout(), &all[i])
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

// resolve finds the works that a word on the command line means: an ID, the
// beginning of one, or a task's unfinished works, else its last one.
func resolve(ctx context.Context, r *lull.Reader, word string) ([]work.ID, error) {
	works, err := r.List(ctx, lull.Filter{})
	if err != nil {
		return nil, err
	}
	var ids, starts []work.ID
	names := map[string]bool{}
	for _, w := range works {
		if string(w.ID) == word {
			return []work.ID{w.ID}, nil
		}
		if len(word) >= 4 && strings.HasPrefix(string(w.ID), word) {
			starts = append(starts, w.ID)
		}
		names[w.Task] = true
	}
	for _, w := range latest(works) {
		if w.Task == word && (!w.State.Finished() || len(ids) == 0) {
			ids = append(ids, w.ID)
		}
	}
	switch {
	case len(ids) > 0:
		return ids, nil
	case len(starts) == 1:
		return starts, nil
	case len(starts) > 1:
		return nil, usage("write more of the ID", "%q is the beginning of %d IDs", word, len(starts))
	}
	return nil, notFound(ctx, r, word, names)
}

// noWork says that a task is known and has no work.
type noWork struct{ task lull.TaskInfo }

func (e *noWork) Error() string {
	s := fmt.Sprintf("task %q has no work", e.task.Name)
	if e.task.Note != "" {
		s += ": " + e.task.Note
	}
	return s
}

// explain says why there will be none.
func (e *noWork) explain(w io.Writer, asJSON bool) error {
	r := work.Reason{Code: work.Code(e.task.Held), Message: e.task.Note, Fix: "give it run: in the plan"}
	if r.Code == work.ReasonNotInPlan {
		r.Fix = "put the task back into the plan"
	}
	if asJSON {
		type held struct {
			Task    string        `json:"task"`
			Reasons []work.Reason `json:"reasons"`
		}
		return printJSON(w, []held{{e.task.Name, []work.Reason{r}}})
	}
	fmt.Fprintf(w, "%s has no work\n", e.task.Name)
	printReason(w, &r)
	return nil
}

func notFound(ctx context.Context, r *lull.Reader, word string, names map[string]bool) error {
	tasks, err := r.Tasks(ctx)
	if err != nil {
		return err
	}
	known := slices.Sorted(maps.Keys(names))
	for _, t := range tasks {
		if t.Name == word {
			return &usageError{&noWork{t}, "lull enqueue " + word + " makes one"}
		}
		known = append(known, t.Name)
	}
	hint := plan.DidYouMean(word, known)
	if hint == "" {
		hint = "lull ls lists the works"
	}
	return usage(hint, "no work and no task is called %q", word)
}

func printWhy(w io.Writer, y *lull.Why) {
	x := &y.Work
	fmt.Fprintf(w, "%s (%s) is %s\n", x.Task, x.ID, x.State)
	switch {
	case x.State == work.Running:
		fmt.Fprintf(w, "  it runs since %s (%s)\n", clock(x.Started), short(time.Since(x.Started)))
		if len(x.Progress) > 0 {
			fmt.Fprintf(w, "  its progress: %s\n", printable(string(x.Progress)))
		}
	case x.State.Finished():
		fmt.Fprintf(w, "  it finished at %s%s\n", clock(x.Finished), unrun(x))
	case len(y.Reasons) == 0:
		fmt.Fprintln(w, "  nothing keeps it from running: it is about to start")
	}
	for i := range y.Reasons {
		printReason(w, &y.Reasons[i])
	}
	printLast(w, x)
}

// unrun says why a work finished without a run, if it did.
func unrun(x *lull.Info) string {
	if x.Unrun == "" {
		return ""
	}
	s := " without a run: " + x.Unrun
	for i, id := range x.After {
		if i == 0 {
			s += ", see lull why " + string(id)
		} else {
			s += ", " + string(id)
		}
	}
	return s
}

func printReason(w io.Writer, r *work.Reason) {
	fmt.Fprintf(w, "  - %s\n", printable(r.Message))
	var when []string
	if !r.Since.IsZero() {
		when = append(when, "since "+clock(r.Since))
	}
	if !r.Until.IsZero() {
		when = append(when, fmt.Sprintf("until %s (%s)", clock(r.Until), ahead(r.Until)))
	}
	if len(when) > 0 {
		fmt.Fprintf(w, "    %s\n", strings.Join(when, ", "))
	}
	fmt.Fprintf(w, "    to clear it: %s\n", printable(r.Fix))
}

func ahead(t time.Time) string {
	d := time.Until(t)
	if d < 0 {
		return "past"
	}
	return "in " + short(d)
}

func printLast(w io.Writer, x *lull.Info) {
	l := x.Last
	if l == nil {
		return
	}
	fmt.Fprintf(w, "  last run: %s at %s, after %s", l.Outcome, clock(l.Ended), short(l.Ended.Sub(l.Started)))
	if l.Message != "" {
		fmt.Fprintf(w, ": %s", printable(l.Message))
	}
	fmt.Fprintln(w)
	if l.Outcome == work.Success {
		return
	}
	if l.Layers != "" {
		fmt.Fprintf(w, "  its limits: %s\n", printable(l.Layers))
	}
	if x.Failures > 0 {
		fmt.Fprintf(w, "  failed runs so far: %d\n", x.Failures)
	}
	if tail := strings.TrimRight(l.Tail, "\n"); tail != "" {
		lines := strings.Split(tail, "\n")
		const most = 10
		if len(lines) > most {
			lines = lines[len(lines)-most:]
		}
		fmt.Fprintln(w, "  end of its output:")
		for _, line := range lines {
			fmt.Fprintf(w, "    | %s\n", printable(line))
		}
	}
	if l.Log != "" {
		fmt.Fprintf(w, "  all of its output: %s\n", l.Log)
	}
}

// printable keeps a task's output from steering the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '\uFFFD'
		}
		return r
	}, s)
}
