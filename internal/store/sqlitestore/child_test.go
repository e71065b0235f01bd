package sqlitestore

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// childMode makes this test binary a process to be killed: "commit PATH" or
// "open PATH".
const childMode = "LULL_STORE_TEST"

func TestMain(m *testing.M) {
	mode, path, _ := strings.Cut(os.Getenv(childMode), " ")
	var err error
	switch mode {
	case "":
		// Each random history makes a new file and syncs it dozens of times, and others wait
		// for disks, too. The command line comes later and wins.
		if err = errors.Join(flag.Set("rapid.checks", "30"), flag.Set("test.parallel", "6")); err == nil {
			os.Exit(m.Run())
		}
	case "commit":
		err = commitForever(path)
	case "open":
		err = openAndHold(path)
	}
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
}

func child(t *testing.T, mode, path string) (*exec.Cmd, *bufio.Scanner, io.WriteCloser) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childMode+"="+mode+" "+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out), in
}

// commitForever enqueues works one after the other, runs and finishes each, and
// prints its number when the commit that brought it was acknowledged.
func commitForever(path string) error {
	ctx := context.Background()
	s, err := At(path).Open(ctx)
	if err != nil {
		return err
	}
	snap, err := s.Load(ctx)
	if err != nil {
		return err
	}
	meta := snap.Meta
	var last *record.Work
	for {
		meta.NextSeq++
		meta.At++
		w := numbered(meta.NextSeq)
		tx := &record.Tx{Meta: &meta, Works: []record.WorkWrite{{Work: w, Insert: true}}, Journal: chunkOf(meta.NextSeq)}
		if last != nil {
			last.State, last.Finished = work.Succeeded, meta.At
			tx.Works = append(tx.Works, record.WorkWrite{Work: last, Spare: true})
		}
		if err := s.Commit(ctx, tx); err != nil {
			return err
		}
		fmt.Println(meta.NextSeq)
		last = w
	}
}

func numbered(n int64) *record.Work {
	return &record.Work{
		Seq: n, ID: work.ID(fmt.Sprint("w", n)), Spec: 1, Due: n, Tags: []string{"t"}, Input: []byte(fmt.Sprintf(`{"n":%d}`, n)),
		LastEnqueue: record.NotEnqueued, Override: record.Never, StopReason: work.NotStopped,
	}
}

func chunkOf(n int64) record.Chunk {
	return record.Chunk{First: n, Last: n, At: n, Lines: []byte(fmt.Sprintf("{\"seq\":%d}\n", n))}
}

// complete checks that a state holds everything up to acked, and nothing by half.
func complete(path string, acked int64) (int64, error) {
	ctx := context.Background()
	s, err := At(path).Open(ctx)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	snap, err := s.Load(ctx)
	if err != nil {
		return 0, err
	}
	n := snap.Meta.NextSeq
	if n < acked {
		return n, fmt.Errorf("%d works were acknowledged, %d are there", acked, n)
	}
	rows, err := s.(store.Browser).List(ctx, store.Query{})
	if err != nil {
		return n, err
	}
	if int64(len(rows)) != n {
		return n, fmt.Errorf("%d rows, want %d", len(rows), n)
	}
	have := map[int64]*record.Work{}
	for _, r := range rows {
		have[r.Seq] = r
	}
	for i := int64(1); i <= n; i++ {
		if r := have[i]; r == nil || r.ID != numbered(i).ID {
			return n, fmt.Errorf("work %d is missing", i)
		}
	}
	if tagged, err := s.Tagged(ctx, "t", 0, 1000); err != nil {
		return n, err
	} else if n > 0 && len(tagged) == 0 {
		return n, errors.New("no unfinished work has the tag")
	}
	chunks, err := s.(store.Browser).Journal(ctx, 0, 1<<30)
	if err == nil && int64(len(chunks)) != n {
		err = fmt.Errorf("%d journal rows, want %d", len(chunks), n)
	}
	return n, err
}

// TestKill kills a process again and again while it commits: what it was told is
// durable is there.
func TestKill(t *testing.T) {
	t.Parallel()
	rounds, looks := 10, 5 // after so many rounds
	if *long {
		rounds, looks = 500, 10
	}
	path := filepath.Join(t.TempDir(), "lull.db")
	var acked int64
	for round := range rounds {
		cmd, out, _ := child(t, "commit", path)
		after := time.Duration(rand.IntN(120)) * time.Millisecond
		timer := time.AfterFunc(after, func() { cmd.Process.Kill() })
		if round%2 == 0 {
			timer.Stop() // until something was acknowledged; else it may be killed as it opens
		}
		for first := true; out.Scan(); first = false {
			if first && round%2 == 0 {
				timer.Reset(after)
			}
			n, err := strconv.ParseInt(out.Text(), 10, 64)
			if err != nil {
				t.Fatalf("round %d: %s", round, out.Text())
			}
			acked = n
		}
		timer.Stop()
		_ = cmd.Wait() // it was killed
		if round%looks != looks-1 && round != rounds-1 {
			continue // the next round's child opens what this one left
		}
		n, err := complete(path, acked)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		acked = n
	}
	t.Logf("%d acknowledged works in %d rounds, none lost", acked, rounds)
	if acked == 0 {
		t.Fatal("no work was ever acknowledged: the test proves nothing")
	}
}

// openAndHold says whether it has the state, and holds it until its input ends.
func openAndHold(path string) error {
	s, err := At(path).Open(context.Background())
	if err != nil {
		return err
	}
	fmt.Println("open", os.Getpid())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return s.Close()
}

// TestOneOfMany starts engines on one state at once, again and again, and kills
// the one that has it.
func TestOneOfMany(t *testing.T) {
	n, rounds := 20, 1
	if *long {
		rounds = 20
	}
	path := filepath.Join(t.TempDir(), "lull.db")
	for range rounds {
		type one struct {
			cmd *exec.Cmd
			in  io.Closer
		}
		all := make([]one, n)
		lines := make(chan string, n)
		for i := range all {
			cmd, out, in := child(t, "open", path)
			all[i] = one{cmd, in}
			go func() {
				out.Scan()
				lines <- out.Text()
			}()
		}
		var winner string
		var refused []string
		for range all {
			if l := <-lines; strings.HasPrefix(l, "open ") {
				if winner != "" {
					t.Errorf("two engines have the state: %q and %q", winner, l)
				}
				winner = l
			} else {
				refused = append(refused, l)
			}
		}
		pid := strings.TrimPrefix(winner, "open ")
		if winner == "" {
			t.Error("nobody has the state:", refused)
		}
		if got, running := Holder(path); !running || fmt.Sprint(got) != pid {
			t.Errorf("Holder says %d, %v; want %s", got, running, pid)
		}
		for _, l := range refused {
			if !strings.Contains(l, "another engine has this state: pid "+pid) {
				t.Errorf("refused with %q, the holder is %s", l, pid)
			}
		}
		for _, o := range all {
			if fmt.Sprint(o.cmd.Process.Pid) == pid {
				_ = o.cmd.Process.Kill()
			}
			_ = o.in.Close()
			_ = o.cmd.Wait()
		}
		if pid, running := Holder(path); running {
			t.Errorf("the holder was killed, yet %d still holds", pid)
		}
	}
}
