package lull

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/lullwork/lull/internal/live"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/wasm/job"
	"github.com/lullwork/lull/work"
)

// checkWasm says whether this program can run the plan's modules. Package lull itself links
// no WebAssembly runtime.
func checkWasm(p *plan.Plan) error {
	if _, ok := isolate.Registered(job.Entry); ok {
		return nil
	}
	for _, t := range p.Tasks {
		if t.Wasm.File != "" {
			return &work.Error{
				Op: "plan task", Task: t.Name, Err: errors.New("this program cannot run WebAssembly modules"),
				Hint: "pass wasm.Entry() of package isolate/wasm to isolate.Main",
			}
		}
	}
	return nil
}

// wasmCommand is a module of the plan: run by an entry point in a child process.
func (e *Engine) wasmCommand(c plan.Command) live.Command {
	j := job.Job{
		File: c.Wasm.File, Export: c.Wasm.Export, MemoryBytes: c.Limits.Memory, ResultLimit: work.MaxData,
		CacheDir: e.cfg.Cache, RealTime: c.Wasm.Clock, RealRandom: c.Wasm.Random,
	}
	if c.Dir != "" {
		j.Dirs = []job.Dir{{Host: c.Dir, Guest: "/"}}
	}
	command := live.Command{Func: job.Entry, Isolation: isolationOf(&c)}
	if c.Limits.Memory > 0 {
		command.Memory = job.ProcessMemory(c.Limits.Memory)
	}
	command.Wrap = func(l live.Launch) (json.RawMessage, error) {
		run := j
		run.Input = l.Input
		run.Env = append([]string{
			"LULL_TASK=" + l.Task, "LULL_RUN=" + live.RunID(l.Work, l.Epoch), "LULL_ATTEMPT=" + strconv.Itoa(l.Attempt),
		}, c.Env...)
		return json.Marshal(run)
	}
	return command
}
