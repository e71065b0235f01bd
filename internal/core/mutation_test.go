package core_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mutants are mistakes that could be made in this package.
var mutants = []struct{ name, file, old, new string }{
	{"a stale epoch is taken", "run.go", "return r != nil && r.Epoch == epoch && ", "return r != nil && "},
	{"a stale run is reaped", "run.go", "if r == nil || r.Epoch != epoch {", "if r == nil {"},
	{"a result after a stop is taken", "run.go", " && r.State != record.Stopping && r.w != nil\n", " && r.w != nil\n"},
	{"starts before all is read", "dispatch.go", "m.owed == 0 && ", ""},
	{"a page ends at its last row", "group.go", "if last.Less(w.Key()) {", "if true {"},
	{"what is not known stops runs", "condition.go", "if c.v.State == record.Unmet && c.v.Stop", "if c.v.State != record.Met && c.v.Stop"},
	{"a stop moves the enqueue time", "run.go", "if sp.BackoffStop && why", "if why"},
	{"a stopped calendar run is forgotten", "due.go", "case w.Attempts > 0:", "case w.Attempts > 1<<30:"},
	{"an epoch comes again", "enqueue.go", "if r := m.runs.of(w.ID); r != nil {", "if r := m.runs.of(w.ID); r != nil && false {"},
	{"orphans do not occupy", "run.go", "if rs := m.orphans[w.Name]; len(rs) > 0 {", "if rs := m.orphans[w.Name]; len(rs) > 1<<30 {"},
	{"no timer for due works", "dispatch.go", "next = min(next, due)", "_ = due"},
	{"no timer for conditions", "condition.go", "m.flip = min(m.flip, c.until)", "_ = c.until"},
	{"a timer is kept though it has moved", "condition.go", "c.until, m.unread = until, true", "c.until = until"},
	{"what is due is kept though it has changed", "group.go", "m.system.listed = false", "_ = 0"},
	{"the next time is kept though one is earlier", "group.go", "s.listed, s.nextDue = true, min(s.nextDue, w.Due)", "s.listed = true"},
	{"one stands for all for ever", "offered.go", " || m.cutAnew()", ""},
	{"a mark stays as conditions change", "condition.go", "\t\tsp.turns++\n", "\t\t_ = sp\n"},
	{"a heap does not sift down", "group.go", "h.up(g.at)\n\t\th.down(g.at)", "h.up(g.at)"},
	{"evicted works are not found again", "group.go", "g.cursor, g.more = g.head[page-1].Key(), true", "g.more = true"},
	{"a clock that goes back is ignored", "world.go", "if shift < 0 {", "if shift < -1<<62 {"},
	{"crashes add up over failures", "retry.go", "\t\tw.Crashes = 0\n", "\t\t_ = w\n"},
	{"a success leaves crashes", "retry.go", "w.Losses, w.Crashes, w.StopReason = 0, 0, work", "w.Losses, w.StopReason = 0, work"},
	{"failures add up over periods", "retry.go", "w.Attempts, w.Failures, w.Crashes, w.Losses = 0, 0, 0, 0", "w.Attempts, w.Crashes, w.Losses = 0, 0, 0"},
	{"losses count as failures", "retry.go", "\tw.Losses++\n", "\tw.Losses++\n\tw.Failures++\n"},
	{"a group stays busy", "run.go", "r.group.busy--", "_ = r.group.busy"},
	{"a restored run does not occupy", "run.go", "\t\tr.parked = append(r.parked, w)\n\t}\n}", "\t\t_ = w\n\t}\n}"},
	{"a step ends early though a work is due", "still.go", "m.still = next", "m.still = record.Never"},
	{"a step ends early though a fact settles", "still.go", "m.unsettled == record.Never", "m.unsettled > record.NotEnqueued"},
	{"a step that comes to nothing tells of the last one", "still.go", "m.wipe()", "_ = m"},
	{"a condition does not see its fact", "world.go", "c.facts&told != 0", "c.facts&told > 1"},
	{"no timer for facts that settle", "condition.go", "until = min(until, at)", "_ = at"},
	{"who watches does not hear of another reason", "condition.go", "\t\tm.system.stirred = true // what it held", "\t\tm.system.stirred = m.system.stirred || c.v.State != was // what it held"},
	{"one page is cancelled", "cancel.go", "if !rows.End {", "if false {"},
	{"due is late by one", "gate.go", "if m.dueAt(w) > m.now &&", "if m.dueAt(w) >= m.now &&"},
	{"a changed plan is forgotten", "plan.go", "p != nil && p.Pending != nil {", "p == nil {"},
	{"chains pile up", "retry.go", "Policy: work.Keep}}", "Policy: work.Append}}"},
	{"explaining moves hours", "gate.go", "if !m.met(c) &&", "if !c.met() &&"},
	{"conditions are told on the way", "machine.go", "m.owed == 0 && (len(m.changed)", "(len(m.changed)"},
	{"a work starts before all before it", "chain.go", "if c.Waiting--; c.Waiting == 0 {", "if c.Waiting--; c.Waiting <= 1 {"},
	{"a failure stops at finished works", "chain.go", "dead[w.ID] = state\n", "if !w.State.Finished() {\n\t\t\tdead[w.ID] = state\n\t\t}\n"},
	{"an override stays", "retry.go", "if w.OverrideGen == r.Override {", "if w.OverrideGen != r.Override {"},
	{"a replaced run goes on", "unique.go", "if stop && r.State != record.Stopping {", "if false {"},
	{"missed times are made up for", "world.go", "return sp.Missed == work.MissedSkip && w.Lane", "return sp.Missed == \"\" && w.Lane"},
	{"cancel leaves the run", "cancel.go", "\t\tm.askToEnd(r, work.StopCancelled)\n", ""},
	{"slots are off by one", "condition.go", "return m.runs.len() < m.meta.Jobs", "return m.runs.len() <= m.meta.Jobs"},
}

// TestMistakesAreFound makes one mistake after the other in the source and runs
// the tests of this package and of Android's vectors: they must fail.
func TestMistakesAreFound(t *testing.T) {
	if !*long {
		t.Skip("slow: it compiles the package once for each mistake; run with -long")
	}
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			path, err := filepath.Abs(m.file)
			if err != nil {
				t.Fatal(err)
			}
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(src), m.old); n != 1 {
				t.Fatalf("%s holds %q %d times: adapt the mutant", m.file, m.old, n)
			}
			changed := filepath.Join(t.TempDir(), m.file)
			overlay := filepath.Join(t.TempDir(), "overlay.json")
			spec, err := json.Marshal(map[string]any{"Replace": map[string]string{path: changed}})
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Replace(string(src), m.old, m.new, 1)
			for file, b := range map[string][]byte{changed: []byte(text), overlay: spec} {
				if err := os.WriteFile(file, b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			runs := [][]string{
				{"-timeout=2m", ".", "-rapid.nofailfile", "-rapid.shrinktime=1ms"},
				{"-timeout=5m", "../policy/android"},
				{"-timeout=20m", ".", "-rapid.nofailfile", "-rapid.checks=20000"}, // what random scripts seldom do
			}
			var out []byte
			for _, args := range runs {
				args = append([]string{"test", "-count=1", "-failfast", "-overlay", overlay}, args...)
				if out, err = exec.Command("go", args...).CombinedOutput(); err != nil {
					break
				}
			}
			switch {
			case err == nil:
				t.Error("the tests pass")
			case strings.Contains(string(out), "[build failed]"):
				t.Errorf("the mutant does not compile: %s", out)
			}
		})
	}
}
