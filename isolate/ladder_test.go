//go:build linux

package isolate_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull/isolate"
)

// TestLadder runs a host process whose kernel seems to have neither landlock nor
// seccomp, nor namespaces: what is left out is told, and what is required is refused.
func TestLadder(t *testing.T) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), "ISOLATE_TEST_PARENT=poor")
	out, err := cmd.CombinedOutput()
	if err != nil && strings.Contains(string(out), "no seccomp to begin with") {
		skipOrFail(t, string(isolate.LayerSyscalls), string(out))
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if got, want, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " WANT "); !ok || got != want {
			t.Error(line)
		}
	}
	if n := strings.Count(string(out), " WANT "); n < 9 {
		t.Errorf("%d answers:\n%s", n, out)
	}
}

// impoverish takes system calls away from all threads of this process, as if the kernel
// were built without them.
func impoverish(calls ...uint32) error {
	p := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS}}
	for _, nr := range calls {
		p = append(p, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: nr},
			unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)})
	}
	p = append(p, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW})
	prog := unix.SockFprog{Len: uint16(len(p)), Filter: &p[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&prog)))
	if errno != 0 {
		return errno
	}
	return nil
}

func poorMain() int {
	if err := impoverish(unix.SYS_LANDLOCK_CREATE_RULESET, unix.SYS_SECCOMP, unix.SYS_UNSHARE); err != nil {
		fmt.Println("no seccomp to begin with:", err)
		return 1
	}
	s, err := isolate.NewSpawner(isolate.Config{Instance: "poor"})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	for _, l := range s.Layers() {
		switch l.Name {
		case isolate.LayerFiles:
			fmt.Println(l.Given, l.Why, "WANT no this kernel is built without landlock, which came with Linux 5.13")
		case isolate.LayerNetwork, isolate.LayerSyscalls:
			fmt.Println(l.Given, l.Why, "WANT no seccomp is refused: "+syscall.ENOSYS.Error())
		case isolate.LayerPrivileges:
			fmt.Println(l.Given, "WANT yes")
		}
	}
	box := &isolate.Sandbox{NoNetwork: true}
	for _, spec := range []isolate.Spec{
		{Shell: "cat /etc/hostname > /dev/null", Sandbox: box},
		{Func: script.Name(), Input: []byte(`"cat /etc/hostname > /dev/null"`), Sandbox: box},
	} {
		p, err := s.Start(spec)
		if err != nil {
			fmt.Println(err)
			return 1
		}
		e := p.Wait()
		fmt.Println(e.Outcome, strings.Join(e.Layers, "; "), "WANT success files: not enforced (this kernel is built without landlock, which came with Linux 5.13); "+
			"syscalls: not enforced (seccomp is refused: "+syscall.ENOSYS.Error()+"); privileges: no_new_privs + capabilities; "+
			"network: not enforced (seccomp is refused: "+syscall.ENOSYS.Error()+")")
	}
	for _, name := range []isolate.LayerName{isolate.LayerFiles, isolate.LayerNetwork} {
		_, err := s.Start(isolate.Spec{ID: "x", Shell: "true", Sandbox: box, Require: []isolate.LayerName{name}})
		fmt.Println(errors.Is(err, isolate.ErrCannotEnforce), strings.Contains(fmt.Sprint(err), "this host cannot enforce "+string(name)+": "), "WANT true true")
	}
	fmt.Println(s.Close(), "WANT <nil>")
	return 0
}
