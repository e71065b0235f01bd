package lull_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/sqlite"
	"github.com/lullwork/lull/work"
)

// victimEnv makes a process of this test binary the engine that is killed; its value
// is the folder of the state.
const victimEnv = "LULL_TEST_VICTIM"

// marked is the input of mark: where to leave a trace, and under which name.
type marked struct{ Dir, Name string }

var mark = lull.Define[marked, struct{}]("mark")

// doMark leaves a trace of its run. The lock on a file of its own ends with the
// process: a second run that finds it taken has caught an overlap.
func doMark(_ context.Context, in marked) (struct{}, error) {
	f, err := os.OpenFile(filepath.Join(in.Dir, in.Name), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return struct{}{}, isolate.Permanent(err)
	}
	defer f.Close()
	if err := lockNow(f); err != nil {
		return struct{}{}, os.WriteFile(filepath.Join(in.Dir, "overlap."+in.Name), nil, 0o600)
	}
	time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
	_, err = f.WriteString("x")
	return struct{}{}, err
}

func victimConfig(dir string) lull.Config {
	return lull.Config{Store: sqlite.File(filepath.Join(dir, "work.db")), Jobs: 4, Journal: filepath.Join(dir, "journal.jsonl")}
}

// beVictim enqueues and runs works, and prints the ID of each one that was
// acknowledged, until it is killed.
func beVictim(dir string) {
	ctx := context.Background()
	e, err := lull.Open(ctx, victimConfig(dir))
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	go func() {
		err := e.Run(ctx)
		fmt.Println("error run:", err)
	}()
	for {
		id := lull.NewID()
		q := mark.Request(marked{dir, string(id)})
		q.ID = id
		if _, err := e.Enqueue(ctx, q); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println(id)
		time.Sleep(time.Millisecond)
	}
}

// killed runs a victim for a while and returns what it acknowledged.
func killed(t *testing.T, dir string, after time.Duration) []work.ID {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), victimEnv+"="+dir)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(out)
	var acked []work.ID
	var timer *time.Timer
	for {
		line, err := r.ReadString('\n')
		if errors.Is(err, io.EOF) || err != nil {
			break // a partial last line was never acknowledged to anybody
		}
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "error") {
			t.Errorf("victim: %s", line)
			break
		}
		if timer == nil {
			timer = time.AfterFunc(after, func() { _ = c.Process.Kill() })
		}
		acked = append(acked, work.ID(line))
	}
	_ = c.Process.Kill()
	_ = c.Wait()
	return acked
}

// TestKill kills the engine at random moments. No acknowledged work is lost, and no
// two runs of a work overlap.
func TestKill(t *testing.T) {
	rounds := 8
	if *long {
		rounds = 500
	}
	dir := t.TempDir()
	var acked []work.ID
	for range rounds {
		acked = append(acked, killed(t, dir, time.Duration(rand.IntN(100))*time.Millisecond)...)
	}
	e, err := lull.Open(t.Context(), victimConfig(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.RunUntilIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := e.Reader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	works, err := r.List(t.Context(), lull.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	state := map[work.ID]lull.Info{}
	runs := 0
	for _, w := range works {
		state[w.ID] = w
		runs += w.Attempts
	}
	lost, givenUp := 0, 0
	for _, id := range acked {
		switch w, ok := state[id]; {
		case !ok:
			lost++
		case w.State == work.Failed && w.Last != nil && w.Last.Outcome == work.Lost:
			givenUp++ // killed with the engine 20 times in a row, as on a machine that hardly gets on
		case w.State != work.Succeeded:
			t.Errorf("work %s is %s: %+v", id, w.State, w.Last)
		}
	}
	overlaps, err := filepath.Glob(filepath.Join(dir, "overlap.*"))
	if err != nil {
		t.Fatal(err)
	}
	if lost > 0 || len(overlaps) > 0 {
		t.Errorf("%d of %d acknowledged works lost, %d runs overlapped", lost, len(acked), len(overlaps))
	}
	checkJournal(t, dir)
	t.Logf("%d kills, %d works acknowledged, %d runs, %d lost, %d given up, %d overlaps", rounds, len(acked), runs, lost, givenUp, len(overlaps))
}

// checkJournal checks that the run log has every entry once, in order, and whole.
func checkJournal(t *testing.T, dir string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var last int64
	for line := range strings.Lines(string(b)) {
		var seq int64
		if _, err := fmt.Sscanf(line, `{"seq":%d,`, &seq); err != nil || seq != last+1 || !strings.HasSuffix(line, "}\n") {
			t.Fatalf("run log: entry %d is followed by %.80q", last, line)
		}
		last = seq
	}
	if last == 0 || slices.Contains([]byte(b), 0) {
		t.Fatal("run log: empty, or with holes")
	}
}
