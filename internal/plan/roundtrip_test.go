package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// writeDuration is the inverse of ParseDuration.
func writeDuration(d time.Duration) string {
	if d == 0 {
		return "0s"
	}
	var b strings.Builder
	for _, u := range timeUnits {
		if n := int64(d) / u.size; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.name)
			d -= time.Duration(n * u.size)
		}
	}
	return b.String()
}

func durations(from time.Duration) *rapid.Generator[time.Duration] {
	return rapid.Custom(func(t *rapid.T) time.Duration {
		u := rapid.SampledFrom(timeUnits).Draw(t, "unit")
		n := rapid.Int64Range(0, int64(longest)/u.size).Draw(t, "number")
		return max(from, time.Duration(n*u.size)+time.Duration(rapid.IntRange(0, 999).Draw(t, "ms"))*time.Millisecond-1e9).Truncate(time.Millisecond)
	}).Filter(func(d time.Duration) bool { return d <= longest })
}

func TestDurations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := durations(0).Draw(t, "d")
		got, err := ParseDuration(writeDuration(d))
		if err != nil || got != d {
			t.Fatalf("%v: %q, %v, %v", d, writeDuration(d), got, err)
		}
	})
	for s, want := range map[string]time.Duration{
		"6h": 6 * time.Hour, "15m": 15 * time.Minute, "30s": 30 * time.Second, "1h30m": 90 * time.Minute,
		"2d": 48 * time.Hour, "1w2d": 9 * 24 * time.Hour, "1s500ms": 1500 * time.Millisecond, "90m": 90 * time.Minute, "007s": 7 * time.Second,
	} {
		if got, err := ParseDuration(s); err != nil || got != want {
			t.Errorf("%s = %v, %v", s, got, err)
		}
	}
}

func TestSizes(t *testing.T) {
	for s, want := range map[string]int64{"512MiB": 512 << 20, "10MB": 10e6, "1kB": 1000, "1KB": 1000, "0B": 0, "1024TiB": 1 << 50} {
		if got, err := ParseSize(s); err != nil || got != want {
			t.Errorf("%s = %v, %v", s, got, err)
		}
	}
}

// Any JSON that programs are given comes through a plan unchanged.
func TestInput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := values(4).Draw(t, "value")
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		// A mapping of YAML may be JSON, but for a key of more than 1,024 bytes.
		p, err := Parse("lull.yaml", []byte("tasks:\n  a:\n    run: x\n    input: "+string(text)+"\n"))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var got any
		d := json.NewDecoder(bytes.NewReader(p.Tasks[0].Request.Input))
		d.UseNumber()
		if err := d.Decode(&got); err != nil {
			t.Fatalf("%s: %v", p.Tasks[0].Request.Input, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %s\nwant %s", p.Tasks[0].Request.Input, text)
		}
	})
}

func values(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		kinds := 5
		if depth > 0 {
			kinds = 7
		}
		word := rapid.StringOfN(rapid.RuneFrom([]rune("abYn0123.:-#&*!|>'\"%@`{}[], \n\t\\é😀~<")), 0, 8, -1)
		switch rapid.IntRange(1, kinds).Draw(t, "kind") {
		case 1:
			return nil
		case 2:
			return rapid.Bool().Draw(t, "bool")
		case 3:
			return json.Number(fmt.Sprint(rapid.Int64().Draw(t, "int")))
		case 4:
			return json.Number(fmt.Sprintf("%d.%02de%+d", rapid.IntRange(-99, 99).Draw(t, "whole"),
				rapid.IntRange(0, 99).Draw(t, "fraction"), rapid.IntRange(-30, 30).Draw(t, "exponent")))
		case 5:
			return word.Draw(t, "text")
		case 6:
			return append([]any{}, rapid.SliceOfN(values(depth-1), 0, 4).Draw(t, "list")...)
		}
		return rapid.MapOfN(word.Filter(func(s string) bool { return s != "" }), values(depth-1), 0, 4).Draw(t, "map")
	})
}

// A plan written from tasks reads as these tasks, and its roots survive JSON,
// which is how they are stored.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tasks := rapid.SliceOfN(tasks(), 1, 6).Draw(t, "tasks")
		var text strings.Builder
		text.WriteString("tasks:\n")
		for i := range tasks {
			task := &tasks[i]
			task.Name = fmt.Sprintf("t%d", i)
			task.Request.Task = task.Name
			follow := i > 0 && !task.OnDemand && task.Request.Every == 0 && task.Request.Cron == "" &&
				task.Unique.Name == "" && rapid.Bool().Draw(t, "follows")
			if prev := max(0, i-1); follow && !tasks[prev].OnDemand {
				task.After = []string{tasks[prev].Name}
			}
			task.Line = strings.Count(text.String(), "\n") + 1
			writeTask(&text, task)
		}
		p, err := Parse("/plans/lull.yaml", []byte(text.String()))
		if err != nil {
			t.Fatalf("%v\n%s", err, text.String())
		}
		if diff := cmp.Diff(tasks, p.Tasks); diff != "" {
			t.Fatalf("-want +got\n%s\n%s", diff, text.String())
		}
		roots, err := p.Roots()
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(roots)
		if err != nil {
			t.Fatal(err)
		}
		var back []record.PlanRoot
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(roots, back); diff != "" {
			t.Fatalf("-want +got\n%s", diff)
		}
		checkRoots(t, p, roots)
	})
}

// checkRoots checks that each task of the plan is in one root at most, behind
// what it comes after, and that no task that the plan enqueues is missing.
func checkRoots(t interface{ Fatalf(string, ...any) }, p *Plan, roots []record.PlanRoot) {
	seen := map[string]bool{}
	walk := func(nodes []work.Node) {
		for i, n := range nodes {
			if seen[n.Request.Task] {
				t.Fatalf("%s is in two places", n.Request.Task)
			}
			seen[n.Request.Task] = true
			for _, a := range n.After {
				if a < 0 || a >= i {
					t.Fatalf("%s comes after node %d of %d", n.Request.Task, a, i)
				}
			}
		}
	}
	for _, r := range roots {
		if len(r.Nodes) == 0 || r.Nodes[0].Request.Task != r.Name || len(r.Nodes[0].After) > 0 || r.Hash == "" {
			t.Fatalf("root %+v", r)
		}
		walk(r.Nodes)
		walk(r.Nodes[0].Request.Chain)
	}
	for _, task := range p.Tasks {
		if len(task.After) == 0 && seen[task.Name] == task.OnDemand && !task.Modelled {
			t.Fatalf("%s: on-demand %v, enqueued %v", task.Name, task.OnDemand, seen[task.Name])
		}
	}
}

func tasks() *rapid.Generator[Task] {
	return rapid.Custom(func(t *rapid.T) Task {
		yes := rapid.Bool()
		word := rapid.StringMatching(`[a-z0-9 :#'"\\-]{0,6}[a-z]`)
		var k Task
		switch rapid.IntRange(0, 2).Draw(t, "entry") {
		case 0:
			k.Wasm = Wasm{
				File: word.Draw(t, "file"), Export: rapid.StringMatching(`[a-z]{0,3}`).Draw(t, "export"),
				Clock: yes.Draw(t, "clock"), Random: yes.Draw(t, "random"),
			}
			if strings.Contains(k.Wasm.File, "#") && k.Wasm.Export == "" {
				k.Wasm.Export = "f"
			}
		case 1:
			k.Argv = rapid.SliceOfN(word, 1, 3).Draw(t, "argv")
		default:
			k.Shell = word.Draw(t, "shell")
		}
		r := &k.Request
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 1:
			r.Every = durations(time.Second).Draw(t, "every")
			r.Flex = min(r.Every, durations(time.Millisecond).Draw(t, "flex"))
		case 2:
			r.Cron, r.Zone = "*/5 3 * * mon-fri", rapid.SampledFrom([]string{"", "UTC", "Asia/Kolkata"}).Draw(t, "zone")
			r.Missed = rapid.SampledFrom([]work.Missed{"", work.MissedOnce, work.MissedSkip, work.MissedAll}).Draw(t, "missed")
		case 3:
			k.OnDemand = true
			k.Unique = work.Unique{Name: word.Draw(t, "unique"), Policy: rapid.SampledFrom([]work.Policy{"", work.Keep, work.AppendOrReplace}).Draw(t, "policy")}
		}
		r.Needs = work.Constraints{
			Network:  work.Network(rapid.IntRange(0, int(work.TemporarilyUnmetered)).Draw(t, "network")),
			Charging: yes.Draw(t, "charging"), Idle: yes.Draw(t, "idle"), BatteryNotLow: yes.Draw(t, "battery"),
			StorageNotLow: yes.Draw(t, "storage"), LoadLow: yes.Draw(t, "load"), LowPowerOff: yes.Draw(t, "saver"),
		}
		if yes.Draw(t, "hours") {
			r.Needs.Between, r.Needs.Zone = "22:00-06:30", rapid.SampledFrom([]string{"", "UTC"}).Draw(t, "zone")
		}
		if yes.Draw(t, "backoff") {
			r.Backoff = work.Backoff{Policy: work.Linear, Delay: durations(time.Millisecond).Draw(t, "backoff")}
		}
		r.Budget = rapid.SampledFrom([]time.Duration{0, -1, time.Minute}).Draw(t, "budget")
		r.Attempts = rapid.SampledFrom([]int{0, -1, 7}).Draw(t, "attempts")
		r.Tags = rapid.SliceOfN(word, 1, 2).Draw(t, "tags")
		r.Input = rapid.SampledFrom([]json.RawMessage{nil, []byte(`{"a":[1,{"b":null}],"c":"\u003c"}`)}).Draw(t, "input")
		k.Env = rapid.MapOfN(rapid.StringMatching(`[A-K]{1,3}`), word, 1, 3).Draw(t, "env")
		k.Limits = Limits{
			Memory: rapid.Int64Range(1<<20, 1<<40).Draw(t, "memory"), Output: rapid.Int64Range(0, 9).Draw(t, "output"),
			CPU: durations(time.Millisecond).Draw(t, "cpu"), Files: rapid.SampledFrom([]int64{0, 16, 99}).Draw(t, "files"),
			FileSize: rapid.Int64Range(0, 9).Draw(t, "file size"),
			Priority: rapid.SampledFrom([]Priority{"", PriorityLow, PriorityIdle}).Draw(t, "priority"),
		}
		r.Require = []work.Layer{work.LayerMemory}
		if k.Wasm.File == "" && yes.Draw(t, "sandbox") {
			r.Require = append(r.Require, work.LayerFiles)
			k.Sandbox = &Sandbox{
				Read: rapid.SliceOfN(word, 1, 2).Draw(t, "read"), NoNetwork: yes.Draw(t, "no network"),
				Env:     rapid.SliceOfN(rapid.StringMatching(`[A-K]{1,3}`), 1, 2).Draw(t, "names"),
				Secrets: map[string]Source{"TOKEN": {Env: "A"}, "KEY": {File: word.Draw(t, "file")}},
			}
		}
		return k
	})
}

// writeTask writes a task as JSON strings in YAML; what is zero is left out.
func writeTask(b *strings.Builder, k *Task) {
	fmt.Fprintf(b, "  %s:\n", k.Name)
	line := func(format string, args ...any) {
		for i, a := range args {
			switch a := a.(type) {
			case time.Duration:
				args[i] = writeDuration(a)
			case string, []string, map[string]string, json.RawMessage:
				text, err := json.Marshal(a)
				if err != nil {
					panic(err)
				}
				args[i] = string(text)
			}
			if v := reflect.ValueOf(a); v.IsZero() {
				return
			}
		}
		fmt.Fprintf(b, "    "+format+"\n", args...)
	}
	r := k.Request
	line("run: %s", k.Argv)
	line("run: %s", k.Shell)
	if w := k.Wasm; w.File != "" {
		name := w.File
		if w.Export != "" {
			name += "#" + w.Export
		}
		if w.Clock || w.Random {
			line("wasm:")
			line("  module: %s", name)
			line("  clock: %v", w.Clock)
			line("  random: %v", w.Random)
		} else {
			line("wasm: %s", name)
		}
	}
	line("after: %s", k.After)
	line("every: %s", r.Every)
	line("flex: %s", r.Flex)
	line("cron: %s", r.Cron)
	line("zone: %s", r.Zone)
	line("missed: %s", r.Missed)
	line("on-demand: %v", k.OnDemand)
	if k.Unique.Policy != "" {
		line("unique: {name: %s, policy: %s}", k.Unique.Name, k.Unique.Policy)
	} else {
		line("unique: %s", k.Unique.Name)
	}
	n := r.Needs
	fmt.Fprintf(b, "    needs:\n      network: %s\n", n.Network)
	line("  charging: %v", n.Charging)
	line("  idle: %v", n.Idle)
	for _, w := range []struct {
		on   bool
		text string
	}{{n.BatteryNotLow, "battery: not-low"}, {n.StorageNotLow, "storage: not-low"}, {n.LoadLow, "load: low"}, {n.LowPowerOff, "power-saver: off"}} {
		if w.on {
			line("  " + w.text)
		}
	}
	line("  between: %s", n.Between)
	line("  zone: %s", n.Zone)
	line("backoff: {policy: linear, delay: %s}", r.Backoff.Delay)
	for key, v := range map[string]int64{"budget": int64(r.Budget), "attempts": int64(r.Attempts)} {
		switch {
		case v < 0:
			line(key + ": none")
		case key == "budget":
			line("budget: %s", r.Budget)
		default:
			line("attempts: %v", r.Attempts)
		}
	}
	line("tags: %s", r.Tags)
	line("input: %s", r.Input)
	line("env: %s", k.Env)
	line("limits:")
	line("  memory: %vB", k.Limits.Memory)
	line("  output: %vB", k.Limits.Output)
	line("  cpu: %s", k.Limits.CPU)
	line("  files: %v", k.Limits.Files)
	line("  file-size: %vB", k.Limits.FileSize)
	line("  priority: %v", k.Limits.Priority)
	fmt.Fprintf(b, "    require: %v\n", strings.ReplaceAll(fmt.Sprint(r.Require), " ", ", "))
	if x := k.Sandbox; x != nil {
		line("sandbox:")
		line("  read: %s", x.Read)
		if x.NoNetwork {
			line("  network: none")
		}
		line("  env: %s", x.Env)
		line("  secrets: {TOKEN: env:A, KEY: %s}", "file:"+x.Secrets["KEY"].File)
	}
}
