//go:build linux

package isolate_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

// TestUnprivileged runs a host process that may make neither cgroups nor namespaces, as
// in a usual container: the weakest tier and the limits that need no right.
func TestUnprivileged(t *testing.T) {
	if os.Getuid() != 0 {
		skipOrFail(t, "root", "only root can become another user")
	}
	// A copy that the other user can execute.
	dir, err := os.MkdirTemp("", "lull-test-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	self := filepath.Join(dir, "self")
	src, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = src.Close() }()
	dst, err := os.OpenFile(self, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(dst, src)
	if err := dst.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "ISOLATE_TEST_PARENT=unprivileged", "TMPDIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if *long {
		cmd.Env = append(cmd.Env, "ISOLATE_TEST_LONG=1")
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if got, want, ok := strings.Cut(strings.TrimSpace(line), " WANT "); !ok || got != want {
			t.Error(line)
		}
	}
}

func unprivilegedMain() int {
	s, err := isolate.NewSpawner(isolate.Config{Instance: "unprivileged"})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(s.Tiers(), "WANT", []isolate.Tier{isolate.TierGroup})
	run := func(spec isolate.Spec, want string) {
		p, err := s.Start(spec)
		if err != nil {
			fmt.Println(err)
			return
		}
		e := p.Wait()
		fmt.Println(e.Outcome, e.Leaked, e.Layers, "WANT", want)
	}
	run(isolate.Spec{Func: double.Name(), Input: []byte("1")}, "success 0 []")
	run(isolate.Spec{Shell: "setsid sleep 600 & sleep 600 &"}, "success 2 []")
	run(isolate.Spec{Func: script.Name(), Input: []byte(`"setsid sleep 600 & sleep 600 &"`)}, "success 2 []")
	const memory = "[memory: RLIMIT_DATA of each process]"
	if !raceEnabled { // the race detector's shadow memory is over any limit
		run(isolate.Spec{Func: behave.Name(), Input: []byte(`"memory"`), MemoryBytes: 300 << 20}, "out-of-memory 0 "+memory)
		run(isolate.Spec{Func: double.Name(), Input: []byte("1"), MemoryBytes: 300 << 20}, "success 0 "+memory)
	}
	run(isolate.Spec{Shell: "ulimit -d; ulimit -Hd", MemoryBytes: 32 << 20}, "success 0 "+memory)
	run(isolate.Spec{Shell: "[ $(ulimit -d) = 32768 ] && [ $(ulimit -Hd) = 32768 ]", MemoryBytes: 32 << 20}, "success 0 "+memory)
	boxed := &isolate.Sandbox{NoNetwork: true}
	const full, noNet = "files: landlock ABI", "network: seccomp"
	boxes := []isolate.Spec{
		{Shell: "cat /etc/hostname && exit 1; ls / && exit 2; echo x > $TMPDIR/x", Sandbox: boxed},
		{Func: script.Name(), Input: []byte(`"cat /etc/hostname && exit 1; ls / && exit 2; echo x > $TMPDIR/x"`), Sandbox: boxed},
	}
	for _, spec := range boxes {
		p, err := s.Start(spec)
		if err != nil {
			fmt.Println(err)
			return 1
		}
		e := p.Wait()
		want := "success true true"
		for _, l := range s.Layers() { // as far as an unprivileged process on this kernel has it
			if l.Name == isolate.LayerFiles && l.Given != isolate.Yes {
				want = fmt.Sprint(e.Outcome, " false ", slices.Contains(e.Layers, noNet))
			}
		}
		fmt.Println(e.Outcome, strings.HasPrefix(e.Layers[0], full), slices.Contains(e.Layers, noNet), "WANT", want)
	}
	const eachCPU = "[cpu: RLIMIT_CPU of each process]"
	run(isolate.Spec{Shell: "while :; do :; done", CPUTime: time.Second}, "stopped 0 "+eachCPU)
	if os.Getenv("ISOLATE_TEST_LONG") != "" { // seconds of processor time
		run(isolate.Spec{Func: behave.Name(), Input: []byte(`"spin until asked"`), CPUTime: time.Second}, "stopped 0 "+eachCPU)
		run(isolate.Spec{Func: behave.Name(), Input: []byte(`"spin"`), CPUTime: time.Second, Grace: time.Second}, "stopped 0 "+eachCPU)
	}
	run(isolate.Spec{Shell: "true", Processes: 10}, "success 0 [processes: not enforced]")
	p, err := s.Start(isolate.Spec{Shell: "trap '' TERM; setsid sleep 600 & echo ready; sleep 600", OutputLog: "log"})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	for data := []byte(nil); len(data) == 0; data, _ = os.ReadFile("log") {
		time.Sleep(time.Millisecond)
	}
	p.Stop("enough", 10*time.Millisecond)
	e := p.Wait()
	fmt.Println(e.Outcome, e.Killed, len(marked("LULL_ISOLATE=unprivileged/")), "WANT stopped true 0")
	return 0
}
