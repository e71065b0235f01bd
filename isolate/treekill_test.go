//go:build linux

package isolate_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

// tricks are ways to outlive a kill. Each script says "ready" when its tree stands.
var tricks = map[string]string{
	"setsid":         `setsid sleep 600 & setsid sh -c 'sleep 600; true' & echo ready; sleep 600`,
	"daemonize":      `(setsid sh -c 'setsid sleep 600 & setsid sleep 600 &' &); sleep 0.05; echo ready; sleep 600`,
	"leave behind":   `setsid sleep 600 & sleep 600 & echo ready`,
	"term ignored":   `trap '' TERM; sleep 600 & echo ready; while :; do sleep 600; done`,
	"fork storm":     `i=0; while [ $i -lt 100 ]; do setsid sh -c 'sleep 600 & sleep 600' & i=$((i+1)); done; echo ready; wait`,
	"stopped":        `sleep 600 & kill -STOP $!; echo ready; kill -STOP $$; sleep 600`,
	"no environment": `env -i setsid sh -c 'env -i setsid sleep 600 & sleep 600' & echo ready; sleep 600`,
	// A chain of processes that each start the next one and end: no list of processes is
	// ever complete.
	"chain": `f() { setsid sh -c "$1" sh "$1" & }; echo ready; f 'sleep 0.003; setsid sh -c "$1" sh "$1" & exit'; sleep 600`,
}

var tiers = []isolate.Tier{isolate.TierCgroup, isolate.TierNamespace, isolate.TierGroup}

// forced returns a spawner with one tier, and its instance.
func forced(t *testing.T, tier isolate.Tier) (*isolate.Spawner, string) {
	t.Helper()
	instance := "kill" + strconv.Itoa(os.Getpid()) + "." + strconv.FormatInt(time.Now().UnixNano(), 36)
	if s, err := isolate.NewSpawner(isolate.Config{}); err != nil {
		t.Fatal(err)
	} else {
		has := slices.Contains(s.Tiers(), tier)
		_ = s.Close()
		if !has {
			skipOrFail(t, map[isolate.Tier]string{isolate.TierCgroup: "cgroup", isolate.TierNamespace: "ns"}[tier], "this host has no "+string(tier))
		}
	}
	return newSpawner(t, isolate.Config{Instance: instance, Tier: tier}), instance
}

func TestTreeKill(t *testing.T) {
	t.Parallel()
	times := 1
	if *long {
		times = *repeats
	}
	for _, tier := range tiers {
		t.Run(string(tier), func(t *testing.T) {
			s, instance := forced(t, tier)
			for name, text := range tricks {
				if (name == "chain" || name == "no environment") && tier == isolate.TierGroup {
					continue // documented: a sweep cannot find these
				}
				for _, isFunc := range []bool{false, true} {
					kind := map[bool]string{false: "program", true: "function"}[isFunc]
					t.Run(kind+"/"+name, func(t *testing.T) {
						for range times {
							killOnce(t, s, instance, tier, name, text, isFunc)
						}
					})
				}
			}
			if left := groupsNamed("lull-" + instance); len(left) > 0 {
				t.Errorf("cgroups left: %q", left)
			}
		})
	}
}

func killOnce(t *testing.T, s *isolate.Spawner, instance string, tier isolate.Tier, name, text string, isFunc bool) {
	log := logFile(t)
	// A process without the mark is known by the time it sleeps.
	sleep := "600." + strconv.Itoa(rand.IntN(1_000_000_000))
	text = strings.ReplaceAll(text, "600", sleep)
	spec := isolate.Spec{Shell: text, OutputLog: log}
	if isFunc {
		spec.Shell, spec.Func, spec.Input = "", script.Name(), []byte(strconv.Quote(text))
	}
	p := start(t, s, spec)
	awaitText(t, log, "ready")
	began := time.Now()
	if name != "leave behind" {
		p.Kill()
	}
	e := wait(t, p)
	took := time.Since(began)
	left := slices.Concat(marked("LULL_ISOLATE="+instance+"/"), processesWith("cmdline", sleep))
	if len(left) > 0 {
		t.Errorf("%d survivors: %q", len(left), left)
	}
	if took >= isolate.DefaultGrace {
		t.Errorf("gone after %v, as if it had been asked to stop", took)
	}
	if e.Tier != tier {
		t.Errorf("tier %q, want %q", e.Tier, tier)
	}
	switch {
	case name == "leave behind":
		if e.Outcome != isolate.Success || e.Killed || e.Leaked != 2 {
			t.Errorf("%s, killed %t, leaked %d\n%s", e, e.Killed, e.Leaked, e.Tail)
		}
	case e.Outcome != isolate.Stopped || !e.Killed:
		t.Errorf("%s, killed %t\n%s", e, e.Killed, e.Tail)
	}
}

// TestHostKilled kills a host process and looks what is left of its runs.
func TestHostKilled(t *testing.T) {
	for _, test := range []struct {
		mode     string
		tier     isolate.Tier
		survives bool // until the next Sweep
	}{
		{"func", "", false},
		{"func", isolate.TierCgroup, true},
		{"func", isolate.TierNamespace, false},
		{"func", isolate.TierGroup, true},
		{"shell", "", true},
		{"shell", isolate.TierCgroup, true},
		{"shell", isolate.TierNamespace, false},
		{"shell", isolate.TierGroup, true},
		{"shim", isolate.TierCgroup, true},
		{"boxed func", "", false},
		{"boxed func", isolate.TierCgroup, true},
		{"boxed shell", isolate.TierNamespace, false},
		{"boxed shell", isolate.TierCgroup, true},
	} {
		t.Run(test.mode+" "+string(test.tier), func(t *testing.T) {
			forced(t, cmp.Or(test.tier, isolate.TierNamespace))
			left, killed := killHost(t, test.mode, test.tier, test.survives)
			if !test.survives && left > 0 {
				t.Errorf("%d survivors", left)
			}
			if test.survives && killed < 3 {
				t.Errorf("the sweep killed %d", killed)
			}
		})
	}
}

// killHost kills a host process with SIGKILL. It returns how many processes of its run
// live on, after a while if none should, and how many the next sweep killed, after which
// there must be none.
func killHost(t *testing.T, mode string, tier isolate.Tier, survives bool) (left, killed int) {
	t.Helper()
	instance := "host" + strconv.FormatInt(time.Now().UnixNano(), 36)
	log := logFile(t)
	host := exec.Command("/proc/self/exe")
	host.Env = append(os.Environ(), "ISOLATE_TEST_PARENT="+mode, "ISOLATE_TEST_INSTANCE="+instance,
		"ISOLATE_TEST_TIER="+string(tier), "ISOLATE_TEST_LOG="+log)
	host.Stdout, host.Stderr = os.Stderr, os.Stderr
	stdin, err := host.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stdin.Close() }()
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	awaitText(t, log, "ready")
	mark := "LULL_ISOLATE=" + instance + "/"
	for end := time.Now().Add(patience); len(marked(mark)) < 5 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if err := host.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = host.Wait()
	for end := time.Now().Add(patience); !survives && len(marked(mark)) > 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	left = len(marked(mark))
	next := newSpawner(t, isolate.Config{Instance: instance})
	killed, err = next.Sweep()
	if err != nil {
		t.Error("sweep:", err)
	}
	if left := marked(mark); len(left) > 0 {
		t.Errorf("%d survivors after the sweep: %q", len(left), left)
	}
	if left := groupsNamed("lull-" + instance); len(left) > 0 {
		t.Errorf("cgroups left: %q", left)
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "lull-"+instance+"*")); len(left) > 0 {
		t.Errorf("scratch folders left: %q", left)
	}
	return left, killed
}

func TestSweepSparesOthers(t *testing.T) {
	log := logFile(t)
	other := newSpawner(t, isolate.Config{Instance: "sweep-b"})
	p := start(t, other, isolate.Spec{Shell: "echo ready; sleep 600", OutputLog: log})
	awaitText(t, log, "ready")
	s := newSpawner(t, isolate.Config{Instance: "sweep"})
	if n, err := s.Sweep(); n != 0 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	select {
	case <-p.Done():
		t.Error("the sweep killed a run of another instance:", p.Wait())
	default:
	}
	if _, err := other.Sweep(); err == nil {
		t.Error("a sweep with live runs was allowed")
	}
	p.Kill()
	wait(t, p)
}

func TestNestedRunCarriesBothMarks(t *testing.T) {
	t.Setenv("LULL_ISOLATE", "outer/1")
	s := newSpawner(t, isolate.Config{Instance: "inner"})
	e := wait(t, start(t, s, isolate.Spec{ID: "x", Shell: `echo "$LULL_ISOLATE"`}))
	if got := strings.TrimSpace(string(e.Tail)); got != "outer/1 inner/x" {
		t.Error(got)
	}
}

// TestNoGrowth runs many isolates and looks for what they leave in this process.
func TestNoGrowth(t *testing.T) {
	runs := 240
	if *long {
		runs = 10_000
	}
	instance := "growth" + strconv.Itoa(os.Getpid()) // another run of this test may go on
	s := newSpawner(t, isolate.Config{Instance: instance})
	one := func(i int) {
		spec := isolate.Spec{Shell: "exit 0", OutputLog: filepath.Join(t.TempDir(), "log")}
		switch i % 6 {
		case 0:
			spec = isolate.Spec{Func: double.Name(), Input: []byte("4")}
		case 1:
			spec = isolate.Spec{Argv: []string{"true"}, MemoryBytes: 256 << 20, Processes: 50}
		case 2:
			spec = isolate.Spec{Argv: []string{"no-such-program"}}
		case 3:
			spec = isolate.Spec{Shell: "sleep 600 & echo hi", Input: []byte("{}")}
		case 4:
			spec = isolate.Spec{
				Func: double.Name(), Input: []byte("4"), Sandbox: &isolate.Sandbox{NoNetwork: true}, Wall: time.Minute, CPUTime: time.Minute,
				Secrets: map[string][]byte{"k": []byte("v")},
			}
			if i%12 == 4 {
				spec.Func, spec.Input, spec.Argv = "", nil, []string{"true"}
			}
		}
		e := wait(t, start(t, s, spec))
		if want := e.Outcome == isolate.NotStarted; e.Outcome != isolate.Success && want != (i%6 == 2) {
			t.Fatal(i, e)
		}
	}
	for i := range 10 {
		one(i)
	}
	fds, goroutines, threads, memory := openFiles(t), goroutineCount(), threadCount(t), residentKiB()
	for i := range runs {
		one(i)
	}
	if now := openFiles(t); now > fds+2 {
		t.Errorf("descriptors grew from %d to %d", fds, now)
	}
	if now := goroutineCount(); now > goroutines+5 {
		t.Errorf("goroutines grew from %d to %d", goroutines, now)
	}
	if now := threadCount(t); now > threads+8 {
		t.Errorf("threads grew from %d to %d", threads, now)
	}
	if now := residentKiB(); *long && now > memory+5<<10 {
		t.Errorf("resident memory grew from %d to %d KiB", memory, now)
	}
	if z := zombies(); len(z) > 0 {
		t.Errorf("zombies: %q", z)
	}
	if left := groupsNamed("lull-" + instance); len(left) > 0 {
		t.Errorf("cgroups left: %q", left)
	}
	if left := marked("LULL_ISOLATE=" + instance + "/"); len(left) > 0 {
		t.Errorf("processes left: %q", left)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

func threadCount(t *testing.T) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

// residentKiB is the resident memory of this process after a garbage collection.
func residentKiB() (kib int) {
	debug.FreeOSMemory()
	data, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut(string(data), "VmRSS:")
	_, _ = fmt.Sscan(rest, &kib)
	return kib
}

// zombies lists the dead children of this process that nobody has reaped.
func zombies() []string {
	var found []string
	dirs, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range dirs {
		data, _ := os.ReadFile(file)
		_, rest, _ := strings.Cut(string(data), ") ")
		if strings.HasPrefix(rest, fmt.Sprintf("Z %d ", os.Getpid())) {
			found = append(found, string(data))
		}
	}
	return found
}
