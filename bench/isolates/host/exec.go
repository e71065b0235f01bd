package main

import (
	"context"
	"fmt"
	"os/exec"

	"github.com/lullwork/lull/bench/isolates/internal/trial"
)

// execs is a yardstick: a small C program from its start until it has been waited for, by os/exec.
type execs struct {
	trial.Unpooled
	path string
}

func newExec() (trial.System, error) {
	path, err := exec.LookPath("true")
	if err != nil {
		return nil, fmt.Errorf("the program \"true\" is needed: %w", err)
	}
	return execs{path: path}, nil
}

func (e execs) Start(context.Context) (trial.Isolate, error) {
	c := exec.Command(e.path)
	c.Env = []string{}
	return running{c}, c.Start()
}

// running answers by its end, and answers nothing else.
type running struct{ *exec.Cmd }

func (r running) RoundTrip(_ context.Context, p []byte) ([]byte, error) {
	if r.ProcessState != nil {
		return nil, trial.ErrNotOffered
	}
	return p, r.Wait()
}

func (running) Push(context.Context, []byte) error   { return trial.ErrNotOffered }
func (running) Flush(context.Context) (int64, error) { return 0, trial.ErrNotOffered }
func (r running) Close() error {
	if r.ProcessState == nil {
		return r.Wait()
	}
	return nil
}
