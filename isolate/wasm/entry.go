package wasm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/wasm/job"
)

// Entry is an entry point for [isolate.Main] that runs a module in a child process: its
// input is a [job.Job]. So the kill of the whole process, its limits, and the capture of its
// output apply, also to what the runtime itself might do wrong:
//
//	isolate.Main(wasm.Entry())
//	thumb, err := isolate.Run(ctx, job.Task, job.Job{File: "resize.wasm", Export: "resize", Input: photo})
//
// By [isolate.Spawn] the guest gets ports (Job.Out, Job.Ready), and with them what every
// isolate has. Ping and Pause are sure to reach the process when the guest waits or calls the
// host: while it computes, a garbage collection waits for it, and all else with that.
//
// The module is compiled with Config.Unstoppable, since the process can be killed. A
// request to stop is told by stopping, and nothing is ended before the grace is over.
func Entry() isolate.Entry { return isolate.Do(job.Entry, runJob) }

// maxFile bounds the module's file.
const maxFile = 256 << 20

func runJob(ctx context.Context, j job.Job) (json.RawMessage, error) {
	// The guest's code does not give way. With one processor, as a spawned isolate has, or a
	// small machine, nothing else would run until it ends: what it reported would not be sent.
	runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0)))
	binary, err := readModule(j.File)
	if err != nil {
		return nil, isolate.WithOutcome(isolate.NotStarted, err)
	}
	m, err := Compile(ctx, binary, Config{MemoryBytes: j.MemoryBytes, CacheDir: j.CacheDir, Unstoppable: true})
	if errors.Is(err, ErrModule) {
		return nil, isolate.WithOutcome(isolate.NotStarted, fmt.Errorf("%s: %w", j.File, err))
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = m.Close() }()
	if j.Check {
		if err := m.Check(j.Export); err != nil {
			return nil, isolate.WithOutcome(isolate.NotStarted, err)
		}
		return nil, nil
	}
	call := Call{
		Export: j.Export, Input: j.Input, Args: j.Args, Env: j.Env,
		OutputLimit: -1, // the parent counts
		ResultLimit: j.ResultLimit, RealTime: j.RealTime, RealRandom: j.RealRandom,
		OnOutput: func(p []byte) { _, _ = os.Stderr.Write(p) },
		OnProgress: func(p []byte) {
			// It says that the parent is gone, which ends this process anyway.
			_ = isolate.Progress(ctx, json.RawMessage(p))
		},
	}
	for _, d := range j.Dirs {
		call.Dirs = append(call.Dirs, Dir(d))
	}
	var port *isolate.ReceivePort[[]byte]
	if j.Ready != (isolate.SendPort[isolate.SendPort[[]byte]]{}) {
		port = isolate.NewReceivePort[[]byte](ctx)
		defer port.Close()
		if err := j.Ready.Send(ctx, port.SendPort()); err != nil {
			return nil, fmt.Errorf("the guest's port: %w", err)
		}
	}
	// The request to stop ends the context, and so receiving; the guest has the grace.
	r, err := m.admit(context.WithoutCancel(ctx), call)
	if err != nil {
		return nil, isolate.Permanent(err)
	}
	r.open, r.from, r.to = ctx, port, j.Out
	r.asked = func() (string, time.Duration, bool) {
		reason, deadline, ok := isolate.Stopping(ctx)
		return reason, time.Until(deadline), ok
	}
	e := r.live()
	if e.Outcome == isolate.Success {
		return e.Result, nil
	}
	return nil, isolate.WithOutcome(e.Outcome, errors.New(e.Message))
}

// readModule reads the file of a module, and nothing that is no file.
func readModule(name string) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", name)
	case info.Size() > maxFile:
		return nil, fmt.Errorf("%s has %d bytes, at most %d are read", name, info.Size(), maxFile)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, maxFile))
}
