package android_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// ruleChecks are of what no vector shows. They take the policy so that another
// test can show that each rule matters.
var ruleChecks = []struct {
	name string
	run  func(coretest.TB, core.Policy)
}{
	{"retries have no end", checkEndless},
	{"runs have no budget of WorkManager's", checkNoBudget},
	{"there are no calendars", checkNoCalendar},
	{"nothing starts by itself", checkOffered},
	{"who stops a run does not hold the work", checkStopped},
	{"the rules have a name", checkRulesName},
	{"the end of the time that it is given is a stop", checkBudgetStops},
	{"what is required of a host does not count", checkNoLayers},
	{"eight works may wait for content", checkTriggers},
}

func TestRules(t *testing.T) {
	for _, c := range ruleChecks {
		t.Run(c.name, func(t *testing.T) { c.run(t, android.Policy{}) })
	}
}

// checkTriggers fills up the works with content URI triggers in several ways.
func checkTriggers(t coretest.TB, p core.Policy) {
	r := coretest.New(t, p)
	uri := work.Constraints{ContentURIs: 3}
	ask := func(n int, u work.Unique, needs work.Constraints) error {
		var nodes []work.Node
		for range n {
			id := work.ID(strconv.Itoa(len(r.Rows()) + len(nodes)))
			nodes = append(nodes, work.Node{Request: work.Request{ID: id, Task: noTask, Needs: needs}})
		}
		return r.Do(0, core.Enqueue{Nodes: nodes, Unique: u}).Err
	}
	if err := ask(7, work.Unique{}, uri); err != nil {
		t.Fatal(err)
	}
	if err := ask(2, work.Unique{}, uri); !errors.Is(err, work.ErrContentURILimit) || len(r.Rows()) != 7 {
		t.Fatalf("9 works: %v, %d rows", err, len(r.Rows()))
	}
	if err := ask(1, work.Unique{Name: theName}, uri); err != nil {
		t.Fatal(err)
	}
	// The count is taken before anything is replaced.
	if err := ask(1, work.Unique{Name: theName, Policy: work.Replace}, uri); !errors.Is(err, work.ErrContentURILimit) {
		t.Fatalf("one in place of another: %v", err)
	}
	if err := ask(1, work.Unique{Name: theName, Policy: work.Update}, uri); err != nil {
		t.Fatalf("an update of one of them: %v", err)
	}
	if err := ask(1, work.Unique{}, work.Constraints{}); err != nil {
		t.Fatalf("work without triggers: %v", err)
	}
	r.Do(0, core.Cancel{ID: "0"})
	if err := ask(1, work.Unique{}, uri); err != nil {
		t.Fatalf("after one finished: %v", err)
	}
}

func enqueue(r *coretest.Rig, q work.Request) core.Reply {
	q.ID, q.Task = theWork, noTask
	return r.Do(r.At, core.Enqueue{Nodes: []work.Node{{Request: q}}})
}

func checkStopped(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	enqueue(r, work.Request{Every: time.Hour})
	before := r.Row(theWork).Due
	r.Do(before, core.Offer{Work: theWork})
	r.Do(before, core.StopRun{Work: theWork, Reason: work.StopUser})
	r.Reap(before, theWork)
	if w := r.Row(theWork); w.Override != record.Never {
		tb.Errorf("due %d, before %d: %+v", w.Due, before, w)
	}
}

func checkBudgetStops(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	enqueue(r, work.Request{Budget: time.Minute})
	before := r.Row(theWork).LastEnqueue
	r.Do(r.At, core.Offer{Work: theWork})
	r.Do(r.At+60_000_000, core.BudgetSpent{Work: theWork, Epoch: 1})
	if w := r.Row(theWork); w.State != work.Enqueued || w.StopReason != work.StopTimeout || w.LastEnqueue != before {
		tb.Errorf("%+v", w)
	}
}

func checkNoLayers(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	enqueue(r, work.Request{Require: []work.Layer{work.LayerFiles}})
	r.Do(r.At, core.Offer{Work: theWork})
	if w := r.Row(theWork); w.State != work.Running {
		tb.Errorf("%+v", w)
	}
}

func checkEndless(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	enqueue(r, work.Request{})
	for _, o := range []work.Outcome{work.Crashed, work.Retry} {
		for range 40 {
			r.Do(r.At+6*int64(time.Hour/time.Microsecond), core.Offer{Work: theWork})
			r.End(r.At, theWork, o)
		}
	}
	for range 40 {
		r.Do(r.At+6*int64(time.Hour/time.Microsecond), core.Offer{Work: theWork})
		r.Restart(r.At)
	}
	if w := r.Row(theWork); w.State != work.Enqueued || w.Attempts != 120 || w.StopReason != work.StopUnknown {
		tb.Errorf("%+v", w)
	}
}

func checkNoBudget(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	enqueue(r, work.Request{})
	r.Do(0, core.Offer{Work: theWork})
	if e := r.Effects[0]; e.Budget != 0 || e.Grace != 0 {
		tb.Errorf("%+v", e)
	}
}

func checkNoCalendar(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	reply := enqueue(r, work.Request{Cron: "* * * * *"})
	if !errors.Is(reply.Err, work.ErrUnsupported) {
		tb.Errorf("%+v", reply)
	}
}

func checkOffered(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	enqueue(r, work.Request{})
	if len(r.Starts()) > 0 || r.Wake != record.Never {
		tb.Errorf("started %v, woken at %d", r.Starts(), r.Wake)
	}
}

func checkRulesName(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	if reply := enqueue(r, work.Request{Cron: "* * * * *"}); reply.Err == nil || !strings.Contains(reply.Err.Error(), "android has no calendar") {
		tb.Errorf("%+v", reply)
	}
}

func TestJudge(t *testing.T) {
	const yes, no, unknown = 1, 0, record.Unknown
	for _, c := range []struct {
		name                                   string
		api                                    int
		kind                                   core.NeedKind
		network                                work.Network
		charging, battery, storage             int64
		connected, validated, metered, roaming int64
		met                                    bool
		stop                                   work.StopReason
		pending                                int
	}{
		{name: "charging", kind: core.NeedCharging, charging: yes, met: true},
		{name: "not charging", kind: core.NeedCharging, charging: no, stop: work.StopCharging, pending: 5},
		{name: "battery low", kind: core.NeedBattery, battery: yes, stop: work.StopBatteryLow, pending: 4},
		{name: "no battery", kind: core.NeedBattery, battery: unknown, met: true},
		{name: "storage low", kind: core.NeedStorage, storage: yes, stop: work.StopStorage, pending: 11},
		{name: "storage", kind: core.NeedStorage, storage: no, met: true},
		{name: "idle is the system's", kind: core.NeedIdle, met: true},
		{name: "not connected", kind: core.NeedNetwork, network: work.Connected, stop: work.StopConnectivity, pending: 6},
		{name: "validated", kind: core.NeedNetwork, network: work.Connected, connected: yes, validated: yes, met: true},
		{name: "not validated 26", api: 26, kind: core.NeedNetwork, network: work.Connected, connected: yes, stop: work.StopConnectivity, pending: 6},
		{name: "not validated 25", api: 25, kind: core.NeedNetwork, network: work.Connected, connected: yes, met: true},
		{name: "unmetered", kind: core.NeedNetwork, network: work.Unmetered, connected: yes, met: true},
		{name: "unmetered lost", kind: core.NeedNetwork, network: work.Unmetered, connected: yes, metered: yes, stop: work.StopConnectivity, pending: 6},
		{name: "temporarily", kind: core.NeedNetwork, network: work.TemporarilyUnmetered, connected: yes, metered: yes, stop: work.StopConnectivity, pending: 6},
		{name: "metered", kind: core.NeedNetwork, network: work.Metered, connected: yes, metered: yes, met: true},
		{name: "not metered 26", api: 26, kind: core.NeedNetwork, network: work.Metered, connected: yes, stop: work.StopConnectivity, pending: 6},
		{name: "not metered 25", api: 25, kind: core.NeedNetwork, network: work.Metered, connected: yes, met: true},
		{name: "roaming 24", api: 24, kind: core.NeedNetwork, network: work.NotRoaming, connected: yes, roaming: yes, stop: work.StopConnectivity, pending: 6},
		{name: "roaming 23", api: 23, kind: core.NeedNetwork, network: work.NotRoaming, connected: yes, roaming: yes, met: true},
		{name: "not roaming", kind: core.NeedNetwork, network: work.NotRoaming, connected: yes, met: true},
	} {
		f := record.NewFacts()
		for s, v := range map[record.Signal]int64{
			record.Charging: c.charging, record.BatteryLow: c.battery, record.StorageLow: c.storage, record.Connected: c.connected,
			record.Validated: c.validated, record.Metered: c.metered, record.Roaming: c.roaming,
		} {
			f[s].Value = v
		}
		v := android.Policy{API: c.api}.Judge(core.Need{Kind: c.kind, Network: c.network}, &f)
		if (v.State == record.Met) != c.met || !c.met && (v.Stop != c.stop || v.Android != c.pending || v.Message == "" || v.Fix == "" || v.Code == "") {
			t.Errorf("%s: %+v", c.name, v)
		}
	}
}

func TestConstantsAreCited(t *testing.T) {
	tags := []string{"doc", "src", "observed", "3rd", "mem", "assumed"}
	seen := map[string]bool{}
	for _, c := range android.Constants() {
		row := c.Name + ", " + c.Since
		if c.Name == "" || c.Value < 0 || c.Unit == "" || c.Since == "" || c.Source == "" || seen[row] || !slices.Contains(tags, c.Tag) {
			t.Errorf("%+v", c)
		}
		seen[row] = true
	}
}
