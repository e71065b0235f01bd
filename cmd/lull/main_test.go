package main

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/wasm"
)

var rewrite = flag.Bool("rewrite", false, "rewrite what scripts compare with cmp")

func TestMain(m *testing.M) {
	isolate.Main(wasm.Entry()) // the test binary is also lull, whose runs may start it again
	// Tests wait for what they start more than they compute. The command line comes later and wins.
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){
		"lull": func() { os.Exit(run()) },
		"lull-patient": func() {
			lastTime = time.Hour
			os.Exit(run())
		},
	})
}

func TestScripts(t *testing.T) {
	if signal.Ignored(syscall.SIGHUP) { // as under nohup: what is caught here is not ignored by what scripts start
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *rewrite,
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "")
			e.Setenv("TZ", "UTC")
			examples, err := filepath.Abs("../../examples")
			e.Setenv("EXAMPLES", examples)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"eventually": eventually,
			"count":      countLines,
			"longdir":    longDir,
			"guest":      guest,
			"trace":      traceFile,
			"exitcode":   exitCodeOf,
			"wellformed": wellFormed,
			"atmost":     atMost,
			"project":    copyProject,
		},
		RequireExplicitExec: false,
	})
}

// TestExamples builds what people read first, and reads the plan. Other examples have
// tests, which build them.
func TestExamples(t *testing.T) {
	if out, err := exec.Command("go", "build", "-o", os.DevNull, "../../examples/first/...").CombinedOutput(); err != nil {
		t.Errorf("go build: %v\n%s", err, out)
	}
	p, err := plan.Read("../../examples/first/lull.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range []string{"inventory", "archive", "verify", "report", "power-task"} {
		if !slices.ContainsFunc(p.Tasks, func(x plan.Task) bool { return x.Name == task }) {
			t.Errorf("the plan has no task %s", task)
		}
	}
}

// exitCodeOf CODE COMMAND ARGS... wants a command to end with a code.
func exitCodeOf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode CODE COMMAND [ARGUMENT ...]")
	}
	got, err := 0, ts.Exec(args[1], args[2:]...)
	if end := (*exec.ExitError)(nil); errors.As(err, &end) {
		got = end.ExitCode()
	} else {
		ts.Check(err)
	}
	if want := args[0]; strconv.Itoa(got) != want {
		ts.Fatalf("the exit code is %d, not %s", got, want)
	}
}

// wellFormed FILE wants XML.
func wellFormed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: wellformed FILE")
	}
	for d := xml.NewDecoder(strings.NewReader(ts.ReadFile(args[0]))); ; {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			ts.Fatalf("%s: %v", args[0], err)
		}
	}
}

// project NAME copies a folder of testdata/projects into the script's.
func copyProject(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: project NAME")
	}
	ts.Check(os.CopyFS(ts.MkAbs(args[0]), os.DirFS(filepath.Join("..", "..", "testdata", "projects", args[0]))))
}

// atMost N FILE wants a file of at most so many lines.
func atMost(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: atmost N FILE")
	}
	most, err := strconv.Atoi(args[0])
	ts.Check(err)
	if n := strings.Count(ts.ReadFile(args[1]), "\n"); n > most {
		ts.Fatalf("%s has %d lines", args[1], n)
	}
}

// eventually PATTERN COMMAND ARGS... repeats a command until its output matches.
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: eventually PATTERN COMMAND [ARGUMENT ...]")
	}
	pattern, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	const patience = time.Minute
	var out string
	pause := 10 * time.Millisecond // longer each time: a look is a process, which costs as much
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(pause) {
		pause = min(pause*3/2, 200*time.Millisecond)
		err = ts.Exec(args[1], args[2:]...)
		if out = ts.ReadFile("stdout"); pattern.MatchString(out) {
			return
		}
	}
	ts.Fatalf("%s never matched %s: last it was %q (%v)", strings.Join(args[1:], " "), args[0], out, err)
}

// count N PATTERN FILE wants so many lines of a file to match.
func countLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: count N PATTERN FILE")
	}
	pattern, err := regexp.Compile(args[1])
	ts.Check(err)
	n := 0
	for line := range strings.Lines(ts.ReadFile(args[2])) {
		if pattern.MatchString(strings.TrimSuffix(line, "\n")) {
			n++
		}
	}
	if got := count(n, "line"); got != count(atoi(ts, args[0]), "line") {
		ts.Fatalf("%s of %s match %s, want %s", got, args[2], args[1], args[0])
	}
}

func atoi(ts *testscript.TestScript, s string) int {
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			ts.Fatalf("%q is no number", s)
		}
		n = 10*n + int(c-'0')
	}
	return n
}

// longdir NAME makes a folder whose path is far over what a Unix socket's may be, and
// puts it into the variable NAME.
func longDir(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: longdir NAME")
	}
	dir := ts.MkAbs("long")
	for range 10 {
		dir = filepath.Join(dir, strings.Repeat("a-long-name-", 3))
	}
	ts.Check(os.MkdirAll(dir, 0o755))
	ts.Setenv(args[0], dir)
}

// trace FILE writes a trace in which the app "mine" is opened six seconds from now, once
// the engine is there on a busy machine, too, and left a second later.
func traceFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: trace FILE")
	}
	now := time.Now().UTC().Truncate(time.Second)
	text := "device_id,t,event,value,res\n"
	for _, row := range []struct {
		after time.Duration
		event string
	}{{0, "screen_on,"}, {0, "power_save_on,"}, {6 * time.Second, "app_open,mine"}, {6 * time.Second, "app_open,other"}, {7 * time.Second, "app_close,mine"}, {7 * time.Second, "power_save_off,"}} {
		text += "a," + now.Add(row.after).Format(time.RFC3339) + "," + row.event + ",\n"
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}
