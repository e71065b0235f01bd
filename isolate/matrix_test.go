//go:build linux

package isolate_test

import (
	"cmp"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/lullwork/lull/isolate"
)

// fault is one row of the matrix: what goes wrong in an isolate, and how its host must
// record it.
type fault struct {
	name    string
	spec    isolate.Spec
	outcome isolate.Outcome
	message string            // part of it
	layer   isolate.LayerName // that the host must give; "": none
	more    func(e isolate.Exit) string
}

// daemonize leaves two daemons, when both are there and the process that made them is gone.
const daemonize = `export f=$(mktemp); (setsid sh -c 'for i in 1 2; do setsid sh -c "echo >> $f; exec sleep 600" & done' &); ` +
	`while [ $(wc -l < $f) -lt 2 ]; do sleep 0.01; done; rm $f; sleep 0.2; exit 0`

func faults() []fault {
	fn := func(how string) isolate.Spec {
		return isolate.Spec{Func: behave.Name(), Input: []byte(strconv.Quote(how))}
	}
	sh := func(line string) isolate.Spec { return isolate.Spec{Shell: line} }
	with := func(s isolate.Spec, change func(*isolate.Spec)) isolate.Spec {
		change(&s)
		return s
	}
	short := func(s *isolate.Spec) { s.Wall, s.Grace = 200*time.Millisecond, 100*time.Millisecond }
	box := func(s *isolate.Spec) { s.Sandbox = &isolate.Sandbox{NoNetwork: true} }
	killed := func(e isolate.Exit) string { return "killed " + strconv.FormatBool(e.Killed) }
	code := func(e isolate.Exit) string { return "exit code " + strconv.Itoa(e.Code) }
	return []fault{
		{"panic", fn("panic"), isolate.Crashed, "panic: boom second line", "", code},
		{"panic in another goroutine", fn("panic elsewhere"), isolate.Crashed, "panic: stray", "", code},
		{"nil dereference", fn("nil"), isolate.Crashed, "nil pointer dereference", "", code},
		{"fatal error of the runtime", fn("deadlock"), isolate.Crashed, "fatal error: ", "", code},
		{"SIGSEGV from outside the Go code", fn("segv"), isolate.Crashed, "SIGSEGV: segmentation violation", "", code},
		{"SIGSEGV in a program", sh("kill -SEGV $$"), isolate.Signalled, "SIGSEGV", "", nil},
		{"SIGABRT", fn("abort"), isolate.Crashed, "SIGABRT: abort", "", code},
		{"os.Exit(0) without a result", fn("exit 0"), isolate.Crashed, "exit status 0 without a result", "", code},
		{"runtime.Goexit", fn("goexit"), isolate.Crashed, "Goexit", "", code},

		{"all memory taken by a function", with(fn("memory"), func(s *isolate.Spec) { s.MemoryBytes = 96 << 20 }), isolate.OutOfMemory, "the limit is 100663296 bytes", isolate.LayerMemory, nil},
		{"all memory taken by a program", isolate.Spec{Shell: "exec tail /dev/zero", MemoryBytes: 96 << 20}, isolate.OutOfMemory, "the limit is 100663296 bytes", isolate.LayerMemory, nil},
		{"all memory taken in a sandbox", with(fn("memory"), func(s *isolate.Spec) { s.MemoryBytes = 96 << 20; box(s) }), isolate.OutOfMemory, "the limit is 100663296 bytes", isolate.LayerMemory, nil},
		{"endless loop", with(fn("spin"), short), isolate.Stopped, "budget: it may run for 200ms (killed)", "", killed},
		{"wait for nothing", with(fn("hang"), short), isolate.Stopped, "budget: it may run for 200ms (killed)", "", killed},
		{"SIGTERM ignored", with(sh("trap '' TERM; while :; do sleep 600; done"), short), isolate.Stopped, "budget: it may run for 200ms (killed)", "", killed},
		{"endless loop, by processor time", with(fn("spin"), func(s *isolate.Spec) { s.CPUTime, s.Grace = 50*time.Millisecond, 50*time.Millisecond }), isolate.Stopped, "cpu-time: it may use 50ms of processor time (killed)", isolate.LayerCPU, killed},
		{"fork bomb", isolate.Spec{Shell: `b() { b | b & b; }; b 2> /dev/null`, Processes: 40, Wall: time.Second, Grace: 50 * time.Millisecond}, "", "the limit of 40 processes and threads was hit", isolate.LayerProcesses, nil},
		{"output flood", with(sh("yes"), func(s *isolate.Spec) { s.OutputLimit = 1 << 20 }), isolate.OutputLimit, "wrote more than 1048576 bytes", "", killed},
		{"output flood from a function", with(fn("flood"), func(s *isolate.Spec) { s.OutputLimit = 1 << 20 }), isolate.OutputLimit, "wrote more than 1048576 bytes", "", killed},
		{"too many open files", with(fn("open files"), func(s *isolate.Spec) { s.OpenFiles = 30 }), isolate.Error, "too many open files", isolate.LayerOpenFiles, nil},
		{"a file too big", isolate.Spec{Shell: `exec head -c 100000 /dev/zero > "$TMPDIR/big"`, FileSize: 1000, Sandbox: &isolate.Sandbox{}}, isolate.Signalled, "SIGXFSZ", isolate.LayerFileSize, nil},
		{"a file that it may not read", with(sh("exec cat /etc/shadow"), box), isolate.Error, "exit status 1", isolate.LayerFiles, tail},
		{"a connection that it may not make", with(fn("connect"), box), isolate.Error, "socket: operation not permitted", isolate.LayerNetwork, nil},
		{"a mount that it may not make", with(sh("exec mount -t tmpfs none $TMPDIR"), box), isolate.Error, "exit status", isolate.LayerSyscalls, tail},
		{"system calls of another processor", with(fn("int 0x80"), box), isolate.Signalled, "SIGSYS", isolate.LayerSyscalls, nil},

		{"bad frame", fn("frame"), isolate.ProtocolError, "frame length", "", killed},
		{"frame out of order", fn("wrong frame"), isolate.ProtocolError, "unexpected frame.Ready", "", killed},
		{"two results", fn("two results"), isolate.ProtocolError, "unexpected frame.Complete", "", killed},
		{"result too large", isolate.Spec{Func: produce.Name(), Input: []byte("20000")}, isolate.ProtocolError, "output too large", "", nil},
		{"daemon left by a program", sh(daemonize), isolate.Success, "", "", leaked},
		{"daemon left by a function", isolate.Spec{Func: script.Name(), Input: []byte(strconv.Quote(daemonize))}, isolate.Success, "", "", leaked},
		{"ends by a signal of somebody else", sh("kill -KILL $$"), isolate.Signalled, "sent by somebody else", "", nil},
		{"cannot be started", isolate.Spec{Argv: []string{"/no/such/program"}}, isolate.NotStarted, "no such file", "", nil},
	}
}

func leaked(e isolate.Exit) string { return fmt.Sprintf("%d processes left, killed", e.Leaked) }

func tail(e isolate.Exit) string {
	return strings.ReplaceAll(strings.TrimSpace(string(e.Tail)), "\n", " / ")
}

// TestFaultMatrix makes every kind of fault, and prints what was expected and recorded
// of each. After each one nothing of the run may be left.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	instance := "matrix" + strconv.Itoa(os.Getpid())
	s := newSpawner(t, isolate.Config{Instance: instance})
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "FAULT\tEXPECTED\tRECORDED\tAS\tAND\tLEFT")
	defer func() {
		_ = w.Flush()
		t.Log("\n" + text.String())
	}()
	row := func(name string, want isolate.Outcome, e isolate.Exit, more string, left int) {
		fmt.Fprintf(w, "%s\t%s\t%s\t%.70s\t%.70s\t%d\n", name, cmp.Or(want, "any but success"), e.Outcome, e.Message, more, left)
	}
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			if f.layer != "" {
				needLayer(t, s, f.layer)
			}
			e := wait(t, start(t, s, f.spec))
			left := marked("LULL_ISOLATE=" + instance + "/")
			more := ""
			if f.more != nil {
				more = f.more(e)
			}
			row(f.name, f.outcome, e, more, len(left))
			if e.Outcome != f.outcome && (f.outcome != "" || e.Outcome == isolate.Success) || !strings.Contains(e.Message, f.message) {
				t.Errorf("recorded as %s, want %s: ...%s...\n%s", e, cmp.Or(f.outcome, "any but success"), f.message, e.Tail)
			}
			if strings.HasPrefix(f.name, "daemon left") && e.Leaked != 2 || strings.Contains(f.message, "(killed)") != e.Killed && e.Outcome == isolate.Stopped {
				t.Errorf("leaked %d, killed %t", e.Leaked, e.Killed)
			}
			if len(left) > 0 {
				t.Errorf("left: %q", left)
			}
		})
	}
	for _, mode := range []string{"func", "shell"} {
		t.Run("host killed, "+mode, func(t *testing.T) {
			at, swept := killHost(t, mode, "", mode == "shell" || given(s, isolate.LayerTreeKill).Given != isolate.Yes)
			row("the host killed by SIGKILL, "+mode, "lost", isolate.Exit{Outcome: "lost", Message: "found by the next Sweep"},
				fmt.Sprintf("%d processes live on, %d swept", at, swept), 0)
		})
	}
	if left := groupsNamed("lull-" + instance + "-"); len(left) > 0 {
		t.Errorf("cgroups left: %q", left)
	}
}
