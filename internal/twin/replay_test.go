package twin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/live"
	"github.com/lullwork/lull/internal/policy/platform"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// goroutines is a live.Runner whose runs are goroutines that take a random time.
type goroutines struct {
	all  sync.WaitGroup
	quit chan struct{}
}

func (g *goroutines) Sweep() error { return nil }

func (g *goroutines) Close() error {
	close(g.quit)
	g.all.Wait()
	return nil
}

type goroutine struct {
	once sync.Once
	stop chan struct{}
}

func (h *goroutine) Stop(work.StopReason, time.Duration) { h.once.Do(func() { close(h.stop) }) }

func (g *goroutines) Start(l live.Launch, done func(live.Result)) live.Handle {
	h := &goroutine{stop: make(chan struct{})}
	g.all.Go(func() {
		outcomes := []work.Outcome{work.Success, work.Success, work.Retry, work.Errored, work.Crashed}
		if rand.IntN(3) == 0 {
			l.Progress(json.RawMessage(fmt.Sprintf(`{ "run": %d }`, l.Epoch)))
		}
		select {
		case <-time.After(time.Duration(rand.IntN(4000)) * time.Microsecond):
			done(live.Result{
				Outcome: outcomes[rand.IntN(len(outcomes))], Message: "as <it> happened", Output: json.RawMessage(`{"a" : 1}`),
				Host: &record.Host{Work: l.Work, Epoch: l.Epoch, Pid: rand.IntN(1000)},
			})
		case <-h.stop:
			time.Sleep(time.Duration(rand.IntN(2000)) * time.Microsecond)
			done(live.Result{Outcome: work.Stopped})
		case <-g.quit:
		}
	})
	return h
}

// recording is what an engine's inbox held, as it would be on disk.
type recording struct {
	at  int64
	ev  []byte
	err error
}

// TestReplay runs an engine on the machine's own clock, with runs that take as long as
// they like and callers that do not wait for each other, and steps what it has recorded
// again, in the simulator: the journal and the rows are the same (promise 10).
func TestReplay(t *testing.T) {
	for _, s := range []platform.Setup{{}, {Name: platform.IOS, Seed: 7}, {Name: platform.Android, Seed: 7}} {
		t.Run(s.Words(), func(t *testing.T) { replay(t, s) })
	}
}

func replay(t *testing.T, setup platform.Setup) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	mem := store.NewMemory()
	s, err := mem.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var records []recording
	var journal []byte
	policy := func() core.Policy {
		p, err := setup.Policy()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	e, err := live.Open(ctx, live.Config{
		Policy: policy(), Store: s, Runner: &goroutines{quit: make(chan struct{})},
		Record: func(at int64, ev core.Event) {
			b, err := core.EncodeEvent(ev)
			records = append(records, recording{at, b, err})
		},
		Committed: func(c record.Chunk) { journal = append(journal, c.Lines...) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Begin(ctx); err != nil {
		t.Fatal(err)
	}
	var callers sync.WaitGroup
	for c := range 4 {
		callers.Go(func() { call(ctx, t, e, c, setup.Name) })
	}
	callers.Wait()
	if err := e.Stop(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := mem.Open(ctx); err != nil {
		t.Fatal(err)
	}
	want := rowsOf(ctx, t, mem)
	t.Logf("%d events, %d bytes of journal, %d works", len(records), len(journal), len(want))
	for _, n := range []int{1, 64} {
		again := store.NewMemory()
		var got []byte
		d, err := sim.New(sim.Config{
			Policy: policy(), Store: again, CommitEvery: n, Journal: func(b []byte) { got = append(got, b...) },
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			ev, err := core.DecodeEvent(r.ev)
			if err = errors.Join(r.err, err); err == nil {
				err = d.Replay(r.at, ev)
			}
			if err != nil {
				t.Fatalf("%s: %v", r.ev, err)
			}
		}
		if err := d.Commit(); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(journal, got) {
			t.Fatalf("replayed with %d steps a commit:\n%s", n, cmp.Diff(string(journal), string(got)))
		}
		if d := cmp.Diff(want, rowsOf(ctx, t, again)); d != "" {
			t.Fatalf("replayed with %d steps a commit, the rows differ:\n%s", n, d)
		}
	}
}

// kinds are what a platform is asked for.
var kinds = map[string][]work.Kind{
	"":               {work.KindWork},
	platform.IOS:     {work.KindRefresh, work.KindProcessing, work.KindTransfer, work.KindAssertion, work.KindPush, work.KindTimer, work.KindWidget},
	platform.Android: {work.KindWork, work.KindPush, work.KindUserInitiated, work.KindAlarm, work.KindService},
}

// call asks for things at random, and on a phone lets things happen to the app.
func call(ctx context.Context, t *testing.T, e *live.Engine, caller int, as string) {
	for i := range 300 {
		time.Sleep(time.Duration(rand.IntN(500)) * time.Microsecond)
		if as != "" && rand.IntN(2) == 0 {
			s := core.Sense{Kind: core.SenseKind(rand.IntN(int(core.SenseKinds))), Value: int64(rand.IntN(2)), Task: fmt.Sprintf("t%d", rand.IntN(3))}
			if _, err := e.Ask(ctx, core.Sensed{Sense: s}); err != nil {
				t.Errorf("%s: %v", s.Kind, err)
			}
			continue
		}
		id := work.ID(fmt.Sprintf("c%d.%d", caller, rand.IntN(i+1)))
		var ev core.Event
		switch rand.IntN(8) {
		case 0:
			ev = core.Cancel{ID: id}
		case 1:
			ev = core.JobsSet{Jobs: 1 + rand.IntN(6)}
		case 2:
			e.TellFacts([]record.Fact{{Signal: record.Charging, Value: int64(rand.IntN(3) - 1)}})
			continue
		case 3:
			ev = core.Change{Request: work.Request{ID: id, Task: "t", Input: json.RawMessage("{ }"), Tags: []string{"changed"}}}
		case 4:
			ev = core.StopRun{Work: id, Reason: work.StopUser}
		default:
			q := work.Request{
				ID: work.ID(fmt.Sprintf("c%d.%d", caller, i)), Task: fmt.Sprintf("t%d", rand.IntN(3)), Input: json.RawMessage("{ \"x\": \"<\" }"),
				Backoff: work.Backoff{Policy: work.Linear, Delay: time.Millisecond}, Attempts: 3, Budget: time.Duration(1+rand.IntN(4)) * time.Millisecond,
			}
			q.Needs.Charging = rand.IntN(3) == 0
			q.Phone.Kind = kinds[as][rand.IntN(len(kinds[as]))]
			u := work.Unique{}
			if rand.IntN(3) == 0 {
				u = work.Unique{Name: fmt.Sprintf("n%d", rand.IntN(4)), Policy: []work.Policy{work.Keep, work.Replace, work.Append, work.Update}[rand.IntN(4)]}
			}
			ev = core.Enqueue{Nodes: []work.Node{{Request: q}}, Unique: u}
		}
		_, err := e.Ask(ctx, ev)
		if refused := new(work.Error); err != nil && !errors.As(err, &refused) {
			t.Errorf("%T: %v", ev, err)
		}
	}
}

func rowsOf(ctx context.Context, t *testing.T, m *store.Memory) []*record.Work {
	ws, err := m.List(ctx, store.Query{})
	if err != nil {
		t.Fatal(err)
	}
	return ws
}
