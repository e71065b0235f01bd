package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/work"
)

// mostWhys is how many works of a task are explained.
const mostWhys = 100

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
			ids, err := resolve(c.Context(), r, args[0], mostWhys+1)
			var none *noWork
			if errors.As(err, &none) {
				if reasons, more := none.reasons(c.Context(), r); more != nil {
					return more
				} else if len(reasons) > 0 {
					return none.explain(c.OutOrStdout(), reasons, asJSON)
				}
			}
			if err != nil {
				return err
			}
			if len(ids) > mostWhys {
				ids = ids[:mostWhys]
				fmt.Fprintf(c.ErrOrStderr(), "lull: only the first %d works of the task are explained; lull ls --task %s lists more\n", mostWhys, args[0])
			}
			all, err := r.Whys(c.Context(), ids, running)
			if err != nil {
				return err
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
	c.ValidArgsFunction = completeTask
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

// resolve finds the works that a word on the command line means: an ID, the
// beginning of one, or a task's unfinished works, at most so many, else its last one.
func resolve(ctx context.Context, r *lull.Reader, word string, most int) ([]work.ID, error) {
	if there, err := r.Has(ctx, work.ID(word)); there || err != nil {
		return []work.ID{work.ID(word)}, err
	}
	tasks, err := r.Tasks(ctx)
	if err != nil {
		return nil, err
	}
	// A word that is the name of no task is rather the beginning of an ID: to find out
	// that a task has no works, all of them are looked at.
	finders := []func(context.Context, *lull.Reader, string, int) ([]work.ID, error){beginning, ofTask}
	if slices.ContainsFunc(tasks, func(t lull.TaskInfo) bool { return t.Name == word }) {
		slices.Reverse(finders)
	}
	for _, find := range finders {
		if ids, err := find(ctx, r, word, most); len(ids) > 0 || err != nil {
			return ids, err
		}
	}
	return nil, notFound(tasks, word)
}

// beginning finds the work whose ID begins with a word.
func beginning(ctx context.Context, r *lull.Reader, word string, _ int) ([]work.ID, error) {
	const shortest = 4
	if len(word) < shortest {
		return nil, nil
	}
	f := lull.Filter{Begin: word, Limit: 2}
	works, err := r.List(ctx, f)
	if err != nil || len(works) < f.Limit {
		return idsOf(works), err
	}
	n, err := r.Count(ctx, f)
	if err != nil {
		return nil, err
	}
	return nil, usage("write more of the ID", "%q is the beginning of %d IDs", word, n)
}

// ofTask finds the unfinished works of a task, else the one that finished last.
func ofTask(ctx context.Context, r *lull.Reader, task string, most int) ([]work.ID, error) {
	works, err := r.List(ctx, lull.Filter{Task: task, States: unfinished, Limit: most})
	if len(works) == 0 && err == nil {
		works, err = r.List(ctx, lull.Filter{Task: task, States: finished, Limit: 1})
	}
	return idsOf(works), err
}

func idsOf(works []lull.Info) []work.ID {
	var ids []work.ID
	for i := range works {
		ids = append(ids, works[i].ID)
	}
	return ids
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

// reasons says why there is none, where there should or could be one.
func (e *noWork) reasons(ctx context.Context, r *lull.Reader) ([]work.Reason, error) {
	if e.task.Held != "" {
		x := work.Reason{Code: work.Code(e.task.Held), Message: e.task.Note, Fix: "give it run: in the plan"}
		if x.Code == work.ReasonNotInPlan {
			x.Fix = "put the task back into the plan"
		}
		if as, err := r.Platform(ctx); err != nil {
			return nil, err
		} else if as != "" && strings.Contains(x.Message, "does not exist") {
			x.Fix = "give it " + as + ": in the plan"
		}
		return []work.Reason{x}, nil
	}
	absent, phone, err := r.Absent(ctx)
	if !phone {
		return nil, err
	}
	return []work.Reason{absent}, err
}

// explain says why there is none.
func (e *noWork) explain(w io.Writer, reasons []work.Reason, asJSON bool) error {
	if asJSON {
		type held struct {
			Task    string        `json:"task"`
			Reasons []work.Reason `json:"reasons"`
		}
		return printJSON(w, []held{{e.task.Name, reasons}})
	}
	fmt.Fprintf(w, "%s has no work\n", e.task.Name)
	for i := range reasons {
		printReason(w, &reasons[i])
	}
	return nil
}

func notFound(tasks []lull.TaskInfo, word string) error {
	var known []string
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
	if p := y.Previous; p != nil && p.Last != nil {
		fmt.Fprintf(w, "before, %s (%s) was %s\n", p.Task, p.ID, p.State)
		printLast(w, p)
	}
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
