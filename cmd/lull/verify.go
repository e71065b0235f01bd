package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/lullwork/lull/internal/live"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/wasm/job"
)

// verifyTime bounds the look at one task, compileTime that at a module: a slow machine that
// is busy takes more than ten seconds to compile one that it can well run.
const (
	verifyTime  = 10 * time.Second
	compileTime = 2 * time.Minute
)

// verdict is what verify says about a task.
type verdict struct {
	Task    string `json:"task"`
	Starts  string `json:"starts"`            // yes, no, or - for a task with nothing to run
	With    string `json:"with,omitempty"`    // the file that would run
	Problem string `json:"problem,omitempty"` // why it would not start
}

func verifyCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "verify PLAN",
		Short: "find out which tasks could not start, without running any",
		Long: "verify looks for what each task of a plan starts with: its folder, its program and, for a script,\n" +
			"the interpreter, in the environment that a run would have, the paths of its sandbox and its secrets.\n" +
			"It lets the shell read a line without executing it. A module is compiled, in a fresh isolate. It runs\n" +
			"no task and makes no state. What a program needs in turn it cannot know.",
		Args: exactly("PLAN"),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := readPlan(args[0])
			if err != nil {
				return err
			}
			all := []verdict{}
			bad := false
			commands := map[string]plan.Command{}
			for _, x := range p.Commands() {
				commands[x.Task] = x
			}
			// A module of many tasks is compiled for the first of them. Without the folder it is for each.
			cache, _ := os.MkdirTemp("", "lull-verify-")
			defer func() { _ = os.RemoveAll(cache) }()
			for _, t := range p.Tasks {
				v := verdict{Task: t.Name, Starts: "-"}
				if !t.Modelled {
					v = verify(c.Context(), commands[t.Name], cache)
				}
				bad = bad || v.Starts == "no"
				all = append(all, v)
			}
			if err := c.Context().Err(); err != nil {
				return err
			}
			if asJSON {
				err = printJSON(c.OutOrStdout(), all)
			} else {
				rows := [][]string{{"TASK", "STARTS", "WITH"}}
				for _, v := range all {
					rows = append(rows, []string{v.Task, v.Starts, v.why()})
				}
				table(c.OutOrStdout(), rows...)
			}
			if err == nil && bad {
				err = errFindings
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

func (v verdict) why() string {
	switch {
	case v.Starts == "-":
		return nothingToRun
	case v.Problem != "":
		return v.Problem
	}
	return v.With
}

func verify(ctx context.Context, x plan.Command, cache string) verdict {
	limit := verifyTime
	if x.Wasm.File != "" {
		limit = compileTime
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %v", limit))
	defer cancel()
	v := verdict{Task: x.Task, Starts: "yes"}
	file, err := entryOf(ctx, x, cache)
	if err != nil {
		return verdict{Task: x.Task, Starts: "no", Problem: firstLine(err)}
	}
	v.With = file
	return v
}

// entryOf finds what a task starts with. Machine code of modules is kept in cache.
func entryOf(ctx context.Context, x plan.Command, cache string) (file string, err error) {
	if x.Wasm.File != "" {
		_, err := isolate.Run(ctx, job.Task, job.Job{
			File: x.Wasm.File, Export: x.Wasm.Export, MemoryBytes: x.Limits.Memory, CacheDir: cache, Check: true,
		})
		return x.Wasm.File, err
	}
	spec := isolate.Spec{Argv: x.Argv, Shell: x.Shell, Dir: x.Dir, Env: x.Env, Task: x.Task}
	if x.Sandbox == nil {
		return spec.Check(ctx)
	}
	spec.Sandbox = &isolate.Sandbox{Read: x.Sandbox.Read, Write: x.Sandbox.Write, NoNetwork: x.Sandbox.NoNetwork}
	file, err = spec.Check(ctx)
	errs := []error{err}
	for _, name := range slices.Sorted(maps.Keys(x.Sandbox.Secrets)) {
		from := x.Sandbox.Secrets[name]
		if _, err := live.ReadSecret(live.Secret{Env: from.Env, File: from.File}); err != nil {
			errs = append(errs, fmt.Errorf("secret %s: %w", name, err))
		}
	}
	return file, errors.Join(errs...)
}
