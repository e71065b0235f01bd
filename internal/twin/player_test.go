package twin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/journal"
	"github.com/lullwork/lull/internal/live"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// player carries out the commands of a script on one driver. Each command answers
// with what it was answered, then with the new lines of the journal.
type player struct {
	d     driver
	world *sim.Script
	start int64
	seen  int // bytes of the journal that were shown
	join  *journal.Join
}

// play carries out one command, given as its line and the indented ones below.
func (r *player) play(line string, below []string) (string, error) {
	var out strings.Builder
	o := parseOrder(line)
	reply, asked, err := core.Reply{}, true, error(nil)
	switch o.verb {
	case "begin":
		err, asked = r.d.begin(), false
	case "enqueue":
		q := o.request(r.start)
		q.Chain = nodes(below, r.start)
		ev := core.Enqueue{Nodes: []work.Node{{Request: q}}, Unique: o.unique()}
		o.done()
		reply, err = r.d.ask(ev)
	case "chain":
		reply, err = r.d.ask(core.Enqueue{Nodes: nodes(below, r.start), Unique: o.unique()})
		o.done()
	case "change":
		q := o.request(r.start)
		q.Chain = nodes(below, r.start)
		o.done()
		reply, err = r.d.ask(core.Change{Request: q})
	case "cancel":
		reply, err = r.d.ask(core.Cancel{ID: work.ID(o.word(0)), Tag: o.get("tag"), Name: o.get("unique"), All: o.get("all") == "yes"})
	case "plan":
		reply, err = r.d.ask(r.plan(&o, below))
	default:
		asked = false
		err = r.playQuiet(&o, below, &out)
	}
	if err == nil {
		err = r.d.advance(0)
	}
	var refused *work.Error
	switch {
	case errors.As(err, &refused):
		fmt.Fprintf(&out, "refused: %v\n", err)
		err = nil
	case asked && reply.Result != "":
		fmt.Fprintf(&out, "%s %v\n", reply.Result, reply.IDs)
	}
	if err != nil {
		return out.String(), err
	}
	err = r.news(&out)
	return out.String(), err
}

func (o *order) unique() work.Unique {
	return work.Unique{Name: o.get("unique"), Policy: work.Policy(o.get("policy"))}
}

// playQuiet carries out the commands that are not answered.
func (r *player) playQuiet(o *order, below []string, out *strings.Builder) error {
	tell := func(ev core.Event) error {
		_, err := r.d.ask(ev)
		return err
	}
	switch o.verb {
	case "jobs":
		n, err := strconv.Atoi(o.word(0))
		if err != nil {
			return err
		}
		return tell(core.JobsSet{Jobs: n})
	case "tasks":
		ev := core.TasksKnown{Tasks: []record.TaskRow{}}
		for _, name := range o.words {
			ev.Tasks = append(ev.Tasks, record.TaskRow{Name: name})
		}
		for _, name := range o.keys {
			ev.Tasks = append(ev.Tasks, record.TaskRow{Name: name, Held: o.get(name), Note: "told by the test"})
		}
		return tell(ev)
	case "layers":
		ev := core.LayersKnown{Layers: []record.Layer{}}
		for _, name := range o.keys {
			given, why, _ := strings.Cut(o.get(name), ":")
			l := record.Layer{Name: work.Layer(name), Given: record.Given(given), Means: "a test"}
			if given != "yes" {
				l.Means, l.Why = "", strings.ReplaceAll(why, "_", " ")
			}
			ev.Layers = append(ev.Layers, l)
		}
		return tell(ev)
	case "zone":
		z, err := live.ZoneTable(o.word(0))
		if err != nil {
			return err
		}
		return tell(core.ZoneRead{Zone: z})
	case "isolate":
		r.world.Set(o.word(0), behaviours(strings.Join(below, "|"))...)
		return nil
	case "fact":
		return tell(core.FactsRead{Facts: o.facts(0)})
	case "settle":
		in := microsOf(o.get("in"))
		return r.settle(o, in)
	case "stop":
		return tell(core.StopRun{Work: work.ID(o.word(0)), Reason: work.StopReason(o.number("reason"))})
	case "suspend":
		return tell(core.Suspend{})
	case "shutdown":
		return tell(core.Shutdown{})
	case "prune":
		return tell(core.Prune{FinishedBefore: r.d.now() - microsOf(o.get("keep")), JournalBefore: r.start})
	case "late":
		epoch := int64(o.number("run"))
		return r.late(core.Ended{Work: work.ID(o.word(0)), Epoch: epoch, Outcome: work.Outcome(o.get("outcome"))}, out)
	case "advance":
		return r.d.advance(microsOf(o.word(0)))
	case "sleep":
		return r.d.sleep(microsOf(o.word(0)))
	case "clock":
		return r.d.clock(microsOf(o.word(0)))
	case "restart":
		if err := r.d.restart(microsOf(o.get("down"))); err != nil {
			return err
		}
		r.join.EngineGone(r.d.now())
		return nil
	case "why":
		return r.why(o.words, out)
	case "ls":
		return r.ls(out)
	case "journal":
		out.Write(r.d.lines())
		return nil
	}
	return fmt.Errorf("unknown command %q", o.verb)
}

// settle tells of values that take over later, beside the ones that hold now.
func (r *player) settle(o *order, in int64) error {
	facts := o.facts(r.d.now() + in)
	snap, err := r.d.memory().Load(context.Background())
	if err != nil {
		return err
	}
	for i := range facts {
		facts[i].Value = snap.Facts[facts[i].Signal].Value
	}
	_, err = r.d.ask(core.FactsRead{Facts: facts})
	return err
}

// late steps the result of a run that is no longer the current one.
func (r *player) late(ev core.Ended, out *strings.Builder) error {
	_, err := r.d.ask(ev)
	if !errors.Is(err, work.ErrLate) {
		return fmt.Errorf("%v: not late: %w", ev, err)
	}
	fmt.Fprintln(out, "late")
	return nil
}

// plan reads root tasks: one a line, each with its hash; those with after= belong to
// the chain of the root above.
func (r *player) plan(o *order, below []string) core.PlanRead {
	ev := core.PlanRead{Again: o.word(0) == "again"}
	var group []string
	flush := func() {
		if len(group) == 0 {
			return
		}
		root := parseOrder("root " + group[0])
		ev.Roots = append(ev.Roots, record.PlanRoot{Name: root.word(0), Hash: root.get("hash"), Nodes: nodes(group, r.start)})
		group = nil
	}
	for _, line := range below {
		if !strings.Contains(line, "after=") {
			flush()
		}
		group = append(group, line)
	}
	flush()
	return ev
}

// why explains works, and checks that the journal alone says the same.
func (r *player) why(ids []string, out *strings.Builder) error {
	return r.d.look(func(m *core.Machine, rows func(...record.Need) []*record.Work) {
		offset := m.Meta().Offset
		for _, id := range ids {
			ws := rows(record.Need{Works: []work.ID{work.ID(id)}})
			if len(ws) == 0 {
				fmt.Fprintf(out, "%s is not there\n", id)
				continue
			}
			w := ws[0]
			var parents []*record.Work
			if len(w.Parents) > 0 {
				parents = rows(record.Need{Works: w.Parents})
			}
			reasons := m.Explain(r.d.now(), w, parents)
			if len(reasons) == 0 {
				fmt.Fprintf(out, "%s is %s\n", id, w.State)
			}
			for i := range reasons {
				fmt.Fprintf(out, "%s: %s\n", id, r.showReason(&reasons[i], offset))
			}
		}
	})
}

func (r *player) ls(out *strings.Builder) error {
	ws, err := r.d.memory().List(context.Background(), store.Query{})
	if err != nil {
		return err
	}
	return r.d.look(func(m *core.Machine, _ func(...record.Need) []*record.Work) {
		for _, w := range ws {
			fmt.Fprintf(out, "%s %s %s", w.ID, m.SpecOf(w).Task, w.State)
			if w.State == work.Enqueued {
				fmt.Fprintf(out, " due %s", span(m.DueAt(w)-r.start))
			}
			for _, c := range []struct {
				name string
				n    int32
			}{{"attempts", w.Attempts}, {"failures", w.Failures}, {"crashes", w.Crashes}, {"losses", w.Losses}, {"periods", w.Periods}, {"generation", w.Generation}} {
				if c.n != 0 {
					fmt.Fprintf(out, " %s %d", c.name, c.n)
				}
			}
			if w.StopReason != work.NotStopped {
				fmt.Fprintf(out, " stop %d", w.StopReason)
			}
			for _, d := range []struct {
				name string
				data []byte
			}{{"input", w.Input}, {"merged", w.Merged}, {"progress", w.Progress}, {"output", w.Output}} {
				if d.data != nil {
					fmt.Fprintf(out, " %s %s", d.name, d.data)
				}
			}
			if w.Last.Outcome != "" {
				fmt.Fprintf(out, " last %s", w.Last.Outcome)
			}
			if w.Last.Message != "" {
				fmt.Fprintf(out, " (%s)", w.Last.Message)
			}
			fmt.Fprintln(out)
		}
	})
}

// news shows the journal's new lines, and checks that what the journal says of why
// works wait is what the machine says.
func (r *player) news(out *strings.Builder) error {
	lines := r.d.lines()
	err := journal.Read(bytes.NewReader(lines[r.seen:]), func(e record.Entry) bool {
		fmt.Fprintln(out, r.show(&e))
		r.join.Add(&e)
		return true
	})
	r.seen = len(lines)
	if err != nil {
		return err
	}
	var bad error
	err = r.d.look(func(m *core.Machine, rows func(...record.Need) []*record.Work) {
		bad = agree(m, rows, r.join, r.d.now())
	})
	return errors.Join(err, bad)
}

// timeOf reads the wall time at which a script starts.
func timeOf(s string) (int64, error) {
	t, err := time.Parse(time.RFC3339, s)
	return t.UnixMicro(), err
}
