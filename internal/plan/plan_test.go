package plan

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

func mustParse(t testing.TB, text string) *Plan {
	t.Helper()
	p, err := Parse(filepath.FromSlash("/plans/lull.yaml"), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestChores(t *testing.T) {
	p, err := Read("testdata/chores.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	want := &Plan{File: "testdata/chores.yaml", Dir: dir, Tasks: []Task{
		{
			Name: "index", Line: 3, Argv: []string{"./index", "--dir", "photos"},
			Request: work.Request{
				Task: "index", Every: 6 * time.Hour,
				Needs: work.Constraints{
					Network: work.Unmetered, Charging: true, Idle: true, BatteryNotLow: true, StorageNotLow: true, Between: "22:00-06:00",
				},
				Backoff: work.Backoff{Policy: work.Exponential, Delay: 30 * time.Second},
				Budget:  10 * time.Minute, Grace: 10 * time.Second,
			},
			Limits: Limits{Memory: 512 << 20, Processes: 64, Output: 10 << 20},
		},
		{Name: "backup", Line: 11, Shell: "tar -czf backup.tgz photos", After: []string{"index"}, Request: work.Request{Task: "backup"}},
		{Name: "sync", Line: 14, Shell: "./sync", OnDemand: true, Request: work.Request{Task: "sync"}},
	}}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	roots, err := p.Roots()
	if err != nil {
		t.Fatal(err)
	}
	index := want.Tasks[0].Request
	index.Chain = []work.Node{{Request: want.Tasks[1].Request}}
	wantRoots := []record.PlanRoot{{Name: "index", Hash: roots[0].Hash, Nodes: []work.Node{{Request: index}}}}
	if diff := cmp.Diff(wantRoots, roots); diff != "" {
		t.Errorf("roots: -want +got\n%s", diff)
	}
	wantCommands := []Command{
		{Task: "index", Argv: []string{filepath.Join(dir, "index"), "--dir", "photos"}, Dir: dir, Limits: want.Tasks[0].Limits},
		{Task: "backup", Shell: "tar -czf backup.tgz photos", Dir: dir},
		{Task: "sync", Shell: "./sync", Dir: dir},
	}
	if diff := cmp.Diff(wantCommands, p.Commands()); diff != "" {
		t.Errorf("commands: -want +got\n%s", diff)
	}
}

func TestEveryKey(t *testing.T) {
	p := mustParse(t, `
jobs: 4
assume: {network: unmetered, roaming: no, battery-level: 80%, load: low, power-saver: off, idle: yes}
tasks:
  daily:
    run: [report, 7, true, ~x]
    cron: "0 3 * * *"
    zone: Europe/Paris
    missed: skip
    needs: {load: low, power-saver: off, between: "01:00-24:00", zone: America/New_York, charging: false}
    unique: {name: reports, policy: replace}
    attempts: none
    budget: none
    tags: [nightly, 2024]
    group: disk
    retention: 1w
    env: {B: 2, A: "", C: yes}
    dir: ../sub
    input: {b: [1, 0x10, 2.50, true, ~, 2024-01-02, "7"], a: <&>}
  hourly:
    run: bin/x
    every: 1h30m
    flex: 15m
    delay: 1d
    backoff: {policy: linear}
    on-failure: fail
    attempts: 3
  urgent:
    run: x
    expedited: true
    on-demand: true
    unique: urgent
  merge: {run: x, after: daily, merger: array}
  boxed:
    run: x
    dir: sub
    limits: {cpu: 1m, files: 64, file-size: 1MiB, priority: idle, memory: 64MiB}
    sandbox: {read: [photos, /data], write: out, network: none, env: [], secrets: {A: env:B, C: file:d/e}}
    require: [tree-kill, memory, network]
`)
	if p.Jobs != 4 {
		t.Errorf("jobs = %d", p.Jobs)
	}
	wantAssume := map[record.Signal]int64{
		record.Connected: 1, record.Validated: 1, record.Metered: 0, record.Roaming: 0,
		record.BatteryLevel: 80, record.LoadHigh: 0, record.LowPower: 0, record.Idle: 1,
	}
	if diff := cmp.Diff(wantAssume, p.Assume); diff != "" {
		t.Errorf("assume: -want +got\n%s", diff)
	}
	want := []Task{
		{
			Name: "daily", Line: 5, Argv: []string{"report", "7", "true", "~x"},
			Request: work.Request{
				Task: "daily", Cron: "0 3 * * *", Zone: "Europe/Paris", Missed: work.MissedSkip,
				Needs:    work.Constraints{LoadLow: true, LowPowerOff: true, Between: "01:00-24:00", Zone: "America/New_York"},
				Attempts: -1, Budget: -1, Tags: []string{"nightly", "2024"}, Group: "disk", Retention: 7 * 24 * time.Hour,
				Input: []byte(`{"b":[1,16,2.50,true,null,"2024-01-02","7"],"a":"\u003c\u0026\u003e"}`),
			},
			Unique: work.Unique{Name: "reports", Policy: work.Replace},
			Env:    map[string]string{"A": "", "B": "2", "C": "yes"}, Dir: "../sub",
		},
		{
			Name: "hourly", Line: 20, Shell: "bin/x",
			Request: work.Request{
				Task: "hourly", Every: 90 * time.Minute, Flex: 15 * time.Minute, Delay: 24 * time.Hour,
				Backoff: work.Backoff{Policy: work.Linear}, OnFailure: work.OnFailureFail, Attempts: 3,
			},
		},
		{
			Name: "urgent", Line: 28, Shell: "x", OnDemand: true, Unique: work.Unique{Name: "urgent"},
			Request: work.Request{Task: "urgent", Expedited: true},
		},
		{Name: "merge", Line: 33, Shell: "x", After: []string{"daily"}, Request: work.Request{Task: "merge", Merger: work.ArrayCreating}},
		{
			Name: "boxed", Line: 34, Shell: "x", Dir: "sub",
			Request: work.Request{Task: "boxed", Require: []work.Layer{work.LayerTreeKill, work.LayerMemory, work.LayerNetwork}},
			Limits:  Limits{Memory: 64 << 20, CPU: time.Minute, Files: 64, FileSize: 1 << 20, Priority: PriorityIdle},
			Sandbox: &Sandbox{
				Read: []string{"photos", "/data"}, Write: []string{"out"}, NoNetwork: true, Bare: true,
				Secrets: map[string]Source{"A": {Env: "B"}, "C": {File: "d/e"}},
			},
		},
	}
	if diff := cmp.Diff(want, p.Tasks); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	c := p.Commands()[0]
	if diff := cmp.Diff(Command{
		Task: "daily", Argv: []string{"report", "7", "true", "~x"}, Dir: filepath.FromSlash("/sub"), Env: []string{"A=", "B=2", "C=yes"},
	}, c); diff != "" {
		t.Errorf("command: -want +got\n%s", diff)
	}
	// The paths of a plan are relative to it, whatever dir says.
	if diff := cmp.Diff(&Sandbox{
		Read: []string{filepath.FromSlash("/plans/photos"), filepath.FromSlash("/data")}, Write: []string{filepath.FromSlash("/plans/out")},
		NoNetwork: true, Bare: true, Env: []string{}, Secrets: map[string]Source{"A": {Env: "B"}, "C": {File: filepath.FromSlash("/plans/d/e")}},
	}, p.Commands()[4].Sandbox); diff != "" {
		t.Errorf("sandbox: -want +got\n%s", diff)
	}
}

func TestSandboxIsPartOfTheDefinition(t *testing.T) {
	seen := map[string]string{}
	for _, box := range []string{"", "sandbox: {}", "sandbox: {read: [a]}", "sandbox: {write: [a]}", "sandbox: {network: none}", "sandbox: {env: []}", "sandbox: {env: [A]}", "sandbox: {secrets: {A: env:B}}", "limits: {cpu: 1s}"} {
		roots, err := mustParse(t, "tasks:\n  a:\n    run: x\n    "+box+"\n").Roots()
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[roots[0].Hash]; ok {
			t.Errorf("%q and %q are one definition", box, other)
		}
		seen[roots[0].Hash] = box
	}
}

func TestMerge(t *testing.T) {
	p := mustParse(t, `
tasks:
  a: &a
    run: x
    every: 2h
    needs: &n {charging: true, idle: true}
  b:
    <<: *a
    every: 3h
    needs:
      <<: [{network: connected}, *n]
      idle: false
`)
	want := work.Request{Task: "b", Every: 3 * time.Hour, Needs: work.Constraints{Charging: true, Network: work.Connected}}
	if diff := cmp.Diff(want, p.Tasks[1].Request); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if p.Tasks[1].Shell != "x" {
		t.Errorf("run was not merged: %+v", p.Tasks[1])
	}
}

// shapeOf writes roots as "name: a, b<a; periodic: ...".
func shapeOf(t *testing.T, p *Plan) string {
	t.Helper()
	roots, err := p.Roots()
	if err != nil {
		t.Fatal(err)
	}
	write := func(nodes []work.Node) string {
		var words []string
		for _, n := range nodes {
			w := n.Request.Task
			for _, a := range n.After {
				w += "<" + nodes[a].Request.Task
			}
			words = append(words, w)
		}
		return strings.Join(words, " ")
	}
	var out []string
	for _, r := range roots {
		s := r.Name + ": " + write(r.Nodes)
		if chain := r.Nodes[0].Request.Chain; len(chain) > 0 {
			s += " => " + write(chain)
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

func TestRoots(t *testing.T) {
	for _, c := range []struct{ name, plan, want string }{
		{"single tasks", `{a: {run: x}, b: {run: x, every: 1h}}`, "a: a; b: b"},
		{"on-demand and modelled are left out", `{a: {run: x, on-demand: true}, b: {every: 1h}, c: {run: x, after: b}}`, ""},
		{"a modelled task in between stays", `{a: {run: x}, b: {after: a}, c: {run: x, after: b}}`, "a: a b<a c<b"},
		{"a modelled task beside stays", `{m: {needs: {idle: true}}, a: {run: x}, b: {run: x, after: [a, m]}}`, "m: m a b<m<a"},
		{"diamond", `{d: {run: x, after: [c, b]}, a: {run: x}, b: {run: x, after: a}, c: {run: x, after: a}}`, "a: a b<a c<a d<b<c"},
		{"joined roots", `{z: {run: x}, d: {run: x, after: [b, a]}, b: {run: x}, a: {run: x}, c: {run: x, after: a}}`, "z: z; b: b a d<b<a c<a"},
		{"periodic chain", `{p: {run: x, every: 1h}, a: {run: x, after: p}, b: {run: x, after: [p, a]}, c: {run: x, after: p}}`, "p: p => a b<a c"},
		{"order of the file", `{b: {run: x, after: a}, x: {run: x}, a: {run: x, cron: "@daily"}}`, "x: x; a: a => b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := shapeOf(t, mustParse(t, "tasks: "+c.plan)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestHash(t *testing.T) {
	hash := func(file, text string) string {
		t.Helper()
		p, err := Parse(file, []byte("tasks:\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		roots, err := p.Roots()
		if err != nil || len(roots) != 1 {
			t.Fatal(roots, err)
		}
		if len(roots[0].Hash) != 32 {
			t.Fatalf("hash %q", roots[0].Hash)
		}
		return roots[0].Hash
	}
	const plain = "  a: {run: [x, y], every: 1h, env: {A: b, C: d}, dir: sub, limits: {memory: 1GiB}}\n  b: {run: z, after: a}\n"
	base := hash("/one/lull.yaml", plain)
	same := "  b: {after: [a], run: z}\n\n  a: {limits: {memory: 1024MiB}, dir: ./sub/, env: {C: d, A: b}, every: 60m, run: [\"x\", 'y']}\n"
	if hash("/two/other.yaml", same) != base {
		t.Error("order, units, quotes or the folder change the hash")
	}
	seen := map[string]string{base: "base"}
	for _, c := range [][2]string{
		{"[x, y]", "[x, z]"},
		{"[x, y]", "x y"},
		{"1h", "2h"},
		{"A: b", "A: c"},
		{"sub", "sub2"},
		{"1GiB", "2GiB"},
		{"run: z", "run: zz"},
		{"after: a", "after: a, delay: 1s"},
	} {
		h := hash("/one/lull.yaml", strings.Replace(plain, c[0], c[1], 1))
		if other, dup := seen[h]; dup {
			t.Errorf("%v has the same hash as %s", c, other)
		}
		seen[h] = c[1]
	}
}

func TestFacts(t *testing.T) {
	for _, key := range factKeys() {
		if _, err := FactsOf(key, "nonsense"); err == nil {
			t.Errorf("%s: nonsense was accepted", key)
		}
	}
	facts, err := FactsOf("network", "none")
	want := []record.Fact{{Signal: record.Connected}, {Signal: record.Validated}}
	if diff := cmp.Diff(want, facts); err != nil || diff != "" {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
	var e *Error
	if _, err := FactsOf("chargin", "yes"); !errors.As(err, &e) || e.Hint != `did you mean "charging"?` || e.Error() != `unknown key "chargin"` {
		t.Errorf("%v, hint %q", err, e.Hint)
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	if _, err := Read(filepath.Join(dir, "none.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	wants := func(path, text string) {
		t.Helper()
		_, err := Read(path)
		var es Errors
		if !errors.As(err, &es) || len(es) != 1 || es[0].File != path || !strings.Contains(es[0].Msg, text) {
			t.Errorf("%s: %v, want %s", path, err, text)
		}
	}
	wants(dir, "not a regular file")
	big := filepath.Join(dir, "big.yaml")
	if err := os.WriteFile(big, []byte(strings.Repeat("#\n", maxFile/2+1)), 0o600); err != nil {
		t.Fatal(err)
	}
	wants(big, "larger than 1 MiB")
}

func TestText(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"tasks: {}\n# \xff\n", "lull.yaml:2: not UTF-8 text"},
		{"\xff\xfet\x00", "lull.yaml:1: not UTF-8 text"},
		{"tasks:\n\x01", "lull.yaml:2: control character U+0001"},
		{"tasks: {}\x00", "lull.yaml:1: control character U+0000"},
	} {
		if _, err := Parse("lull.yaml", []byte(c.text)); err == nil || err.Error() != c.want {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
	for _, text := range []string{"\ufefftasks: {}", "tasks: {}\r\n", "---\ntasks: {}\n...\n"} {
		if _, err := Parse("lull.yaml", []byte(text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTooMuch(t *testing.T) {
	tasks := func(n int, body func(int) string) string {
		var b strings.Builder
		b.WriteString("tasks:\n")
		for i := range n {
			fmt.Fprintf(&b, "  t%d: %s\n", i, body(i))
		}
		return b.String()
	}
	merges := "tasks:\n  a0: &a0 {run: x, env: {A: b}}\n"
	for i := 1; i < 30; i++ {
		merges += fmt.Sprintf("  a%d: &a%d {<<: [%s]}\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 50), ","))
	}
	lines := tasks(2500, func(i int) string {
		if i == 0 {
			return "{run: x, input: [&s " + strings.Repeat("s", 5000) + "]}"
		}
		return "{run: [x, *s]}"
	})
	var keys strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&keys, "K%x: , ", i)
	}
	shared := tasks(maxTasks, func(i int) string {
		if i == 0 {
			return "{run: x, env: &e {" + keys.String() + "}}"
		}
		return "{run: x, ios: *e}"
	})
	for _, c := range []struct{ name, text, want string }{
		{"one large mapping, many aliases", shared, "too large once its aliases are followed"},
		{"merges", merges, "too large once its aliases are followed"},
		{"long text, many aliases", lines, "too large once its aliases are followed"},
		{"tasks", tasks(maxTasks+1, func(int) string { return "{run: x}" }), "10001 tasks: at most 10000"},
		{"errors", tasks(5000, func(i int) string { return fmt.Sprintf("{ruin: x, after: u%d}", i) }), "more than 100 errors"},
		{"cycle", tasks(maxTasks, func(i int) string { return fmt.Sprintf("{run: x, after: t%d}", (i+1)%maxTasks) }), "cycle"},
		{"edges", tasks(400, func(i int) string {
			var names []string
			for j := range 400 {
				if j != i {
					names = append(names, fmt.Sprintf("t%d", j))
				}
			}
			return "{run: x, after: [" + strings.Join(names, ",") + "]}"
		}), "cycle"},
		{"long keys", tasks(1, func(int) string { return "\n    ? " + strings.Repeat("x", 90000) + "\n    : 1" }), "unknown key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			_, err := Parse("lull.yaml", []byte(c.text))
			var es Errors
			if !errors.As(err, &es) || !strings.Contains(err.Error(), c.want) || len(es) > maxErrors+2 || len(err.Error()) > 100_000 {
				t.Errorf("%d errors, %d bytes, want %s:\n%.2000s", len(es), len(fmt.Sprint(err)), c.want, fmt.Sprint(err))
			}
			t.Log(time.Since(start)) // seconds at most, where following it all would take days
		})
	}
	// Within the caps it is an ordinary plan.
	p := mustParse(t, tasks(maxTasks, func(i int) string {
		if i == 0 {
			return "{run: x, every: 1h}"
		}
		return fmt.Sprintf("{run: x, after: t%d}", i-1)
	}))
	roots, err := p.Roots()
	if err != nil || len(roots) != 1 || len(roots[0].Nodes[0].Request.Chain) != maxTasks-1 {
		t.Errorf("%d roots, %v", len(roots), err)
	}
}

func BenchmarkParse(b *testing.B) {
	data, err := os.ReadFile("testdata/chores.yaml")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("lull.yaml", data); err != nil {
			b.Fatal(err)
		}
	}
}

func TestWasm(t *testing.T) {
	p := mustParse(t, `
tasks:
  command: {wasm: bin/tool.wasm, dir: photos, env: {A: b}, limits: {memory: 64MiB}}
  export: {wasm: "odd#name.wasm#sync"}
  clock: {wasm: {module: /abs/x.wasm#f, clock: true, random: true}}
`)
	dir := filepath.FromSlash("/plans")
	want := []Command{
		{
			Task: "command", Wasm: Wasm{File: filepath.Join(dir, "bin/tool.wasm")}, Dir: filepath.Join(dir, "photos"),
			Env: []string{"A=b"}, Limits: Limits{Memory: 64 << 20},
		},
		{Task: "export", Wasm: Wasm{File: filepath.Join(dir, "odd#name.wasm"), Export: "sync"}},
		{Task: "clock", Wasm: Wasm{File: filepath.FromSlash("/abs/x.wasm"), Export: "f", Clock: true, Random: true}},
	}
	if diff := cmp.Diff(want, p.Commands()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	hash := func(text string) string {
		roots, err := mustParse(t, text).Roots()
		if err != nil {
			t.Fatal(err)
		}
		return roots[0].Hash
	}
	seen := map[string]bool{}
	for _, text := range []string{
		"tasks: {a: {wasm: x.wasm}}", "tasks: {a: {wasm: x.wasm#f}}", "tasks: {a: {wasm: y.wasm#f}}",
		"tasks: {a: {wasm: {module: x.wasm, clock: true}}}", "tasks: {a: {wasm: {module: x.wasm, random: true}}}", "tasks: {a: {run: x.wasm}}",
	} {
		if h := hash(text); seen[h] {
			t.Errorf("%s is like another one", text)
		} else {
			seen[h] = true
		}
	}
}
