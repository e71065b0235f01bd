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

// Start waits for the end, which is all that such a program answers.
func (e execs) Start(_ context.Context, hello []byte) (trial.Isolate, []byte, error) {
	c := exec.Command(e.path)
	c.Env = []string{}
	return ended{}, hello, c.Run()
}

// ended has been waited for.
type ended struct{}

func (ended) RoundTrip(context.Context, []byte) ([]byte, error) { return nil, trial.ErrNotOffered }
func (ended) Push(context.Context, []byte) error                { return trial.ErrNotOffered }
func (ended) Flush(context.Context) (int64, error)              { return 0, trial.ErrNotOffered }
func (ended) Close() error                                      { return nil }
