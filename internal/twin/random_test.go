package twin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/journal"
	"github.com/lullwork/lull/internal/live"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim"
	"github.com/lullwork/lull/work"
)

// randomStart is 2026-03-28 20:00 UTC, the evening before an hour that does not exist
// in Paris.
const randomStart = 1_774_728_000_000_000

// chance is a world whose isolates behave by chance, the same for the same run.
type chance struct{ seed uint64 }

func (w chance) Run(l sim.Launch) sim.Behaviour {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s#%d", l.Work, l.Epoch)
	r := rand.New(rand.NewPCG(w.seed, h.Sum64()))
	outcomes := []work.Outcome{
		work.Success, work.Success, work.Success, work.Retry, work.Errored, work.Failure, work.Crashed,
		work.OutOfMemory, work.NotStarted, work.StartError,
	}
	b := sim.Behaviour{
		Takes: r.Int64N(4) * 10_000_000, Stops: r.Int64N(3) * 7_000_000, Outcome: outcomes[r.IntN(len(outcomes))],
	}
	switch r.IntN(6) {
	case 0:
		b.Takes = record.Never
	case 1:
		b.Output = json.RawMessage(fmt.Sprintf(`{"n":%d}`, r.IntN(3)))
	case 2:
		b.Progress = []sim.Progress{{After: 5_000_000, Data: json.RawMessage(`{"p":1}`)}}
	}
	return b
}

// act is one thing that a random story does.
type act struct {
	name string
	do   func(d driver) error
}

// ask asks something that may be refused.
func ask(ev core.Event) act {
	name, err := core.EncodeEvent(ev)
	if err != nil {
		panic(err)
	}
	return act{string(name[:min(len(name), 600)]), func(d driver) error {
		_, err := d.ask(ev)
		var refused *work.Error
		if errors.As(err, &refused) || errors.Is(err, work.ErrLate) {
			return nil
		}
		return err
	}}
}

type teller struct{ t *rapid.T }

func pick[T any](g teller, of ...T) T { return rapid.SampledFrom(of).Draw(g.t, "pick") }

func (g teller) often(n int) bool { return rapid.IntRange(0, n).Draw(g.t, "often") == 0 }

func (g teller) id() work.ID {
	return work.ID(fmt.Sprintf("w%d", rapid.IntRange(0, 9).Draw(g.t, "id")))
}

func (g teller) request(chained bool) work.Request {
	q := work.Request{
		ID: g.id(), Task: pick(g, "a", "b", "c"), Delay: pick(g, 0, 0, 0, time.Second, time.Minute),
		Group: pick(g, "", "", "g"), Attempts: pick(g, 0, 0, 2, -1), Budget: pick(g, time.Hour, 15*time.Second),
		Grace: pick(g, 0, time.Second), OnFailure: pick(g, "", work.OnFailureFail), BackoffOnInterruption: g.often(5),
		Merger: pick(g, "", work.ArrayCreating),
	}
	if g.often(2) {
		q.Needs.Charging = g.often(1)
		q.Needs.Idle = g.often(2)
		q.Needs.Network = pick(g, work.NoNetwork, work.Connected, work.Unmetered)
	}
	if g.often(4) {
		q.Require = pick(g, []work.Layer{work.LayerFiles}, []work.Layer{work.LayerNetwork, work.LayerFiles})
	}
	if g.often(6) {
		q.Needs.Between, q.Needs.Zone = pick(g, "22:00-06:00", "02:10-02:40"), "Europe/Paris"
	}
	if g.often(2) {
		q.Backoff = work.Backoff{Policy: pick(g, work.Linear, work.Exponential), Delay: pick(g, time.Second, time.Minute)}
	}
	if g.often(2) {
		q.Tags = []string{"x"}
	}
	if g.often(2) {
		q.Input = json.RawMessage(`{"n":0}`)
	}
	switch {
	case chained:
	case g.often(3):
		q.Every = pick(g, 15*time.Minute, time.Hour)
		q.Flex = pick(g, 0, 5*time.Minute)
		if g.often(2) {
			q.Chain = []work.Node{{Request: work.Request{Task: "c"}}, {Request: work.Request{Task: "b"}, After: []int{0}}}
		}
		if g.often(3) {
			q.NextRun = time.UnixMicro(randomStart).Add(pick(g, time.Minute, 2*time.Hour))
		}
		q.ClearNextRun = g.often(6)
	case g.often(4):
		q.Cron, q.Zone = pick(g, "30 2 * * *", "*/30 * * * *"), "Europe/Paris"
		q.Missed = pick(g, "", work.MissedSkip, work.MissedAll)
	case g.often(3):
		q.Expedited, q.Delay, q.Needs = true, 0, work.Constraints{}
	}
	return q
}

func (g teller) unique() work.Unique {
	if !g.often(1) {
		return work.Unique{}
	}
	return work.Unique{
		Name:   pick(g, "u", "v"),
		Policy: pick(g, work.Keep, work.Replace, work.Append, work.AppendOrReplace, work.Update),
	}
}

func (g teller) nodes() []work.Node {
	if g.often(1) {
		return []work.Node{{Request: g.request(false)}}
	}
	var ns []work.Node
	for i := range rapid.IntRange(2, 4).Draw(g.t, "nodes") {
		n := work.Node{Request: g.request(true)}
		for b := range i {
			if g.often(1) {
				n.After = append(n.After, b)
			}
		}
		ns = append(ns, n)
	}
	return ns
}

func (g teller) facts() act {
	if g.often(4) {
		return ask(core.LayersKnown{Layers: []record.Layer{{
			Name: pick(g, work.LayerFiles, work.LayerNetwork), Given: pick(g, record.GivenYes, record.GivenYes, record.GivenPartial, "no"), Means: "m", Why: "w",
		}}})
	}
	s := pick(g, record.Charging, record.Idle, record.Connected, record.Metered)
	v := pick(g, 0, 1, 1, record.Unknown)
	in := pick(g, 0, 0, int64(10_000_000))
	next := pick(g, int64(0), 1)
	return act{fmt.Sprintf("fact %v %d, %d in %d µs", s, v, next, in), func(d driver) error {
		f := record.Fact{Signal: s, Value: v, Source: "test"}
		if in > 0 {
			f.Next, f.Settles = next, d.now()+in
		}
		_, err := d.ask(core.FactsRead{Facts: []record.Fact{f}})
		return err
	}}
}

func (g teller) act() act {
	us := pick(g, int64(1), 1_000_000, 10_000_000, 60_000_000, 600_000_000, 3_600_000_000, 5*3_600_000_000, 24*3_600_000_000)
	switch rapid.IntRange(0, 19).Draw(g.t, "act") {
	case 0, 1, 2, 3:
		return ask(core.Enqueue{Nodes: g.nodes(), Unique: g.unique()})
	case 4, 5, 6, 7:
		return act{fmt.Sprintf("advance %d µs", us), func(d driver) error { return d.advance(us) }}
	case 8, 9:
		return g.facts()
	case 10:
		return ask(core.Cancel{ID: g.id()})
	case 11:
		return ask(pick(g, core.Cancel{Tag: "x"}, core.Cancel{Name: "u"}, core.Cancel{All: true}))
	case 12:
		return ask(core.Change{Request: g.request(false)})
	case 13:
		return ask(core.JobsSet{Jobs: rapid.IntRange(1, 5).Draw(g.t, "jobs")})
	case 14:
		return ask(core.StopRun{Work: g.id(), Reason: pick(g, work.StopUser, work.StopQuota)})
	case 15:
		by := pick(g, int64(3_600_000_000), -3_600_000_000, 86_400_000_000)
		return act{fmt.Sprintf("clock %d µs", by), func(d driver) error { return d.clock(by) }}
	case 16:
		return act{fmt.Sprintf("sleep %d µs", us), func(d driver) error {
			if _, err := d.ask(core.Suspend{}); err != nil {
				return err
			}
			return d.sleep(max(us, 2_000_000))
		}}
	case 17:
		return act{fmt.Sprintf("restart after %d µs", us), func(d driver) error {
			return errors.Join(d.restart(us), d.begin())
		}}
	case 18:
		known := []record.TaskRow{{Name: "a"}, {Name: "b"}, {Name: "c"}}
		if g.often(2) {
			known[1].Held = string(work.ReasonNotInPlan)
		}
		return ask(core.TasksKnown{Tasks: known})
	}
	var ev core.PlanRead
	for _, name := range []string{"a", "b"} {
		if g.often(3) {
			continue
		}
		ev.Roots = append(ev.Roots, record.PlanRoot{
			Name: name, Hash: pick(g, "1", "2"), Nodes: []work.Node{{Request: work.Request{
				ID: work.ID("p" + name + fmt.Sprint(rapid.IntRange(0, 99).Draw(g.t, "plan id"))), Task: name, Every: pick(g, 0, time.Hour),
			}}},
		})
	}
	return ask(ev)
}

// story draws what happens, from the start of an engine on.
func story(t *rapid.T) []act {
	g := teller{t}
	zone, err := live.ZoneTable("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	acts := []act{ask(core.ZoneRead{Zone: zone}), ask(core.JobsSet{Jobs: 2}), {"begin", driver.begin}}
	for range rapid.IntRange(1, 40).Draw(t, "length") {
		acts = append(acts, g.act())
	}
	return acts
}

// tell carries out a story, and calls after each act what is to be checked.
func tell(t *rapid.T, d driver, acts []act, check func() error) []byte {
	for i, a := range acts {
		err := a.do(d)
		if err == nil {
			err = d.advance(0)
		}
		if err == nil && check != nil {
			err = check()
		}
		if err != nil {
			for _, b := range acts[:i+1] {
				t.Log(b.name)
			}
			t.Fatalf("%v\n%s", err, d.lines())
		}
	}
	return d.lines()
}

func same(t *rapid.T, acts []act, what string, a, b []byte) {
	if bytes.Equal(a, b) {
		return
	}
	for _, x := range acts {
		t.Log(x.name)
	}
	la, lb := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range min(len(la), len(lb)) {
		if !bytes.Equal(la[i], lb[i]) {
			t.Fatalf("%s: line %d differs\n%s\n%s", what, i+1, la[i], lb[i])
		}
	}
	t.Fatalf("%s: %d lines, %d lines", what, len(la), len(lb))
}

// TestRandomStories: whatever happens, both drivers write the same journal, however
// many steps share a commit; every work that waits has a reason, and the journal gives
// the reasons that the machine gives.
func TestRandomStories(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		acts := story(rt)
		s := setting{start: randomStart, world: chance{rapid.Uint64().Draw(rt, "seed")}, commit: 1}
		d := newSim(t, s)
		join, seen := journal.NewJoin(), 0
		one := tell(rt, d, acts, func() error {
			lines := d.lines()
			err := journal.Read(bytes.NewReader(lines[seen:]), func(e record.Entry) bool {
				join.Add(&e)
				return true
			})
			seen = len(lines)
			var bad error
			err = errors.Join(err, d.look(func(m *core.Machine, rows func(...record.Need) []*record.Work) {
				bad = agree(m, rows, join, d.now())
			}))
			return errors.Join(err, bad)
		})
		for _, n := range []int{3, 1000} {
			s.commit = n
			same(rt, acts, fmt.Sprintf("%d steps a commit", n), one, tell(rt, newSim(t, s), acts, nil))
		}
		l := newLive(t, s)
		lived := tell(rt, l, acts, nil)
		if err := l.close(); err != nil {
			rt.Error(err)
		}
		same(rt, acts, "live", one, lived)
	})
}

// TestProcessors: the same seed gives the same journal on one processor and on two
// (promise 10).
func TestProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	rapid.Check(t, func(rt *rapid.T) {
		acts := story(rt)
		s := setting{start: randomStart, world: chance{rapid.Uint64().Draw(rt, "seed")}}
		runtime.GOMAXPROCS(1)
		one := tell(rt, newSim(t, s), acts, nil)
		runtime.GOMAXPROCS(2)
		same(rt, acts, "on two processors", one, tell(rt, newSim(t, s), acts, nil))
	})
}
