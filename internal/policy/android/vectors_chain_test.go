package android_test

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

var chainResults = map[string]work.Outcome{"succeed": work.Success, "fail": work.Failure, "retry": work.Retry}

func runChain(t coretest.TB, p core.Policy, in json.RawMessage) any {
	var input struct {
		Nodes []struct {
			ID      work.ID   `json:"id"`
			Prereqs []work.ID `json:"prereqs"`
		} `json:"nodes"`
		Events []struct {
			Op string  `json:"op"`
			ID work.ID `json:"id"`
			At int64   `json:"at"`
		} `json:"events"`
	}
	read(t, in, &input)
	rig := coretest.New(t, p)
	place := map[work.ID]int{}
	for i, n := range input.Nodes {
		place[n.ID] = i
	}
	nodes := make([]work.Node, len(input.Nodes))
	for i, n := range input.Nodes {
		nodes[i].Request = work.Request{ID: n.ID, Task: noTask}
		for _, p := range n.Prereqs {
			k, ok := place[p]
			if !ok {
				t.Fatalf("%s comes after %s, which does not exist", n.ID, p)
			}
			nodes[i].After = append(nodes[i].After, k)
		}
	}
	if r := rig.Do(0, core.Enqueue{Nodes: nodes}); r.Err != nil {
		return map[string]any{"error": errorName(r.Err)}
	}
	states, enqueued := map[work.ID]work.State{}, map[work.ID]any{}
	look := func() {
		for _, w := range rig.Rows() {
			if !states[w.ID].Finished() { // nothing moves a work that is
				w.LastEnqueue = wallTime(rig, w.LastEnqueue)
				states[w.ID], enqueued[w.ID] = w.State, enqueuedMS(w)
			}
		}
	}
	look()
	for _, ev := range input.Events {
		chainEvent(t, rig, ev.Op, ev.ID, us(ev.At))
		look()
	}
	return map[string]any{"states": states, "last_enqueue_ms": enqueued, "stop_signalled": append([]work.ID{}, rig.Stops()...)}
}

func chainEvent(t coretest.TB, rig *coretest.Rig, op string, id work.ID, wall int64) {
	outcome, isResult := chainResults[op]
	at := reach(rig, wall)
	switch {
	case isResult:
		// A result without a start before it stands for a run that was started when it
		// could be, and is over.
		if w := rig.Row(id); w != nil && w.State == work.Enqueued {
			rig.Do(max(at, w.Due), core.Offer{Work: id})
			at = reach(rig, wall)
		}
		if _, runs := rig.Run(id); runs {
			rig.End(at, id, outcome)
		}
	case op == "start":
		rig.Do(at, core.Offer{Work: id})
	case op == "cancel":
		rig.Do(at, core.Cancel{ID: id})
		for _, run := range rig.M.Runs() {
			if run.State == record.Stopping {
				rig.Reap(at, run.Work)
			}
		}
	default:
		t.Fatalf("unknown op %q", op)
	}
}

func runMerge(t coretest.TB, p core.Policy, in json.RawMessage) any {
	var input struct {
		Merger  string            `json:"merger"`
		Own     json.RawMessage   `json:"own_input"`
		Outputs []json.RawMessage `json:"prerequisite_outputs"`
	}
	read(t, in, &input)
	merger, ok := mergers[input.Merger]
	if !ok {
		t.Fatalf("unknown merger %q", input.Merger)
	}
	if string(input.Own) == "null" {
		input.Own = nil
	}
	rig := coretest.New(t, p)
	last := work.Node{Request: work.Request{ID: "last", Task: noTask, Input: input.Own, Merger: merger}}
	var nodes []work.Node
	for i := range input.Outputs {
		last.After = append(last.After, i)
		nodes = append(nodes, work.Node{Request: work.Request{ID: work.ID("before" + strconv.Itoa(i)), Task: noTask}})
	}
	if r := rig.Do(0, core.Enqueue{Nodes: append(nodes, last)}); r.Err != nil {
		t.Fatal(r.Err)
	}
	for i, out := range input.Outputs {
		id := nodes[i].Request.ID
		rig.Do(0, core.Offer{Work: id})
		rig.End(0, id, work.Success, string(out))
	}
	rig.Do(0, core.Offer{Work: "last"})
	for _, e := range slices.Backward(rig.Effects) {
		if e.Kind == core.StartRun && e.Work == "last" {
			return map[string]any{"input": dataOf(e.Input), "error": nil}
		}
	}
	if w := rig.Row("last"); w.State != work.Failed {
		t.Fatalf("it neither runs nor failed: %v", w.State)
	}
	return map[string]any{"input": nil, "error": anyWord}
}
