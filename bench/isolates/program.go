package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/lullwork/lull/bench/isolates/internal/trial"
)

const (
	patience    = 2 * time.Minute // for a trial, beyond what it was asked for
	perRound    = 50 * time.Millisecond
	perLive     = 200 * time.Millisecond
	orphansTalk = 500 * time.Millisecond // how long to listen after a program's end
)

// An answer is what a program said and what was counted at its barriers.
type answer struct {
	trial.Line                   // the last one that is no barrier
	at         map[string]census // by barrier
	goroutines map[string]int    // likewise
	left       int               // processes after its end
}

// ask runs the program of s for one trial.
func ask(ctx context.Context, s system, r trial.Request) (answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limitOf(r), fmt.Errorf("no answer within %s", limitOf(r)))
	defer cancel()
	out, theirs, err := os.Pipe()
	if err != nil {
		return answer{}, err
	}
	defer out.Close()
	args := append(s.argv[1:len(s.argv):len(s.argv)], r.Args()...)
	cmd := exec.CommandContext(ctx, s.argv[0], args...)
	var said tail
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = theirs, &said, orphansTalk
	ownGroup(cmd)
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err = errors.Join(err, theirs.Close()); err != nil {
		return answer{}, err
	}
	var a answer
	var heard error
	listened := make(chan struct{})
	go func() {
		defer close(listened)
		if a, heard = listen(cmd.Process.Pid, in, out); heard != nil {
			cancel() // it may wait for ever at a barrier
		}
	}()
	err = cmd.Wait()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // it has ended well; who holds its output is among those that are left
	}
	_ = out.SetReadDeadline(time.Now().Add(orphansTalk))
	<-listened
	var leftErr error
	a.left, leftErr = endOrphans()
	switch {
	case heard != nil && !errors.Is(heard, os.ErrDeadlineExceeded):
		err = errors.Join(heard, said.err())
	case err != nil && ctx.Err() != nil:
		err = errors.Join(context.Cause(ctx), said.err())
	case err != nil:
		err = errors.Join(err, said.err())
	}
	return a, errors.Join(err, leftErr)
}

func limitOf(r trial.Request) time.Duration {
	limit := patience + 20*r.For
	switch r.Measure {
	case trial.Memory:
		limit += time.Duration(r.N) * perLive
	case trial.Leaks:
		limit += time.Duration(r.N) * perRound
	}
	return limit
}

// listen reads the answer and lets the program pass its barriers.
func listen(pid int, in io.Writer, out io.Reader) (answer, error) {
	a := answer{at: map[string]census{}, goroutines: map[string]int{}}
	lines := json.NewDecoder(out)
	lines.DisallowUnknownFields()
	for {
		var line trial.Line
		err := lines.Decode(&line)
		if errors.Is(err, io.EOF) {
			return a, nil
		}
		if err != nil {
			return a, fmt.Errorf("answer: %w", err)
		}
		if line.Barrier == "" {
			a.Line = line
			continue
		}
		a.goroutines[line.Barrier] = line.Goroutines
		if a.at[line.Barrier], err = take(pid); err != nil {
			return a, err
		}
		if _, err := io.WriteString(in, "go\n"); err != nil {
			return a, fmt.Errorf("after barrier %s: %w", line.Barrier, err)
		}
	}
}

// tail keeps the last of what a program wrote to its standard error.
type tail struct{ text []byte }

const tailSize = 2 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if over := len(t.text) - tailSize; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(p), nil
}

func (t *tail) err() error {
	text := strings.TrimSpace(string(t.text))
	if text == "" {
		return nil
	}
	return errors.New(text)
}
