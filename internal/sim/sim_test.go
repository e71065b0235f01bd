package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/host"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

func TestQueueOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		var want []item
		run := &running{}
		n := rapid.IntRange(0, 200).Draw(t, "n")
		for i := range n {
			c := rapid.SampledFrom([]class{asked, ended, overdue}).Draw(t, "class")
			x := item{at: rapid.Int64Range(0, 9).Draw(t, "at")}
			if c != asked {
				x.run = run
			}
			q.push(c, x)
			x.order = int64(c)<<56 | int64(i+1)
			want = append(want, x)
		}
		if d := rapid.Int64Range(0, 3).Draw(t, "shift"); d > 0 {
			q.shift(d, func(x *item) bool { return x.order%5 == 0 })
			want = slices.DeleteFunc(want, func(x item) bool { return x.order%5 == 0 })
			for i := range want {
				if want[i].run != nil {
					want[i].at += d
				}
			}
		}
		slices.SortFunc(want, func(a, b item) int {
			if a.before(&b) {
				return -1
			}
			return 1
		})
		for i, w := range want {
			if x := q.pop(); x.at != w.at || x.order != w.order {
				t.Fatalf("item %d is (%d, %x), not (%d, %x)", i, x.at, x.order, w.at, w.order)
			}
		}
		if q.first() != nil {
			t.Fatal("the queue is not empty")
		}
	})
}

// rig is a device with a script.
type rig struct {
	*Device
	world Script
}

func newRig(t testing.TB, cfg Config) *rig {
	t.Helper()
	r := &rig{}
	cfg.Policy = host.Policy{}
	if cfg.World == nil {
		cfg.World = &r.world
	}
	d, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.Device = d
	r.ask(t, core.JobsSet{Jobs: 4})
	r.ask(t, core.Recover{})
	return r
}

func (r *rig) ask(t testing.TB, ev core.Event) core.Reply {
	t.Helper()
	reply, err := r.Ask(ev)
	if err != nil {
		t.Fatalf("%T: %v", ev, err)
	}
	return reply
}

func (r *rig) enqueue(t testing.TB, q work.Request) {
	t.Helper()
	r.ask(t, core.Enqueue{Nodes: []work.Node{{Request: q}}})
}

func (r *rig) row(t testing.TB, id work.ID) *record.Work {
	t.Helper()
	ws, err := r.Rows(record.Need{Works: []work.ID{id}})
	if err != nil || len(ws) != 1 {
		t.Fatalf("%s: %d rows, %v", id, len(ws), err)
	}
	return ws[0]
}

const second = int64(time.Second / time.Microsecond)

func TestFeedKeepsOrder(t *testing.T) {
	r := newRig(t, Config{})
	at := r.Now() + 10*second
	var got []string
	for i := range 5 {
		id := work.ID(fmt.Sprint("w", i))
		r.Feed(at, core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: id, Task: "t"}}}}, func(reply core.Reply) {
			got = append(got, string(reply.IDs[0]))
		})
	}
	r.Feed(at-second, core.Cancel{ID: "w0"}, func(reply core.Reply) {
		if !errors.Is(reply.Err, work.ErrUnknownWork) {
			t.Errorf("cancelled early: %+v", reply)
		}
		got = append(got, "early")
	})
	if err := r.Advance(at); err != nil {
		t.Fatal(err)
	}
	if s := strings.Join(got, " "); s != "early w0 w1 w2 w3 w4" {
		t.Errorf("answers: %s", s)
	}
	if err := r.Advance(at - 1); err == nil {
		t.Error("time went back")
	}
}

func TestUntilIdle(t *testing.T) {
	r := newRig(t, Config{})
	r.world.Set("slow", Behaviour{Takes: 100 * second, Outcome: work.Success})
	r.enqueue(t, work.Request{ID: "a", Task: "slow", Delay: time.Minute})
	done, err := r.UntilIdle(r.Now() + 120*second)
	if err != nil || done || r.row(t, "a").State != work.Running {
		t.Fatalf("after 2 m: %v, %v, %s", done, err, r.row(t, "a").State)
	}
	begun := r.Now()
	if done, err = r.UntilIdle(begun + 1000*second); err != nil || !done || r.row(t, "a").State != work.Succeeded {
		t.Fatalf("%v, %v, %s", done, err, r.row(t, "a").State)
	}
	if r.Now() != begun+40*second {
		t.Errorf("it is idle %d µs later", r.Now()-begun)
	}
	r.enqueue(t, work.Request{ID: "p", Task: "t", Every: time.Hour})
	if done, err = r.UntilIdle(r.Now() + 10_000*second); err != nil || done {
		t.Errorf("periodic work comes to an end: %v, %v", done, err)
	}
	if n := r.row(t, "p").Periods; n != 3 {
		t.Errorf("%d periods in 10,000 s", n)
	}
}

func TestSameSeedSameIDs(t *testing.T) {
	a, b, c := newRig(t, Config{Seed: 7}), newRig(t, Config{Seed: 7}), newRig(t, Config{Seed: 8})
	x, y, z := a.NewID(), b.NewID(), c.NewID()
	if x != y || x == z || len(x) != 32 {
		t.Errorf("%s %s %s", x, y, z)
	}
}

func TestRestartKeepsTheRest(t *testing.T) {
	mem := store.NewMemory()
	r := newRig(t, Config{Store: mem})
	r.world.Set("long", Behaviour{Takes: record.Never})
	r.enqueue(t, work.Request{ID: "a", Task: "long"})
	now := r.Now() + 5*second
	r.Feed(now+10*second, core.Cancel{ID: "a"}, nil)
	if err := r.Advance(now); err != nil {
		t.Fatal(err)
	}
	if err := r.Restart(second); err != nil {
		t.Fatal(err)
	}
	if r.Now() != now+second || r.row(t, "a").State != work.Running {
		t.Fatalf("restored at %d, %s", r.Now()-now, r.row(t, "a").State)
	}
	r.ask(t, core.Recover{})
	if w := r.row(t, "a"); w.Epoch != 2 || w.Losses != 1 {
		t.Errorf("epoch %d, %d losses", w.Epoch, w.Losses)
	}
	if err := r.Advance(now + 20*second); err != nil { // what was fed still happens
		t.Fatal(err)
	}
	if w := r.row(t, "a"); w.State != work.Cancelled {
		t.Errorf("%s", w.State)
	}
}

// failing is a store that refuses a commit.
type failing struct {
	*store.Memory
	after int
}

var errDisk = errors.New("disk on fire")

func (f *failing) Commit(ctx context.Context, tx *record.Tx) error {
	if f.after--; f.after < 0 {
		return errDisk
	}
	return f.Memory.Commit(ctx, tx)
}

func TestCommitError(t *testing.T) {
	d, err := New(Config{Policy: host.Policy{}, Store: &failing{store.NewMemory(), 2}, World: &Script{}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Ask(core.Recover{})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err = d.Ask(core.Tick{}); err != nil {
			break
		}
	}
	if !errors.Is(err, errDisk) {
		t.Errorf("the error is lost: %v", err)
	}
	if _, err := New(Config{}); err == nil {
		t.Error("a device without a policy")
	}
}

// TestYear is a phone's year: twelve periodic tasks of 15 minutes and more, a charger and
// a network that come and go.
func TestYear(t *testing.T) {
	begun := time.Now()
	events := year(t)
	took := time.Since(begun)
	t.Logf("%d events in %v: %.0f a second", events, took, float64(events)/took.Seconds())
}

func year(t testing.TB) int {
	mem := store.NewMemory()
	mem.ForgetJournal = true
	events := 0
	r := newRig(t, Config{Store: mem, CommitEvery: 64, Record: func(int64, core.Event) { events++ }})
	for i := range 12 {
		r.world.Set(fmt.Sprint("t", i), Behaviour{Takes: int64(i+1) * second, Outcome: work.Success})
		q := work.Request{ID: work.ID(fmt.Sprint("w", i)), Task: fmt.Sprint("t", i), Every: time.Duration(i+1) * 15 * time.Minute}
		q.Needs.Charging = i%3 == 0
		if i%2 == 0 {
			q.Needs.Network = work.Connected
		}
		r.enqueue(t, q)
	}
	const hour = 3600 * second
	for h := range int64(365 * 24) {
		at := r.Now() + hour
		r.Feed(at, core.FactsRead{Facts: []record.Fact{
			{Signal: record.Charging, Value: h % 3 / 2}, {Signal: record.Connected, Value: min(1, h%5)},
		}}, nil)
		if err := r.Advance(at); err != nil {
			t.Fatal(err)
		}
	}
	return events
}

func BenchmarkYear(b *testing.B) {
	for b.Loop() {
		year(b)
	}
}
