//go:build linux

package faulttest

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// moments are what a commit may be about. The process is killed before the store has
// heard of the commit, or when it is durable and nobody knows.
var moments = map[string]func(*record.Tx) bool{
	"tasks":    func(tx *record.Tx) bool { return tx.Tasks != nil },
	"recover":  func(tx *record.Tx) bool { return bytes.Contains(tx.Journal.Lines, []byte(`"text":"dispatching"`)) },
	"shutdown": func(tx *record.Tx) bool { return bytes.Contains(tx.Journal.Lines, []byte(`"text":"shutdown"`)) },
	"prune":    func(tx *record.Tx) bool { return tx.Prune != nil },
	"enqueue":  func(tx *record.Tx) bool { return anyWork(tx, func(w record.WorkWrite) bool { return w.Insert }) },
	"claim": func(tx *record.Tx) bool {
		return slices.ContainsFunc(tx.Runs, func(r *record.Run) bool { return r.State == record.Going })
	},
	"end": func(tx *record.Tx) bool { return len(tx.Reaped) > 0 },
	"period": func(tx *record.Tx) bool {
		return len(tx.Reaped) > 0 && anyWork(tx, func(w record.WorkWrite) bool { return w.Work.Periods > 0 })
	},
	"chain": func(tx *record.Tx) bool { return bytes.Contains(tx.Journal.Lines, []byte(`"kind":"unblocked"`)) },
	"budget": func(tx *record.Tx) bool {
		return slices.ContainsFunc(tx.Runs, func(r *record.Run) bool { return r.State == record.Stopping && r.Stop == work.StopTimeout })
	},
	"cancel": func(tx *record.Tx) bool {
		return anyWork(tx, func(w record.WorkWrite) bool { return w.Work.State == work.Cancelled })
	},
}

func anyWork(tx *record.Tx, is func(record.WorkWrite) bool) bool {
	return slices.ContainsFunc(tx.Works, is)
}

// crasher is a place whose store kills the process at one point: "open", "reopen" or
// a moment, each with "-before" or "-after", "commit-during", or onRescue.
type crasher struct {
	store.Opener
	point string
	fails bool // the commit fails there instead: it is not made, or nobody is told
	left  int  // passages until it happens, once
}

// onRescue is the point at which a commit has failed by itself.
const onRescue = "rescue"

var errMadeUp = errors.New("made up for a test")

func (c *crasher) pass(point string) error {
	if point != c.point {
		return nil
	}
	if c.left--; c.left != 0 {
		return nil
	}
	if !c.fails {
		if strings.HasSuffix(point, "-before") {
			time.Sleep(30 * time.Millisecond) // for what should have waited to show
		}
		die()
	}
	return errMadeUp
}

func (c *crasher) Open(ctx context.Context) (store.Store, error) {
	if err := c.pass("open-before"); err != nil {
		return nil, err
	}
	s, err := c.Opener.Open(ctx)
	return &crashStore{s, c}, errors.Join(err, c.pass("open-after"))
}

type crashStore struct {
	store.Store
	*crasher
}

func (s *crashStore) Commit(ctx context.Context, tx *record.Tx) error {
	moment, _, _ := strings.Cut(s.point, "-")
	hit := moments[moment] != nil && moments[moment](tx)
	if hit {
		if err := s.pass(moment + "-before"); err != nil {
			return err
		}
	}
	if s.point == "commit-during" {
		if s.left--; s.left == 0 {
			time.AfterFunc(time.Duration(rand.IntN(2000))*time.Microsecond, die)
		}
	}
	err := s.Store.Commit(ctx, tx)
	if err == nil && hit {
		err = s.pass(moment + "-after")
	}
	if err == nil && moment == "reopen" && moments["enqueue"](tx) {
		if s.left--; s.left == 1 { // so that the next passage is that of Reopen
			err = errMadeUp
		}
	}
	return err
}

func (s *crashStore) Reopen(ctx context.Context) error {
	for _, point := range []string{onRescue, "reopen-before"} {
		if err := s.pass(point); err != nil {
			return err
		}
	}
	return errors.Join(s.Store.Reopen(ctx), s.pass("reopen-after"))
}

// points lists where engines are killed, with how many passages may go well before.
func points() map[string]int {
	all := map[string]int{
		"open-before": 1, "open-after": 1, "commit-during": 12, "reopen-before": 3, "reopen-after": 3,
		tripIn: 4, tripSaid: 4, tripOut: 4, tripGone: 4,
	}
	for m := range moments {
		n := 1
		if m == "enqueue" || m == "claim" || m == "end" {
			n = 6
		}
		all[m+"-before"], all[m+"-after"] = n, n
	}
	return all
}

// TestCrashPoints kills engines at each point that a work's life passes, with -long many
// times on the same state: there is exactly one end to each work and each run. Without it,
// only of what every work has are engines killed after a commit as well as before.
func TestCrashPoints(t *testing.T) {
	kills := 1
	if *long {
		kills = 20
	}
	for point, most := range points() {
		moment, after := strings.CutSuffix(point, "-after")
		if after && moments[moment] != nil && most == 1 && !*long {
			continue
		}
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			crashAt(t, point, most, kills)
		})
	}
}

// busy is how often the direct commands beside the load come again; calm lets an engine
// become idle.
const busy, calm = "1s", "1h"

// chores plans direct commands that run beside: one that ends, one over its budget.
func (s script) chores(t *testing.T, every string) {
	t.Helper()
	s.plan(t, map[string]struct{ Do, Keys string }{
		"beat": {"", "every: " + every},
		"hung": {hang, "every: " + every + "\n    budget: 300ms\n    grace: 100ms\n    attempts: 1"},
	})
}

// respite is how many kills in a row a state gets: a work that is lost with its engine
// 20 times without an end is given up, as it may be what kills it.
const respite = 10

func crashAt(t *testing.T, point string, most, kills int) {
	s, a := scene(t), &acks{}
	s.chores(t, busy)
	must(t, unix.Mkfifo(filepath.Join(s.Trace, "trip"), 0o600))
	for n := range kills {
		if n > 0 && n%respite == 0 {
			s.chores(t, calm)
			drain(t, s, a)
			s.chores(t, busy)
		}
		s := s
		s.Load, s.Crash, s.Nth = 2, point, 1+rand.IntN(most)
		if strings.HasPrefix(point, "trip") {
			s.Do = point
			for n := range s.Nth {
				must(t, writeFile(armed(s.Trace, n+1)))
			}
		}
		switch moment, _, _ := strings.Cut(point, "-"); moment {
		case "reopen":
			s.Nth++ // the first passage makes the commit fail
		case "shutdown":
			s.Works = 10
		case "period", "budget": // comes once a second
			s.Load, s.Pause = 1, 30
		}
		for _, line := range launch(t, s, a).ended() {
			if !strings.HasPrefix(line, "open ") && (!strings.HasPrefix(point, "reopen") || strings.Contains(line, "error")) {
				t.Errorf("nth %d: %s", s.Nth, line)
			}
		}
	}
	s.chores(t, calm)
	drain(t, s, a)
	h := check(t, s, a)
	t.Logf("%d kills: %v", kills, h)
	switch moment, _, _ := strings.Cut(point, "-"); moment {
	case "open", "tasks":
		if a.len() > 0 {
			t.Error("works were acknowledged before there was a state")
		}
	case "recover", "prune", "enqueue", "reopen", "commit": // nothing need have been acknowledged yet
	default:
		if a.len() == 0 {
			t.Error("nothing was acknowledged: the kills prove nothing")
		}
	}
}
