package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/idletest"
)

var long = flag.Bool("long", false, "run slow tests")

// TestIdleWakeUps: an engine on which nothing is due wakes up once a minute, to read
// the device.
func TestIdleWakeUps(t *testing.T) {
	if !*long {
		t.Skip("takes more than two minutes: use -long")
	}
	dir := t.TempDir()
	plan := filepath.Join(dir, "lull.yaml")
	const text = "tasks:\n  daily: {run: 'true', every: 24h}\n  held: {run: 'true', needs: {charging: true}}\n"
	if err := os.WriteFile(plan, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	lull, err := exec.LookPath("lull") // testscript's: this test binary
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	cmd := exec.Command(lull, "run", plan, "--pretend", "charging=no")
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	const settled, polls = 20 * time.Second, 2
	time.Sleep(settled)
	n := idletest.WakeUps(t, cmd.Process.Pid, polls*time.Minute)
	_ = cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
	if n > polls {
		t.Errorf("an idle engine woke up %d times in %v, want one a minute:\n%s", n, polls*time.Minute, &out)
	}
}
