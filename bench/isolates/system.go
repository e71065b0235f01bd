package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lullwork/lull/bench/isolates/internal/trial"
)

// A system is one kind of isolate: a program that does one trial, told by its arguments (package trial).
type system struct {
	name  string
	setup string // one line for the foot of the table
	// A Go program of this module, or a file of peers with the interpreter that runs it.
	program, interpreter string
	tags                 string   // to build the Go program with
	args                 []string // before the request
	only                 []string // measures that it can give; nil means those of ordinary
	live                 float64  // alive in the memory trial, as a factor of -live

	argv   []string // when installed
	absent string   // why it is not
}

//go:embed peers
var peers embed.FS

// ordinary measures need nothing special of a system.
var ordinary = []string{trial.Spawn, trial.Lives, trial.RoundTrip, trial.OneWay, trial.Memory}

const (
	tenth    = 0.1 // for isolates of many megabytes
	hundred  = 100 // for those that are smaller than a page of memory
	maxLive  = 100_000
	hostName = "host"
)

// systems lists what is compared, in the table's order.
func systems() []system {
	return append(ours(), []system{
		{
			name: "raw", program: hostName, args: []string{"raw"},
			setup: "yardstick: fork, exec of the same executable as child-*, two pipes, blocking calls; GOMAXPROCS=1 and nothing else in the environment",
		},
		{
			name: "exec", program: hostName, args: []string{"exec"}, only: []string{trial.Spawn, trial.Lives},
			setup: "yardstick: true(1) from os/exec's Start until it has been waited for; empty environment",
		},
		{
			name: "goroutine", program: hostName, args: []string{"goroutine"}, live: hundred,
			setup: "yardstick, no isolation: a goroutine and channels; the sender copies each message",
		},
		{
			name: "go-plugin", program: "goplugin", args: []string{"go-plugin"}, live: tenth,
			setup: "hashicorp/go-plugin 1.8.0, gRPC over its default socket, logger off, receive limit raised from 4 MB; one way: a client stream",
		},
		{
			name: "node", program: "echo.cjs", interpreter: "node", live: tenth,
			only:  append(slices.Clone(ordinary), trial.Transfer),
			setup: "worker_threads, structured clone of Uint8Array; an acknowledgement each 4 MB one way, at most two such batches on their way",
		},
		python("spawn", tenth), python("forkserver", tenth), python("fork", tenth),
		{
			name: "erlang", program: "echo.escript", interpreter: "escript", args: []string{"shared"}, live: hundred,
			setup: "processes, compiled escript; binaries above 64 bytes are shared, not copied; acknowledgements as for node",
		},
		{
			name: "erlang-copied", program: "echo.escript", interpreter: "escript", args: []string{"copied"}, live: hundred,
			setup: "the same, each receiver makes a copy (binary:copy)",
		},
	}...)
}

func python(method string, live float64) system {
	return system{
		name: "py-" + method, program: "echo.py", interpreter: "python3", args: []string{method}, live: live,
		setup: "multiprocessing, start method " + method + ", Pipe with send_bytes (no pickle); lives: one spawner in both rows",
	}
}

func (s system) takes(measure string) bool {
	only := s.only
	if only == nil {
		only = ordinary
	}
	return slices.Contains(only, measure)
}

// isolates to keep alive at once.
func (s system) liveOf(live int) int {
	if s.live == 0 {
		return live
	}
	return max(1, int(s.live*float64(live)))
}

// install makes ready in dir what s needs. A peer that is not on this machine is absent, which is no error.
func (s *system) install(ctx context.Context, dir string) error {
	file := filepath.Join(dir, s.program+s.tags)
	if s.interpreter == "" {
		s.argv = append([]string{file}, s.args...)
		if _, err := os.Stat(file); err == nil {
			return nil // built for another system
		}
		build := exec.CommandContext(ctx, "go", "build", "-tags", s.tags, "-o", file, "github.com/lullwork/lull/bench/isolates/"+s.program)
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: go build: %w\n%s\nhint: run it in the folder bench, with go on the PATH", s.name, err, strings.TrimSpace(string(out)))
		}
		return nil
	}
	path, err := exec.LookPath(s.interpreter)
	if errors.Is(err, exec.ErrNotFound) {
		s.absent = "no " + s.interpreter + " on the PATH"
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	text, err := peers.ReadFile("peers/" + s.program)
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	s.argv = append([]string{path, file}, s.args...)
	return err
}
