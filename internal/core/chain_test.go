package core_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// inputOf returns the input of a work's last start.
func inputOf(r *coretest.Rig, id work.ID) string {
	r.TB.Helper()
	for _, e := range slices.Backward(r.Effects) {
		if e.Kind == core.StartRun && e.Work == id {
			return string(e.Input)
		}
	}
	r.TB.Fatalf("%s was not started", id)
	return ""
}

func wantInput(r *coretest.Rig, id work.ID, want string) {
	r.TB.Helper()
	if got := inputOf(r, id); got != want {
		r.TB.Errorf("input of %s is %s, want %s", id, got, want)
	}
}

func TestChainMergesOutputs(t *testing.T) {
	r := rig(t)
	chain(r, 0, work.Unique{}, []work.Request{
		{ID: "join", Input: json.RawMessage(`{"own":true,"k":0}`)}, {ID: "a", Task: "ta"}, {ID: "b", Task: "tb"}, {ID: "c", Task: "tc"},
	}, [][]int{{1, 2, 3}, nil, nil, nil})
	wantStarts(r, "a", "b", "c")
	wantCodes(r, 0, "join", work.ReasonBlocked, work.ReasonBlocked, work.ReasonBlocked)
	r.End(1, "a", work.Success, `{"k":1,"l":[1,{"m":2}]}`)
	r.End(2, "b", work.Success, `"text"`)
	wantCodes(r, 0, "join", work.ReasonBlocked)
	r.Restart(3, record.RunKey{Seq: 3, Epoch: 1}) // the merged input comes from the store
	r.End(4, "c", work.Success)
	wantInput(r, "join", `{"k":1,"l":[1,{"m":2}],"own":true,"tb":"text"}`)
	if w := r.Row("join"); w.LastEnqueue != 4 || string(w.Input) != `{"own":true,"k":0}` {
		t.Errorf("%+v", w)
	}
}

func TestChainMergeErrors(t *testing.T) {
	for name, c := range map[string]struct {
		merger work.Merger
		outs   [2]string
		text   string
	}{
		"types":   {work.ArrayCreating, [2]string{`{"k":1}`, `{"k":"x"}`}, "different types"},
		"size":    {work.Overwriting, [2]string{`{"a":"` + strings.Repeat("x", 8000) + `"}`, `{"b":"` + strings.Repeat("x", 8000) + `"}`}, "data too large"},
		"no JSON": {work.Overwriting, [2]string{`{"a":`, `{}`}, "JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			r := rig(t)
			chain(r, 0, work.Unique{}, []work.Request{{ID: "a"}, {ID: "b"}, {ID: "c", Merger: c.merger}, {ID: "d"}}, [][]int{nil, nil, {0, 1}, {2}})
			r.End(0, "a", work.Success, c.outs[0])
			r.End(0, "b", work.Success, c.outs[1])
			wantState(r, "c", work.Failed)
			wantState(r, "d", work.Failed)
			if w := r.Row("c"); !strings.Contains(w.Last.Message, c.text) {
				t.Errorf("%q", w.Last.Message)
			}
		})
	}
}

func TestAppendMergesOutputsOfFinishedWorks(t *testing.T) {
	r := rig(t)
	u := work.Unique{Name: "n", Policy: work.Append}
	add(r, 0, work.Request{ID: "a"}, u)
	r.End(0, "a", work.Success, `{"k":1}`)
	add(r, 0, work.Request{ID: "b"}, u)
	wantInput(r, "b", `{"k":1}`)
	add(r, 0, work.Request{ID: "c"}, u)
	wantState(r, "c", work.Blocked)
	r.End(0, "b", work.Success, `{"l":2}`)
	wantInput(r, "c", `{"l":2}`)
}

func TestUpdateMergesAnew(t *testing.T) {
	r := rig(t)
	chain(r, 0, work.Unique{}, []work.Request{{ID: "a"}, {ID: "b", Input: json.RawMessage(`{"x":1}`), Delay: time.Hour}}, [][]int{nil, {0}})
	r.End(0, "a", work.Success, `{"y":2}`)
	r.Restart(second)
	q := work.Request{ID: "b", Task: "t", Input: json.RawMessage(`{"x":3}`)}
	if reply := r.Do(second, core.Change{Request: q}); reply.Result != core.ResultUpdated {
		t.Fatalf("%+v", reply)
	}
	wantInput(r, "b", `{"x":3,"y":2}`)
	q.Input = json.RawMessage(`{"x":4}`)
	if reply := r.Do(second, core.Change{Request: q}); reply.Result != core.ResultNextRun {
		t.Fatalf("%+v", reply)
	}
	r.End(second, "b", work.Retry)
	r.Do(minute, core.Tick{})
	wantInput(r, "b", `{"x":4,"y":2}`)

	add(r, minute, work.Request{ID: "c", Delay: time.Hour, Merger: work.ArrayCreating, Input: json.RawMessage(`{"x":1}`)})
	q = work.Request{ID: "c", Task: "t", Input: json.RawMessage(`{"x":2}`)}
	r.Do(minute, core.Change{Request: q})
	wantInput(r, "c", `{"x":2}`)
}

func TestUpdateKeepsAndReplaces(t *testing.T) {
	r := rig(t)
	zone(r, "Local", utc)
	add(r, 0, work.Request{ID: "a", Every: time.Hour, Needs: work.Constraints{Charging: true}, Tags: []string{"old"}, Group: "g"})
	r.Do(0, charge)
	r.Do(0, core.Progressed{Work: "a", Epoch: 1, Data: []byte(`1`)})
	r.Do(0, core.Change{Request: work.Request{ID: "a", Task: "t", Every: 2 * time.Hour, Tags: []string{"new"}}})
	w := r.Row("a")
	if w.State != work.Running || w.Generation != 1 || !slices.Equal(w.Tags, []string{"new"}) || w.Progress == nil {
		t.Errorf("%+v", w)
	}
	r.Do(0, fact(record.Charging, 0)) // the run that goes on keeps the old constraints
	wantState(r, "a", work.Enqueued)
	r.Reap(0, "a")
	wantState(r, "a", work.Running) // the next one has none
	r.End(second, "a", work.Success)
	want(r, "a", work.Enqueued, second+2*hour)
	if reply := r.Do(second, core.Change{Request: work.Request{ID: "a", Task: "t", Cron: "0 5 * * *"}}); reply.Result != core.ResultUpdated {
		t.Errorf("%+v", reply)
	}
	want(r, "a", work.Enqueued, 5*hour)
	for _, q := range []work.Request{{ID: "a", Task: "t"}, {ID: "a"}, {ID: "a", Task: "t", Every: -1}} {
		if reply := r.Do(second, core.Change{Request: q}); reply.Err == nil {
			t.Errorf("%+v: %+v", q, reply)
		}
		want(r, "a", work.Enqueued, 5*hour)
	}
	r.Do(second, core.Cancel{Name: "none"})
	if reply := r.Do(second, core.Cancel{ID: "a"}); reply.Result != core.ResultCancelled {
		t.Errorf("%+v", reply)
	}
	if reply := r.Do(second, core.Change{Request: work.Request{ID: "a", Task: "t", Every: time.Hour}}); reply.Result != core.ResultNotDone {
		t.Errorf("%+v", reply)
	}
}

func TestUpdateByName(t *testing.T) {
	r := rig(t)
	u := work.Unique{Name: "n", Policy: work.Update}
	add(r, 0, work.Request{ID: "a", Delay: time.Hour}, u)
	if reply := add(r, 0, work.Request{ID: "b", Delay: time.Minute}, u); reply.Result != core.ResultUpdated || !slices.Equal(reply.IDs, []work.ID{"a"}) {
		t.Errorf("%+v", reply)
	}
	want(r, "a", work.Enqueued, minute)
	if r.Row("b") != nil {
		t.Error("b was made as well")
	}
	reply := r.Do(0, core.Enqueue{Unique: u, Nodes: []work.Node{{Request: work.Request{ID: "p", Task: "t", Every: time.Hour}}}})
	if !errors.Is(reply.Err, work.ErrUnsupported) {
		t.Errorf("%+v", reply)
	}
	r.Do(minute, core.Tick{})
	r.End(minute, "a", work.Success)
	if reply := add(r, hour, work.Request{ID: "c"}, u); reply.Result != core.ResultEnqueued || r.Row("a") != nil {
		t.Errorf("%+v", reply)
	}
}

func TestCancelByName(t *testing.T) {
	r := rig(t)
	chain(r, 0, work.Unique{Name: "n"}, []work.Request{{ID: "a"}, {ID: "b"}, {ID: "c"}}, [][]int{nil, {0}, {1}})
	add(r, 0, work.Request{ID: "x"}, work.Unique{Name: "m"})
	reply := r.Do(0, core.Cancel{Name: "n"})
	if reply.Result != core.ResultCancelled || !slices.Equal(reply.IDs, []work.ID{"a", "b", "c"}) {
		t.Errorf("%+v", reply)
	}
	for _, id := range []work.ID{"a", "b", "c"} {
		wantState(r, id, work.Cancelled)
	}
	wantState(r, "x", work.Running)
	if got := r.Stops(); !slices.Equal(got, []work.ID{"a"}) {
		t.Errorf("stops %v", got)
	}
}

// after is a chain that a periodic work starts anew.
func after(input string) []work.Node {
	return []work.Node{
		{Request: work.Request{Task: "second", Input: json.RawMessage(input)}},
		{Request: work.Request{Task: "third"}, After: []int{0}},
	}
}

func TestChainAnew(t *testing.T) {
	r := rig(t)
	add(r, 0, work.Request{ID: "p", Task: "first", Every: time.Hour, Chain: after(`{"x":1}`)})
	r.End(0, "p", work.Success, `{"y":2}`)
	wantInput(r, "p.1.1", `{"x":1,"y":2}`)
	wantState(r, "p.1.2", work.Blocked)
	r.Do(hour, core.Tick{})
	r.End(hour, "p", work.Success) // the last chain is unfinished: kept
	if r.Row("p.2.1") != nil {
		t.Error("a second chain was begun beside the first")
	}
	r.End(hour, "p.1.1", work.Success)
	r.Do(2*hour, core.Tick{})
	r.End(2*hour, "p", work.Success) // its last work still runs
	if r.Row("p.3.1") != nil {
		t.Error("a chain was begun beside another one")
	}
	r.End(2*hour, "p.1.2", work.Success)
	r.Do(3*hour, core.Tick{})
	r.End(3*hour, "p", work.Failure) // only a success begins it
	if r.Row("p.4.1") != nil {
		t.Error("a chain was begun after a failure")
	}
	r.Do(4*hour, core.Tick{})
	r.End(4*hour, "p", work.Success)
	wantInput(r, "p.5.1", `{"x":1}`)
	if r.Row("p.1.1") != nil {
		t.Error("the finished chain is still there")
	}
	if reply := r.Do(4*hour, core.Ended{Work: "p", Epoch: 5, Outcome: work.Success}); !errors.Is(reply.Err, work.ErrLate) {
		t.Errorf("%+v", reply)
	}
	r.Do(4*hour, core.Cancel{ID: "p"}) // what it began goes on
	wantState(r, "p.5.1", work.Running)
}

// TestChainNotMade: what cannot come after a periodic work leaves a line in the journal.
func TestChainNotMade(t *testing.T) {
	for name, c := range map[string]struct{ input, taken, output, text string }{
		"output": {
			`{"a":"` + strings.Repeat("x", 8000) + `"}`, "other", `{"b":"` + strings.Repeat("x", 8000) + `"}`,
			"what comes after it was not made: data too large: input merged from its output is 16015 bytes, the limit is 10240",
		},
		"no object": {`{"a":1}`, "other", `{"b"`, "what comes after it was not made: unexpected end of JSON input"},
		"ID":        {"", "p.1.2", "", `what comes after it was not made: a work with the ID "p.1.2" exists`},
	} {
		t.Run(name, func(t *testing.T) {
			r := rig(t)
			add(r, 0, work.Request{ID: work.ID(c.taken), Delay: time.Hour})
			add(r, 0, work.Request{ID: "p", Task: "first", Every: time.Hour, Chain: after(c.input)})
			r.End(0, "p", work.Success, c.output)
			if r.Row("p.1.1") != nil {
				t.Error("it was made")
			}
			wantState(r, "p", work.Enqueued)
			var told []string
			for _, e := range r.Journal() {
				if e.Kind == record.EntryRefused && e.Work == "p" && e.Task == "first" {
					told = append(told, e.Text)
				}
			}
			if !slices.Equal(told, []string{c.text}) {
				t.Errorf("the journal tells %q, want %q", told, c.text)
			}
		})
	}
}

func TestChainAnewInTheSameCommit(t *testing.T) {
	r := rig(t)
	r.Every = 1 << 30
	add(r, 0, work.Request{ID: "p", Task: "first", Every: time.Second, Chain: after("")})
	for i := range int64(100) {
		r.Do(i*second, core.Tick{})
		r.End(i*second, "p", work.Success)
		for len(r.M.Runs()) > 0 {
			r.End(i*second, r.M.Runs()[0].Work, work.Success)
		}
	}
	if got := r.Starts(); len(got) != 300 {
		t.Errorf("%d starts", len(got))
	}
	if rows := r.Rows(); len(rows) != 3 {
		t.Errorf("%d rows", len(rows))
	}
}

func TestFailureGoesDownDeepChains(t *testing.T) {
	r := rig(t)
	const n = 2000
	qs, before := make([]work.Request, n), make([][]int, n)
	for i := range n {
		qs[i].ID = id("w", i)
		if i > 0 {
			before[i] = []int{i - 1}
		}
		if i > 1 {
			before[i] = append(before[i], i/2)
		}
	}
	chain(r, 0, work.Unique{Name: "n"}, qs, before)
	r.End(0, "w0000", work.Success)
	r.End(0, "w0001", work.Failure)
	for i := range n - 1 {
		wantState(r, id("w", i+1), work.Failed)
	}
}
