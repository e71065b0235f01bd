package sense

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull/internal/idletest"
	"github.com/lullwork/lull/internal/record"
)

// again runs a test anew in a process of its own and returns its output.
func again(t *testing.T, attr *syscall.SysProcAttr, env ...string) (string, error) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), env...)
	attr.Pdeathsig = syscall.SIGKILL
	cmd.SysProcAttr = attr
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestNamespace runs in a network namespace of its own: links, routes and kernel
// events are real there.
func TestNamespace(t *testing.T) {
	const inside = "SENSE_TEST_NAMESPACE"
	if os.Getenv(inside) == "" {
		needs(t, "ns", os.Geteuid() == 0, "network namespaces need root")
		_, err := exec.LookPath("ip")
		needs(t, "ns", err == nil, "ip is not installed (Debian: iproute2)")
		out, err := again(t, &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}, inside+"=1")
		if err != nil && strings.Contains(err.Error(), "operation not permitted") {
			needs(t, "ns", false, err.Error())
		}
		t.Log(out)
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	// sysfs shows the links of the namespace that it was mounted from.
	root := t.TempDir()
	sys := filepath.Join(root, "sys")
	err := os.Mkdir(sys, 0o755)
	if err == nil {
		err = unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "")
	}
	if err == nil {
		err = unix.Mount("sysfs", sys, "sysfs", 0, "")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Unmount(sys, unix.MNT_DETACH)

	s := open(t, Config{SysRoot: root, NoBus: true})
	expect(t, s.Facts()[record.Connected], 0, "no default route")
	step := func(want int64, source string, commands ...string) {
		t.Helper()
		for _, c := range commands {
			if out, err := exec.Command("ip", strings.Fields(c)...).CombinedOutput(); err != nil {
				t.Fatalf("ip %s: %v %s", c, err, out)
			}
		}
		start := time.Now()
		expect(t, awaitValue(t, s, record.Connected, want), want, source)
		t.Logf("%s: after %v", commands[len(commands)-1], time.Since(start))
	}
	step(1, "default route by v0", "link add v0 type veth peer name v1", "link set v1 up", "link set v0 up",
		"addr add 10.9.9.2/24 dev v0", "route add default via 10.9.9.1")
	expect(t, s.Facts()[record.Metered], record.Unknown, "default route by v0")
	expect(t, s.Facts()[record.Roaming], 0, "default route by v0")
	step(0, "no default route", "link set v1 down") // the route stays, the carrier is gone
	step(1, "default route by v0", "link set v1 up")
	step(0, "no default route", "route del default")
	step(1, "default route by v0", "-6 addr add fd09::2/64 dev v0 nodad", "-6 route add default via fd09::1 dev v0")
	step(0, "no default route", "link del v0")

	t.Run("full disk", func(t *testing.T) {
		disk := t.TempDir()
		if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=1m"); err != nil {
			t.Fatal(err)
		}
		defer unix.Unmount(disk, unix.MNT_DETACH)
		s := open(t, Config{SysRoot: root, NoBus: true, DataDir: disk})
		expect(t, s.Facts()[record.StorageLow], 0, "low under 52 kB")
		file := filepath.Join(disk, "file")
		if err := os.WriteFile(file, make([]byte, 1020<<10), 0o600); err != nil {
			t.Fatal(err)
		}
		s.Refresh()
		awaitValue(t, s, record.StorageLow, 1)
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		s.Refresh()
		awaitValue(t, s, record.StorageLow, 0)
	})
	t.Run("kernel event", func(t *testing.T) {
		fake := laptop(t)
		s := open(t, Config{SysRoot: fake, ProcRoot: fake, NoBus: true})
		expect(t, s.Facts()[record.Charging], 0, "sysfs AC online=0")
		supplies(t, fake, "AC online=1")
		fd := netlink(unix.NETLINK_KOBJECT_UEVENT, 0)
		defer unix.Close(fd)
		for _, msg := range []string{"add@/x\x00SUBSYSTEM=net\x00", "change@/devices/AC\x00ACTION=change\x00SUBSYSTEM=power_supply\x00POWER_SUPPLY_ONLINE=1\x00"} {
			if err := unix.Sendto(fd, []byte(msg), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: 1}); err != nil {
				t.Fatal(err)
			}
		}
		expect(t, awaitValue(t, s, record.Charging, 1), 1, "sysfs AC online=1")
	})
}

func TestAboutPower(t *testing.T) {
	for msg, want := range map[string]bool{
		"change@/devices/x\x00ACTION=change\x00SUBSYSTEM=power_supply\x00SEQNUM=1\x00": true,
		"change@/devices/x\x00SUBSYSTEM=typec\x00":                                     true,
		"add@/devices/x\x00SUBSYSTEM=net\x00NAME=SUBSYSTEM=power_supply\x00":           false,
		"change@/devices/power_supply\x00":                                             false,
		"":                                                                             false,
	} {
		if got := aboutPower([]byte(msg)); got != want {
			t.Errorf("%q: %v", msg, got)
		}
	}
}

// TestPressureTrigger makes three times as many tasks spin as there are processors.
func TestPressureTrigger(t *testing.T) {
	_, err := os.ReadFile("/proc/pressure/cpu")
	needs(t, "psi", err == nil, "pressure stall information is off (boot with psi=1)")
	w, err := newWatch()
	if err != nil {
		t.Fatal(err)
	}
	fired, changed := newTriggered(), make(chan struct{}, 1)
	w.watchPressure("/", fired, func() { signal(changed) })
	fired.heed()
	if len(w.entries) != len(pressures) {
		t.Fatalf("%d of %d triggers are armed", len(w.entries), len(pressures))
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		w.run(ctx)
		close(done)
	}()
	defer func() {
		cancel()
		<-done
	}()
	start := time.Now()
	for range 3 * processors("/") {
		cmd := exec.Command("/bin/sh", "-c", "while :; do :; done")
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}()
	}
	late := time.After(patience)
	for !fired.holds(0) {
		select {
		case <-changed:
			fired.set(fired.holds(0)) // as the probe does
		case <-late:
			t.Fatal("the trigger did not fire")
		}
	}
	t.Logf("fired after %v", time.Since(start))
}

// TestMuted: what happens while muted wakes nobody, then or later.
func TestMuted(t *testing.T) {
	w, err := newWatch()
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Eventfd(0, unix.EFD_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	bump := func() {
		if _, err := unix.Write(fd, []byte{7: 1}); err != nil {
			t.Fatal(err)
		}
	}
	fired, calls := newTriggered(), make(chan struct{}, 8)
	fired.heeded.Store(true)
	fired.look = w.interrupt
	w.entries = []watched{{fd, unix.POLLIN, func(int16) bool {
		_, _ = unix.Read(fd, make([]byte, 8))
		fired.fire(0)
		calls <- struct{}{}
		return true
	}, fired.muted}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		w.run(ctx)
		close(done)
	}()
	for range 3 {
		bump()
		<-calls
		bump() // while it is high
		time.Sleep(20 * time.Millisecond)
		if len(calls) != 0 {
			t.Fatal("an event while muted")
		}
		_, _ = unix.Read(fd, make([]byte, 8)) // PSI's discard empties itself, an eventfd does not
		fired.set(false)
	}
	bump()
	<-calls
	cancel()
	<-done
	w.interrupt() // after the end it must do nothing
}

// TestTriggerNeedsProcfs: a trigger is never written to a plain file.
func TestTriggerNeedsProcfs(t *testing.T) {
	root := fakeRoot(t, map[string]string{"proc/pressure/cpu": "some avg10=0.00"})
	path := filepath.Join(root, "proc/pressure/cpu")
	if fd := trigger(path); fd >= 0 {
		t.Error("armed a trigger on a plain file")
	}
	if b, _ := os.ReadFile(path); string(b) != "some avg10=0.00\n" {
		t.Errorf("the file has become %q", b)
	}
	if fd := trigger(filepath.Join(root, "none")); fd >= 0 {
		t.Error("armed a trigger on nothing")
	}
}

// TestClockTimer checks that the timer is armed to be cancelled by a step; the
// real clock is never set.
func TestClockTimer(t *testing.T) {
	w, err := newWatch()
	if err != nil {
		t.Fatal(err)
	}
	stepped := make(chan struct{}, 1)
	w.watchClock(func() { signal(stepped) })
	if len(w.entries) != 1 {
		t.Fatal("the timer is not armed")
	}
	fd := w.entries[0].fd
	const absoluteAndCancel = "settime flags: 03"
	if info, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", fd)); err != nil || !bytes.Contains(info, []byte(absoluteAndCancel)) {
		t.Errorf("want %q, have %s %v", absoluteAndCancel, info, err)
	}
	if !w.entries[0].ready(unix.POLLIN) { // nothing to read: no step, armed again
		t.Error("gave the timer up")
	}
	if len(stepped) != 0 {
		t.Error("a step without a step")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w.run(ctx)
}

// TestWatchGivesUp: a descriptor that only reports errors must not make a loop.
func TestWatchGivesUp(t *testing.T) {
	w, err := newWatch()
	if err != nil {
		t.Fatal(err)
	}
	var p [2]int
	if err := unix.Pipe(p[:]); err != nil {
		t.Fatal(err)
	}
	calls := make(chan int16, 8)
	w.add(p[0], unix.POLLIN, func(events int16) bool {
		calls <- events
		return false
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		w.run(ctx)
		close(done)
	}()
	unix.Close(p[1])
	if events := <-calls; events&unix.POLLHUP == 0 {
		t.Errorf("events %x", events)
	}
	cancel()
	<-done
	if len(calls) != 0 || len(w.entries) != 0 {
		t.Errorf("%d more calls, %d entries", len(calls), len(w.entries))
	}
}

// TestIdleWakeUps counts how often an idle sensor does anything.
func TestIdleWakeUps(t *testing.T) {
	const inside = "SENSE_TEST_IDLE"
	if address := os.Getenv(inside); address != "" {
		s, err := Open(t.Context(), Config{SystemBus: address})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		fmt.Println("ready")
		time.Sleep(time.Hour)
	}
	if !*long {
		t.Skip("takes two minutes: use -long")
	}
	address, _ := startBus(t, "")
	fakeUPower(t, address)
	fakeNetworkManager(t, address)
	newLogin1(t, address)
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestIdleWakeUps$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"="+address)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	const settled, polls = 15 * time.Second, 2
	time.Sleep(settled)
	if n := idletest.WakeUps(t, cmd.Process.Pid, polls*defaultPoll); n > polls {
		t.Errorf("an idle sensor woke up %d times in %v, want one a minute", n, polls*defaultPoll)
	}
}
