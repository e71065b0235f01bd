//go:build linux

package faulttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/isolate"
)

// errand is what a run does, beside leaving a trace. Trace is the folder for it.
type errand struct{ Trace, Name, Do string }

var chore = lull.Define[errand, string]("chore")

// What an errand may do; none is a short sleep.
const (
	gate     = "gate"      // wait for the file "open" in Trace, or a request to end
	hang     = "hang"      // ignore every request to end, with a child that has left the group
	hangOnce = "hang-once" // the same, but only in the first run
	tripIn   = "trip-in"   // kill the engine as soon as the run goes on, and wait
	tripSaid = "trip-said" // the same after some progress was reported
	tripOut  = "trip-out"  // the same after the work is done, before the result
	tripGone = "trip-gone" // the same at the result, without waiting
	crash    = "crash"     // panic
	exit     = "exit"      // leave without a result
	flood    = "flood"     // write without end
	eat      = "eat"       // take memory without end
	huge     = "huge"      // return more than is allowed
	retry    = "retry"
	failure  = "failure"
	failing  = "failing"
)

// doChore is the task. The lock on the trace ends with the processes of the run: a
// second run that finds it taken has caught an overlap.
func doChore(ctx context.Context, in errand) (string, error) {
	path := filepath.Join(in.Trace, in.Name)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return "", isolate.Permanent(err)
	}
	defer f.Close()
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return "", os.WriteFile(path+".overlap", nil, 0o600)
	}
	if _, err := f.WriteString("start\n"); err != nil {
		return "", err
	}
	out, err := do(ctx, f, in)
	if err != nil {
		return out, err
	}
	if _, err = f.WriteString("end\n"); err == nil && in.Do == tripOut && trips(in.Trace) {
		time.Sleep(time.Minute)
	}
	if in.Do == tripGone {
		trips(in.Trace)
	}
	return out, err
}

func do(ctx context.Context, f *os.File, in errand) (string, error) {
	switch in.Do {
	case gate:
		for !exists(filepath.Join(in.Trace, "open")) && ctx.Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
		return "", context.Cause(ctx)
	case hang:
		return "", stay(f)
	case hangOnce:
		if b, err := os.ReadFile(f.Name()); err != nil || strings.Count(string(b), "start\n") == 1 {
			return "", errors.Join(err, stay(f))
		}
	case tripIn, tripSaid:
		if in.Do == tripSaid {
			if err := isolate.Progress(ctx, 1); err != nil {
				return "", err
			}
		}
		if trips(in.Trace) {
			time.Sleep(time.Minute)
		}
	case crash:
		panic("as it was told")
	case exit:
		os.Exit(0)
	case flood:
		for {
			fmt.Println(strings.Repeat("x", 1000))
		}
	case eat:
		var all [][]byte
		for {
			b := make([]byte, 1<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			all = append(all, b)
			runtime.KeepAlive(all)
		}
	case huge:
		return strings.Repeat("x", 20_000), nil
	case retry:
		return "", isolate.Retry(errors.New("not yet"))
	case failure:
		return "", isolate.Permanent(errors.New("never"))
	case failing:
		return "", errors.New("no luck")
	default:
		time.Sleep(time.Duration(rand.IntN(10)) * time.Millisecond)
	}
	return "done", nil
}

// stay does not end before the test does. A child in a session of its own holds the
// lock as well.
func stay(lock *os.File) error {
	c := exec.Command("setsid", "sh", "-c", "trap '' TERM; sleep 120")
	c.ExtraFiles = []*os.File{lock}
	if err := c.Start(); err != nil {
		return err
	}
	if _, err := lock.WriteString("stays\n"); err != nil {
		return err
	}
	time.Sleep(2 * time.Minute)
	return nil
}

// trips kills the engine through its pipe in the trace's folder, if this is the
// run to do it: the files armed.N ... armed.1 are taken in turn, the last one counts.
func trips(trace string) bool {
	for n := 9; n > 0; n-- {
		if os.Remove(armed(trace, n)) != nil {
			continue
		}
		if n > 1 {
			return false
		}
		f, err := os.OpenFile(filepath.Join(trace, "trip"), os.O_WRONLY|unix.O_NONBLOCK, 0)
		if err != nil {
			return false
		}
		defer f.Close()
		_, err = f.WriteString("!")
		return err == nil
	}
	return false
}

func armed(trace string, n int) string { return filepath.Join(trace, fmt.Sprint("armed.", n)) }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// beProgram is the chore as a program of its own.
func beProgram(text string) {
	var in errand
	err := json.Unmarshal([]byte(text), &in)
	if err == nil {
		if strings.HasPrefix(in.Do, hang) {
			ignoreStops()
		}
		_, err = doChore(context.Background(), in)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}
