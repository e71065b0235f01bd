package core_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// everyEvent has one event of each type, with every field that matters set.
func everyEvent() []core.Event {
	q := work.Request{
		ID: "a", Task: "t", Input: json.RawMessage("{ \"x\" : \"<&>\"}\n"), Tags: []string{"y"}, Delay: time.Second,
		Every: time.Hour, NextRun: time.UnixMicro(1_767_571_200_000_001).UTC(), Cron: "0 3 * * *", Attempts: -1,
		Require: []work.Layer{work.LayerMemory},
		Needs:   work.Constraints{Network: work.Unmetered, Between: "22:00-06:00"}, Backoff: work.Backoff{Policy: work.Linear},
		Chain: []work.Node{{Request: work.Request{Task: "u", Input: json.RawMessage("1 ")}, After: []int{0}}},
	}
	nodes := []work.Node{{Request: q}, {Request: work.Request{Task: "broken", Input: json.RawMessage("{\xff")}, After: []int{0}}}
	return []core.Event{
		core.Recover{Alive: []record.RunKey{{Seq: 1, Epoch: 2}}},
		core.Enqueue{Nodes: nodes, Unique: work.Unique{Name: "n", Policy: work.Append}, Fresh: true},
		core.Change{Request: q},
		core.Cancel{ID: "a", Name: "b", Tag: "c", All: true},
		core.FactsRead{Facts: []record.Fact{{Signal: record.Idle, Value: record.Unknown, Next: 1, Settles: 5, Note: "n", Since: 3}}},
		core.ClockSet{Offset: -5},
		core.ZoneRead{Zone: record.Zone{Name: "z", Table: []byte("{ }")}},
		core.JobsSet{Jobs: 3},
		core.TasksKnown{Tasks: []record.TaskRow{{Name: "t", Request: &q, Unique: work.Unique{Name: "u"}}, {Name: "v", Held: "h"}}},
		core.LayersKnown{Layers: []record.Layer{{Name: work.LayerFiles, Given: record.GivenPartial, Means: "m", Why: "w"}}},
		core.PlanRead{Roots: []record.PlanRoot{{Name: "r", Hash: "h", Nodes: nodes}}, Again: true},
		core.Tick{},
		core.Suspend{},
		core.Woke{},
		core.Offer{Work: "a"},
		core.Progressed{Work: "a", Epoch: 1, Data: json.RawMessage("[1, 2]")},
		core.BudgetSpent{Work: "a", Epoch: 1},
		core.StopRun{Work: "a", Reason: work.StopUser},
		core.Ended{Work: "a", Epoch: 1, Outcome: work.Success, Message: "m\x00", Output: json.RawMessage("{}")},
		core.Reaped{Work: "a", Epoch: 1},
		core.Shutdown{},
		core.Prune{FinishedBefore: 1, JournalBefore: 2},
	}
}

func TestEventCodec(t *testing.T) {
	for _, ev := range everyEvent() {
		b, err := core.EncodeEvent(ev)
		if err != nil {
			t.Errorf("%T: %v", ev, err)
			continue
		}
		got, err := core.DecodeEvent(b)
		if err != nil {
			t.Errorf("%s: %v", b, err)
		}
		if d := cmp.Diff(ev, got); d != "" {
			t.Errorf("%s (-was +read):\n%s", b, d)
		}
	}
}

func TestDecodeEventRefuses(t *testing.T) {
	for _, s := range []string{
		"", "null", "{}", "[]", `{"tick":{},"woke":{}}`, `{"nap":{}}`, `{"tick":5}`, `{"ended":{"output":{}}}`,
		`{"enqueue":{"nodes":[{"request":{"input":"%"}}]}}`, `{"change":{"request":{"chain":[{"request":{"input":7}}]}}}`,
	} {
		if ev, err := core.DecodeEvent([]byte(s)); !errors.Is(err, core.ErrEvent) {
			t.Errorf("%s: %#v, %v", s, ev, err)
		}
	}
	if _, err := core.EncodeEvent(nil); !errors.Is(err, core.ErrEvent) {
		t.Errorf("nil: %v", err)
	}
}

func FuzzDecodeEvent(f *testing.F) {
	for _, ev := range everyEvent() {
		b, err := core.EncodeEvent(ev)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		ev, err := core.DecodeEvent(b)
		if err != nil {
			return
		}
		once, err := core.EncodeEvent(ev)
		if err != nil {
			t.Fatalf("%#v: %v", ev, err)
		}
		again, err := core.DecodeEvent(once)
		if err != nil {
			t.Fatalf("%s: %v", once, err)
		}
		twice, err := core.EncodeEvent(again)
		if err != nil || string(once) != string(twice) {
			t.Fatalf("%s is read back as %s, %v", once, twice, err)
		}
	})
}
