// Package idletest counts how often a process wakes up.
package idletest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	// look is the pause between two looks, quiet how long nothing must have happened for
	// what comes next to be another wake-up. On a busy machine one takes longer, which
	// must not make two of it.
	look  = 100 * time.Millisecond
	quiet = 2 * time.Second
)

// WakeUps counts for a while how often any thread of a process did something after a
// pause. It needs Linux.
func WakeUps(t testing.TB, pid int, during time.Duration) int {
	t.Helper()
	var (
		first  = switches(t, pid)
		last   = first
		active time.Time
		n      int
	)
	for start := time.Now(); time.Since(start) < during; time.Sleep(look) {
		now := switches(t, pid)
		if now == last {
			continue
		}
		last = now
		if time.Since(active) > quiet {
			n++
			t.Logf("woke up after %v", time.Since(start).Round(look))
		}
		active = time.Now()
	}
	t.Logf("%v: %d wake-ups, %d voluntary switches of all threads", during, n, last-first)
	return n
}

// switches sums the voluntary context switches of all threads.
func switches(t testing.TB, pid int) (sum int) {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(files) == 0 {
		t.Fatalf("process %d is gone (%v)", pid, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			continue // the thread has ended
		}
		_, rest, _ := strings.Cut(string(b), "\nvoluntary_ctxt_switches:\t")
		number, _, _ := strings.Cut(rest, "\n")
		n, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	return sum
}
