package android_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// policyRow is an existing row of a case, or the request of an update.
type policyRow struct {
	ID              work.ID         `json:"id"`
	State           work.State      `json:"state"`
	Prereqs         []work.ID       `json:"prereqs"`
	Named           *bool           `json:"named"`
	Periodic        bool            `json:"periodic"`
	Interval        int64           `json:"interval_ms"`
	Flex            int64           `json:"flex_ms"`
	InitialDelay    int64           `json:"initial_delay_ms"`
	LastEnqueue     int64           `json:"last_enqueue_ms"`
	Attempts        int32           `json:"run_attempt_count"`
	Periods         int32           `json:"period_count"`
	Generation      int32           `json:"generation"`
	Override        *int64          `json:"override_ms"`
	OverrideGen     int32           `json:"override_generation"`
	ClearOverride   bool            `json:"clear_override"`
	Tags            []string        `json:"tags"`
	Progress        json.RawMessage `json:"progress"`
	StopReason      work.StopReason `json:"stop_reason"`
	BackoffPolicy   string          `json:"backoff_policy"`
	BackoffDelay    int64           `json:"backoff_delay_ms"`
	OverrideChanged bool            `json:"override_changed"`
}

type policyOp struct {
	Kind     string      `json:"kind"`
	Policy   string      `json:"policy"`
	Levels   [][]work.ID `json:"levels"`
	NewID    work.ID     `json:"new_id"`
	Interval int64       `json:"new_interval_ms"`
	New      *policyRow  `json:"new"`
}

var policies = map[string]work.Policy{
	"KEEP": work.Keep, "REPLACE": work.Replace, "APPEND": work.Append, "APPEND_OR_REPLACE": work.AppendOrReplace,
	"UPDATE": work.Update, "CANCEL_AND_REENQUEUE": work.Replace,
}

const theName = "name"

func runPolicy(t coretest.TB, p core.Policy, in json.RawMessage) any {
	var input struct {
		Existing []policyRow `json:"existing"`
		Op       policyOp    `json:"op"`
	}
	read(t, in, &input)
	rig := coretest.New(t, p)
	seed(t, rig, input.Existing)
	c := policyCase{t: t, rig: rig, op: &input.Op, before: rig.Rows()}
	switch input.Op.Kind {
	case "unique_work":
		return c.uniqueWork()
	case "unique_periodic":
		return c.uniquePeriodic()
	case "update_work":
		return c.updateWork()
	}
	t.Fatalf("unknown kind %q", input.Op.Kind)
	return nil
}

// seed puts the existing rows into the store.
func seed(t coretest.TB, rig *coretest.Rig, existing []policyRow) {
	rules := rig.M.Rules()
	var specs []*record.Spec
	var works []*record.Work
	var runs []*record.Run
	byID := map[work.ID]*record.Work{}
	for i := range existing {
		x := &existing[i]
		s, w := x.row(t, &rules)
		w.Seq = int64(i + 1)
		s.ID = int64(len(specs) + 1)
		for _, o := range specs {
			if same(o, s) {
				s = o
			}
		}
		if s.ID > int64(len(specs)) {
			specs = append(specs, s)
		}
		w.Spec = s.ID
		if w.State == work.Enqueued {
			w.Due = core.NextRun(&rules, s, w)
		}
		if w.State == work.Running {
			w.Epoch = 1
			runs = append(runs, &record.Run{
				Seq: w.Seq, Epoch: 1, Work: w.ID, Spec: w.Spec, Name: w.Name, State: record.Going, Attempt: w.Attempts,
				Generation: w.Generation, Override: w.OverrideGen, Stop: work.NotStopped,
			})
		}
		works, byID[x.ID] = append(works, w), w
	}
	for i, w := range works {
		for _, id := range existing[i].Prereqs {
			parent := byID[id]
			if parent == nil {
				t.Fatalf("%s comes after %s, which does not exist", w.ID, id)
			}
			parent.HasNext = true
			w.Parents = append(w.Parents, id)
			if parent.State != work.Succeeded {
				w.Waiting++
			}
		}
	}
	rig.Seed(specs, works, runs)
}

func same(a, b *record.Spec) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

// request is what would make such a row.
func (x *policyRow) request(t coretest.TB) work.Request {
	q := work.Request{ID: x.ID, Task: noTask, Tags: x.Tags, Delay: span(x.InitialDelay), ClearNextRun: x.ClearOverride}
	if x.Periodic {
		q.Every, q.Flex = 15*time.Minute, span(x.Flex)
		if x.Interval > 0 {
			q.Every = span(x.Interval)
		}
	}
	if x.BackoffPolicy != "" {
		q.Backoff = work.Backoff{Policy: backoffPolicy(t, x.BackoffPolicy), Delay: span(x.BackoffDelay)}
	}
	if x.Override != nil {
		q.NextRun = time.UnixMicro(us(*x.Override))
	}
	return q
}

func (x *policyRow) row(t coretest.TB, rules *core.Rules) (*record.Spec, *record.Work) {
	q := x.request(t)
	s, w, err := core.Normalize(rules, 0, &q)
	if err != nil {
		t.Fatal(err)
	}
	w.State, w.LastEnqueue, w.Attempts, w.Periods, w.Generation = x.State, us(x.LastEnqueue), x.Attempts, x.Periods, x.Generation
	w.OverrideGen = max(w.OverrideGen, x.OverrideGen)
	if string(x.Progress) != "{}" {
		w.Progress = x.Progress
	}
	if x.Named == nil || *x.Named {
		w.Name = theName
	}
	if x.StopReason != 0 {
		w.StopReason = x.StopReason
	}
	return s, w
}

// policyCase is a case after its existing rows are there.
type policyCase struct {
	t      coretest.TB
	rig    *coretest.Rig
	op     *policyOp
	before []*record.Work
}

func (c *policyCase) unique() work.Unique {
	p, ok := policies[c.op.Policy]
	if !ok {
		c.t.Fatalf("unknown policy %q", c.op.Policy)
	}
	return work.Unique{Name: theName, Policy: p}
}

func (c *policyCase) uniqueWork() any {
	var nodes []work.Node
	var above []int
	for _, level := range c.op.Levels {
		var here []int
		for _, id := range level {
			here = append(here, len(nodes))
			nodes = append(nodes, work.Node{Request: work.Request{ID: id, Task: noTask}, After: above})
		}
		above = here
	}
	r := c.rig.Do(0, core.Enqueue{Nodes: nodes, Unique: c.unique()})
	if r.Err != nil {
		return map[string]any{"result": "FAILURE", "error": errorName(r.Err)}
	}
	rows := map[work.ID]any{}
	for _, w := range c.rig.Rows() {
		prereqs := []work.ID{}
		for _, p := range w.Parents {
			if c.rig.Row(p) != nil { // a row that is deleted takes its dependencies along
				prereqs = append(prereqs, p)
			}
		}
		rows[w.ID] = map[string]any{"state": w.State, "prereqs": prereqs}
	}
	return map[string]any{"rows": rows, "deleted": c.deleted(), "stop_signalled": c.signalled()}
}

func (c *policyCase) deleted() []work.ID {
	out := []work.ID{}
	for _, w := range c.before {
		if c.rig.Row(w.ID) == nil {
			out = append(out, w.ID)
		}
	}
	return out
}

func (c *policyCase) signalled() []work.ID { return append([]work.ID{}, c.rig.Stops()...) }

var updateResults = map[core.Result]string{
	core.ResultUpdated: "APPLIED_IMMEDIATELY", core.ResultNextRun: "APPLIED_FOR_NEXT_RUN", core.ResultNotDone: "NOT_APPLIED",
}

func (c *policyCase) uniquePeriodic() any {
	q := work.Request{ID: c.op.NewID, Task: noTask, Every: span(c.op.Interval)}
	r := c.rig.Do(0, core.Enqueue{Nodes: []work.Node{{Request: q}}, Unique: c.unique()})
	if r.Err != nil {
		return map[string]any{"result": "FAILURE", "error": errorName(r.Err)}
	}
	got := c.row(r.IDs[0])
	got["result"], got["deleted"], got["stop_signalled"] = "SUCCESS", c.deleted(), len(c.signalled()) > 0
	if u, ok := updateResults[r.Result]; ok {
		got["update"] = u
	}
	return got
}

func (c *policyCase) updateWork() any {
	if c.op.New == nil {
		c.t.Fatal("there is no new request")
	}
	r := c.rig.Do(0, core.Change{Request: c.op.New.request(c.t)})
	if r.Err != nil {
		return map[string]any{"result": "error", "error": errorName(r.Err)}
	}
	got := c.row(r.IDs[0])
	got["result"], got["stop_signalled"] = updateResults[r.Result], len(c.signalled()) > 0
	return got
}

// row names the values of a row as WorkManager does.
func (c *policyCase) row(id work.ID) map[string]any {
	w := c.rig.Row(id)
	if w == nil {
		c.t.Fatalf("no row %s", id)
	}
	got := values(c.rig.M.SpecOf(w), w)
	got["id"], got["progress"] = w.ID, dataOf(w.Progress)
	// The rows of these cases have no worker class, and so no tag of its name.
	got["tags"] = append([]string{}, slices.DeleteFunc(slices.Clone(w.Tags), func(tag string) bool { return tag == noTask })...)
	return got
}

func errorName(err error) string {
	switch {
	case errors.Is(err, work.ErrUnsupported):
		return "UnsupportedOperation"
	case errors.Is(err, work.ErrUnknownWork):
		return "IllegalArgument"
	}
	return fmt.Sprint(err)
}
