package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/work"
)

func lsCommand() *cobra.Command {
	var asJSON, all, tasks bool
	var filter lull.Filter
	c := &cobra.Command{
		Use:   "ls",
		Short: "list works and their states",
		Long:  "ls lists the works that are not finished and, of each task without one, the work\nthat finished last. --all lists every work that is kept.",
		Args:  exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			r, _, running, err := reader(c.Context(), c)
			if err != nil {
				return err
			}
			defer r.Close()
			if filter.Limit < 0 {
				return usage("use --limit 1 or more, or 0 for all", "--limit %d", filter.Limit)
			}
			if tasks {
				return listTasks(c, r, asJSON)
			}
			works, err := list(c.Context(), r, filter, all)
			if err != nil {
				return err
			}
			if len(works) == 0 {
				if err := knownTask(c.Context(), r, filter.Task); err != nil {
					return err
				}
			}
			if asJSON {
				err = printJSON(c.OutOrStdout(), works)
				return errors.Join(err, tellMore(c, r, filter, all, len(works)))
			}
			if !running {
				fmt.Fprintln(c.ErrOrStderr(), noEngine)
			}
			waiting, err := r.Waiting(c.Context(), running, filter)
			if err != nil {
				return err
			}
			printWorks(c.OutOrStdout(), works, waiting)
			return tellMore(c, r, filter, all, len(works))
		},
	}
	f := c.Flags()
	f.BoolVar(&asJSON, "json", false, "as JSON")
	f.BoolVar(&all, "all", false, "finished works too")
	f.BoolVar(&tasks, "tasks", false, "the tasks that are known, instead of works")
	f.StringVar(&filter.Task, "task", "", "only works of this task")
	completeFlag(c, "task", func([]string) []string { return stateTasks(c) })
	f.StringVar(&filter.Tag, "tag", "", "only works with this tag")
	f.StringVar(&filter.Name, "unique", "", "only works with this unique name")
	f.IntVar(&filter.Limit, "limit", 1000, "at most so many works; 0: all")
	return c
}

var (
	unfinished = []work.State{work.Enqueued, work.Running, work.Blocked}
	finished   = []work.State{work.Succeeded, work.Failed, work.Cancelled}
)

// list returns the works that ls shows, in no more memory than the limit asks for.
func list(ctx context.Context, r *lull.Reader, f lull.Filter, all bool) ([]lull.Info, error) {
	if all {
		return r.List(ctx, f)
	}
	f.States = unfinished
	works, err := r.List(ctx, f)
	if err != nil {
		return nil, err
	}
	f.States = finished
	done, err := r.List(ctx, f)
	return latest(append(works, done...), f.Limit), err
}

// tellMore says that there are more works than the limit lets ls show.
func tellMore(c *cobra.Command, r *lull.Reader, f lull.Filter, all bool, shown int) error {
	if f.Limit == 0 || shown < f.Limit {
		return nil
	}
	what := "works"
	if !all {
		f.States, what = unfinished, "unfinished works"
	}
	n, err := r.Count(c.Context(), f)
	if err == nil && n > shown {
		fmt.Fprintf(c.ErrOrStderr(), "lull: only %d of %d %s are shown; --limit 0 shows all\n", shown, n, what)
	}
	return err
}

func printWorks(w io.Writer, works []lull.Info, waiting []lull.Explained) {
	waits := map[work.ID]*lull.Explained{}
	for i := range waiting {
		waits[waiting[i].Work.ID] = &waiting[i]
	}
	rows := [][]string{{"TASK", "STATE", "ID", "ATTEMPTS", "LAST RUN", "NEXT RUN"}}
	for i := range works {
		x := &works[i]
		rows = append(rows, []string{x.Task, x.State.String(), string(x.ID), fmt.Sprint(x.Attempts), last(x), next(x, waits[x.ID])})
	}
	table(w, rows...)
}

// next says when a work may run next, or the first reason why that is not known.
func next(w *lull.Info, waits *lull.Explained) string {
	switch {
	case w.State == work.Running:
		return "runs since " + clock(w.Started)
	case w.State == work.Enqueued && w.Due.After(time.Now()):
		return clock(w.Due)
	case waits == nil:
		return "-"
	case len(waits.Reasons) == 0:
		return "about to start"
	}
	s := withoutIDs(waits.Reasons[0].Message, w.After)
	if n := len(waits.Reasons) - 1; n > 0 {
		s += fmt.Sprintf(" (and %s)", count(n, "more reason"))
	}
	return s
}

// knownTask returns an error if the state knows no task of a name; "": any.
func knownTask(ctx context.Context, r *lull.Reader, name string) error {
	if name == "" {
		return nil
	}
	tasks, err := r.Tasks(ctx)
	if err != nil {
		return err
	}
	names := make([]string, len(tasks))
	for i, t := range tasks {
		if names[i] = t.Name; t.Name == name {
			return nil
		}
	}
	return usage(cmp.Or(plan.DidYouMean(name, names), "lull ls --tasks lists them"), "no task is called %q here", name)
}

func listTasks(c *cobra.Command, r *lull.Reader, asJSON bool) error {
	tasks, err := r.Tasks(c.Context())
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(c.OutOrStdout(), tasks)
	}
	rows := [][]string{{"TASK", "HELD BECAUSE"}}
	for _, t := range tasks {
		rows = append(rows, []string{t.Name, orDash(t.Note)})
	}
	table(c.OutOrStdout(), rows...)
	return nil
}

func logCommand() *cobra.Command {
	var follow, asJSON bool
	var task string
	var tail int
	var phones phoneLogFlags
	c := &cobra.Command{
		Use:   "log [FILE ...]",
		Short: "show the run log, or what phones' run logs say",
		Long: "log shows what was decided and done, oldest first. The same lines, as JSON, are in\njournal.jsonl in the folder of the state.\n\n" +
			"With files it reads run logs that were pulled from phones (docs/runlog.md), each of one device:\n" +
			"task by task and device by device how often it ran, how runs ended, and the longest times without\n" +
			"one. It tells times in which a task did not run from those of which there is no record. --plan\n" +
			"puts beside it what a plan wants.",
		RunE: func(c *cobra.Command, files []string) error {
			if err := phones.onlyOf(c, len(files) > 0); err != nil {
				return err
			}
			if len(files) > 0 {
				phones.task, phones.asJSON = task, asJSON
				return phones.show(c, files)
			}
			r, _, _, err := reader(c.Context(), c)
			if err != nil {
				return err
			}
			defer r.Close()
			if tail < 0 {
				return usage("use -n 1 or more", "-n %d", tail)
			}
			l := &logView{
				stdout: c.OutOrStdout(), words: newWords(), task: task, asJSON: asJSON,
				colour: terminal(c.OutOrStdout()) != nil && coloured(),
			}
			return l.show(c.Context(), r, follow, tail)
		},
	}
	f := c.Flags()
	f.BoolVarP(&follow, "follow", "f", false, "go on as things happen")
	f.BoolVar(&asJSON, "json", false, "as JSON, one object a line")
	f.StringVar(&task, "task", "", "only this task")
	completeFlag(c, "task", func(files []string) []string {
		if phones.plan != "" || len(files) > 0 {
			return planTasks(c, phones.plan, phones.project)
		}
		return stateTasks(c)
	})
	f.IntVarP(&tail, "tail", "n", 0, "only the last so many lines (default: all)")
	f.StringVar(&phones.plan, "plan", "", "with files: the `PLAN|DIR` of the app, to hold them against")
	f.StringVar(&phones.project, "project", "", "with --plan: `FOLDER` of one project, where DIR has several")
	f.StringVar(&phones.taken, "taken", "", "with files: `TIME` at which they were pulled (default: the last line of each)")
	return c
}

// logView prints entries of the journal.
type logView struct {
	stdout io.Writer
	words  words
	task   string
	asJSON bool
	colour bool
}

func (l *logView) show(ctx context.Context, r *lull.Reader, follow bool, tail int) error {
	var lines []string
	seq, err := r.Journal(ctx, 0, func(e lull.Entry) bool {
		if line := l.text(&e); line != "" {
			lines = append(lines, line)
			if tail > 0 && len(lines) > 2*tail {
				lines = append(lines[:0], lines[len(lines)-tail:]...)
			}
		}
		return ctx.Err() == nil
	})
	if err != nil {
		return err
	}
	if tail > 0 && len(lines) > tail {
		lines = lines[len(lines)-tail:]
	}
	if len(lines) == 0 {
		if err := knownTask(ctx, r, l.task); err != nil {
			return err
		}
	}
	for _, line := range lines {
		fmt.Fprintln(l.stdout, line)
	}
	const pause = 300 * time.Millisecond
	for follow && ctx.Err() == nil {
		if seq, err = r.Journal(ctx, seq, func(e lull.Entry) bool {
			if line := l.text(&e); line != "" {
				fmt.Fprintln(l.stdout, line)
			}
			return true
		}); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	return nil
}

// text is the line of an entry; "" if it is not to be shown.
func (l *logView) text(e *lull.Entry) string {
	now, err := time.Parse(time.RFC3339Nano, e.Time)
	if err != nil {
		return ""
	}
	l.words.learn(e, now)
	word, text, r := l.words.tell(e, now)
	l.words.forget(e)
	if l.task != "" && l.task != e.Task && (e.Work == "" || l.task != l.words.taskOf(e.Work)) {
		return ""
	}
	if l.asJSON {
		b, err := json.Marshal(e)
		if err != nil {
			return ""
		}
		return string(b)
	}
	if r == noise {
		return ""
	}
	return now.Local().Format("2006-01-02 15:04:05.000") + "  " + paint(l.colour, word) + " " + printable(text)
}

func deviceCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "device",
		Short: "show each signal of this machine, where it is read, and what it can enforce on runs",
		Args:  exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			facts, err := lull.ReadDevice(c.Context(), deviceDir(c))
			if err != nil {
				return err
			}
			layers, err := lull.ReadLayers()
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), struct {
					Signals []lull.Signal   `json:"signals"`
					Layers  []isolate.Layer `json:"layers"`
				}{facts, layers})
			}
			printDevice(c.OutOrStdout(), facts)
			printLayers(c.OutOrStdout(), layers)
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

// deviceDir is the folder whose file system counts: the state's, if there is one.
func deviceDir(c *cobra.Command) string {
	if s, err := findState(c); err == nil {
		return string(s)
	}
	return "."
}

func printDevice(w io.Writer, facts []lull.Signal) {
	rows := [][]string{{"SIGNAL", "VALUE", "READ FROM"}}
	var notes [][]string
	for _, f := range facts {
		rows = append(rows, []string{f.Name, f.Value, orDash(f.Source)})
		if f.Note != "" {
			notes = append(notes, []string{"  " + f.Name, f.Note})
		}
	}
	table(w, rows...)
	if len(notes) > 0 {
		fmt.Fprintln(w, "\nUnknown signals hold the work that needs them. To make them known:")
		table(w, notes...)
	}
}

// printLayers shows what this host enforces on runs that ask for it.
func printLayers(w io.Writer, layers []isolate.Layer) {
	rows := [][]string{{"LAYER", "ENFORCED", "BY", "BUT"}}
	for _, l := range layers {
		rows = append(rows, []string{string(l.Name), string(l.Given), orDash(l.Means), l.Why})
	}
	fmt.Fprintln(w)
	table(w, rows...)
	fmt.Fprintln(w, "\nThis contains faults. It is no security boundary against hostile native code.")
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
