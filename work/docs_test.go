package work_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/policy/host"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

var update = flag.Bool("update", false, "write docs/reasons.md anew")

// scene brings a machine to where the work "w" waits for one reason.
type scene struct {
	policy core.Policy // default: the host's
	stage  func(r *coretest.Rig)
}

// scenes has one for each code that the engine gives.
var scenes = map[work.Code]scene{
	work.ReasonDelay:    {stage: enqueue(work.Request{Delay: time.Hour})},
	work.ReasonBackoff:  {stage: after(enqueue(work.Request{}), func(r *coretest.Rig) { r.End(r.At, "w", work.Retry) })},
	work.ReasonCharging: needs(work.Constraints{Charging: true}, record.Fact{Signal: record.Charging, Source: "UPower OnBattery"}),
	work.ReasonBattery:  needs(work.Constraints{BatteryNotLow: true}, record.Fact{Signal: record.BatteryLow, Value: 1}),
	work.ReasonStorage:  needs(work.Constraints{StorageNotLow: true}, record.Fact{Signal: record.StorageLow, Value: 1}),
	work.ReasonNetwork:  needs(work.Constraints{Network: work.Connected}, record.Fact{Signal: record.Connected}),
	work.ReasonIdle:     needs(work.Constraints{Idle: true}, record.Fact{Signal: record.Idle}),
	work.ReasonLoad:     needs(work.Constraints{LoadLow: true}, record.Fact{Signal: record.LoadHigh, Value: 1}),
	work.ReasonLowPower: needs(work.Constraints{LowPowerOff: true}, record.Fact{Signal: record.LowPower, Value: 1}),
	work.ReasonHours: {stage: after(
		func(r *coretest.Rig) {
			r.Do(0, core.ZoneRead{Zone: record.Zone{Name: "UTC", Table: []byte(`{"name":"UTC","from":0,"to":4102444800,"initial":0}`)}})
		},
		func(r *coretest.Rig) { r.Do(12*hour, core.Tick{}) },
		enqueue(work.Request{Needs: work.Constraints{Between: "22:00-06:00", Zone: "UTC"}}),
	)},
	work.ReasonSettling: needs(work.Constraints{Charging: true}, record.Fact{Signal: record.Charging, Next: 1, Settles: 10}),
	work.ReasonUnknown:  needs(work.Constraints{Idle: true}),
	work.ReasonSlots: {stage: after(
		func(r *coretest.Rig) { r.Do(0, core.JobsSet{Jobs: 1}) }, other(work.Request{}), enqueue(work.Request{}),
	)},
	work.ReasonGroup: {stage: after(other(work.Request{Group: "disk"}), enqueue(work.Request{Group: "disk"}))},
	work.ReasonPreviousRun: {stage: after(
		enqueue(work.Request{}), func(r *coretest.Rig) { r.Do(0, core.StopRun{Work: "w", Reason: work.StopUser}) },
	)},
	work.ReasonBlocked: {stage: func(r *coretest.Rig) {
		r.Do(0, core.Enqueue{Nodes: []work.Node{
			{Request: work.Request{ID: "first", Task: "first"}}, {Request: work.Request{ID: "w", Task: "task"}, After: []int{0}},
		}})
	}},
	work.ReasonNoEntryPoint: {stage: after(tasks("task", ""), enqueue(work.Request{}), tasks("task", "no-entry-point"), reap)},
	work.ReasonNotInPlan:    {stage: after(tasks("task", ""), enqueue(work.Request{}), tasks("task", "not-in-plan"), reap)},
	work.ReasonIsolation: {stage: after(
		func(r *coretest.Rig) {
			r.Do(0, core.LayersKnown{Layers: []record.Layer{{Name: work.LayerFiles, Given: "no", Why: "landlock is not enabled on this kernel: boot it with landlock in lsm="}}})
		},
		enqueue(work.Request{Require: []work.Layer{work.LayerFiles}}),
	)},
	work.ReasonEngineDown: {stage: after(enqueue(work.Request{}), stopped, func(r *coretest.Rig) { r.Restore() })},
	work.ReasonShutdown:   {stage: after(enqueue(work.Request{}), stopped)},
	work.ReasonAsleep:     {stage: after(func(r *coretest.Rig) { r.Do(0, core.Suspend{}) }, enqueue(work.Request{}))},
	work.ReasonPlatformEvent: {
		policy: android.Policy{}, stage: enqueue(work.Request{}),
	},
}

const hour = 3600 * 1_000_000 // µs

func after(steps ...func(*coretest.Rig)) func(*coretest.Rig) {
	return func(r *coretest.Rig) {
		for _, step := range steps {
			step(r)
		}
	}
}

func enqueue(q work.Request) func(*coretest.Rig) { return named("w", "task", q) }

func other(q work.Request) func(*coretest.Rig) { return named("other", "other", q) }

func named(id work.ID, task string, q work.Request) func(*coretest.Rig) {
	q.ID, q.Task = id, task
	return func(r *coretest.Rig) {
		if reply := r.Do(r.At, core.Enqueue{Nodes: []work.Node{{Request: q}}}); reply.Err != nil {
			r.TB.Fatal(reply.Err)
		}
	}
}

func needs(c work.Constraints, facts ...record.Fact) scene {
	return scene{stage: after(
		func(r *coretest.Rig) { r.Do(0, core.FactsRead{Facts: facts}) }, enqueue(work.Request{Needs: c}),
	)}
}

func tasks(name, held string) func(*coretest.Rig) {
	row := record.TaskRow{Name: name, Held: held}
	switch work.Code(held) {
	case work.ReasonNoEntryPoint:
		row.Note = "the plan gives the task nothing to run"
	case work.ReasonNotInPlan:
		row.Note = "the plan no longer has the task"
	}
	return func(r *coretest.Rig) { r.Do(r.At, core.TasksKnown{Tasks: []record.TaskRow{row}}) }
}

// reap stops a run, so that the work waits for what holds the next one.
func reap(r *coretest.Rig) {
	r.Do(r.At, core.StopRun{Work: "w", Reason: work.StopUser})
	r.Reap(r.At, "w")
}

func stopped(r *coretest.Rig) {
	r.Do(r.At, core.Shutdown{})
	r.Reap(r.At, "w")
}

// reasonOf plays the scene of a code.
func reasonOf(t *testing.T, code work.Code) work.Reason {
	t.Helper()
	s := scenes[code]
	if s.policy == nil {
		s.policy = host.Policy{}
	}
	r := coretest.New(t, s.policy)
	s.stage(r)
	for _, reason := range r.Explain(r.At, "w") {
		if reason.Code == code {
			return reason
		}
	}
	t.Fatalf("the scene of %q gives %v", code, r.Codes(r.At, "w"))
	panic("unreachable")
}

// declared returns the codes of reason.go in their order, with their comments.
func declared(t *testing.T) (codes []work.Code, meaning map[work.Code]string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	meaning = map[work.Code]string{}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, work.Code(text))
			meaning[work.Code(text)] = strings.TrimSpace(v.Comment.Text())
		}
	}
	return codes, meaning
}

const reasonsHead = `# Reasons

What ` + "`lull why`" + ` and ` + "`Engine.Why`" + ` say about a work that does not run. The codes are stable, the words are not. Since and
until are left out here. The examples are what the engine says in a scene played for each code; where a number of
Android's JobScheduler stands for the same thing (PENDING_JOB_REASON_*), the reason carries it. What phones hold works by: [platforms.md](platforms.md#reasons).

This page is generated: ` + "`go test ./work -run TestDocs -update`" + `.

| Code | Meaning | Example | What clears it | Android |
|---|---|---|---|---|
`

func TestDocs(t *testing.T) {
	codes, meaning := declared(t)
	if want := slices.Sorted(maps.Keys(scenes)); len(want) != len(codes) {
		t.Errorf("%d codes, but scenes for %d: each code needs a scene", len(codes), len(want))
	}
	page := bytes.NewBufferString(reasonsHead)
	for _, code := range codes {
		if meaning[code] == "" {
			t.Errorf("code %q has no comment", code)
		}
		r, number := reasonOf(t, code), ""
		if r.Message == "" || r.Fix == "" {
			t.Errorf("code %q: a reason needs a message and what clears it: %+v", code, r)
		}
		if r.Android != 0 {
			number = strconv.Itoa(r.Android)
		}
		fmt.Fprintf(page, "| `%s` | %s | %s | %s | %s |\n", code, meaning[code], r.Message, r.Fix, number)
	}
	const file = "../docs/reasons.md"
	if *update {
		if err := os.WriteFile(file, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(old, page.Bytes()) {
		t.Errorf("%s is not what the engine says now: go test ./work -run TestDocs -update", file)
	}
}
