package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/lullwork/lull/internal/measured"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/runlog"
)

// phoneLogFlags are the flags of lull log with files.
type phoneLogFlags struct {
	plan    string
	project string
	taken   string
	task    string
	asJSON  bool
}

// onlyOf refuses flags of the other form of lull log.
func (f *phoneLogFlags) onlyOf(c *cobra.Command, files bool) error {
	others, hint := []string{"plan", "project", "taken"}, "name run logs of phones too: lull log FILE..."
	if files {
		others, hint = []string{"follow", "tail", "state"}, "it goes with the run log of an engine: lull log without files"
	}
	for _, name := range others {
		if c.Flags().Changed(name) {
			if files {
				return usage(hint, "log: --%s with files", name)
			}
			return usage(hint, "log: --%s without files", name)
		}
	}
	return nil
}

// show reads the logs of phones and says what is in them.
func (f *phoneLogFlags) show(c *cobra.Command, files []string) error {
	logs, err := phoneLogs(c, files)
	if err != nil {
		return err
	}
	cfg := measured.Config{Task: f.task}
	if f.taken != "" {
		if cfg.Taken, err = moment(f.taken); err != nil {
			return err
		}
	}
	if f.project != "" && f.plan == "" {
		return usage("write --plan DIR too", "--project is for --plan")
	}
	if f.plan != "" {
		if cfg.Plan, err = phonePlan(c, f.plan, f.project); err != nil {
			return err
		}
	}
	p := measured.Of(logs, cfg)
	if f.task != "" && len(p.Tasks) == 0 {
		return usage(plan.DidYouMean(f.task, taskNames(logs, cfg.Plan)), "--task: no log has a task %q", f.task)
	}
	if f.asJSON {
		return printJSON(c.OutOrStdout(), p)
	}
	return p.Text(c.OutOrStdout())
}

func taskNames(logs []*runlog.Log, p *plan.Plan) []string {
	var out []string
	for _, t := range measured.Of(logs, measured.Config{Plan: p}).Tasks {
		out = append(out, t.Task)
	}
	return slices.Compact(out)
}

// moment reads a point in time as people write it, in UTC.
func moment(s string) (time.Time, error) {
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.Parse(form, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usage("write it as 2026-01-31 or 2026-01-31T08:15:00Z", "--taken: %q is no time", s)
}

// phoneLogs reads the logs of phones, and says what was skipped.
func phoneLogs(c *cobra.Command, files []string) ([]*runlog.Log, error) {
	var out []*runlog.Log
	seen := map[string]bool{}
	for _, name := range files {
		if seen[filepath.Clean(name)] {
			return nil, usage("name each log once", "%s is named twice", name)
		}
		seen[filepath.Clean(name)] = true
		l, err := runlog.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, usage(logHint(err), "%s: no such file", name)
		}
		if err != nil {
			return nil, usage(logHint(err), "%w", err)
		}
		out = append(out, l)
		for _, b := range l.Told {
			fmt.Fprintf(c.ErrOrStderr(), "lull: %s:%d: skipped: %s\n", name, b.Line, b.Why)
		}
		if n := l.Bad - len(l.Told); n > 0 {
			fmt.Fprintf(c.ErrOrStderr(), "lull: %s: skipped: %s\n", name, count(n, "more line"))
		}
	}
	return out, nil
}

func logHint(err error) string {
	switch {
	case errors.Is(err, runlog.ErrNotAFile):
		return "name the logs themselves, as phones/*.jsonl"
	case errors.Is(err, runlog.ErrTooLarge):
		return "cut it into years, or look at what else writes into it"
	case errors.Is(err, runlog.ErrNoLog):
		return "docs/runlog.md has the lines of a run log; lull init writes the code for it"
	}
	return "name run logs that were pulled from phones; one task of an engine: lull log --task NAME"
}
