package tree

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestRemoveAbandoned uses plain folders: what holds something cannot be removed, either.
func TestRemoveAbandoned(t *testing.T) {
	over := exec.Command("true")
	if err := over.Run(); err != nil {
		t.Fatal(err)
	}
	here := pidNamespace()
	if here == "0" {
		t.Skip("SKIPPED, not tested: /proc tells no namespace of process ids")
	}
	dir := t.TempDir()
	for name, stays := range map[string]bool{
		fmt.Sprintf("lull-pid%d.%s.ABC-run-1", over.Process.Pid, here):    false,
		fmt.Sprintf("lull-pid%d.%s1.ABC-run-1", over.Process.Pid, here):   true, // in another namespace it may live
		fmt.Sprintf("lull-pid%d.ABC-run-1", over.Process.Pid):             true,
		fmt.Sprintf("lull-pid%d.%s.FULL-run-1", over.Process.Pid, here):   true,
		fmt.Sprintf("lull-pid%d.%s.ABC-run-1", os.Getpid(), here):         true,
		fmt.Sprintf("lull-pidgin%d.%s.ABC-run", over.Process.Pid, here):   true,
		fmt.Sprintf("lull-named.%d.%s.ABC-run-1", over.Process.Pid, here): true,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(name) == ".FULL-run-1" {
			if err := os.Mkdir(filepath.Join(path, "process"), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		removeAbandoned(dir)
		if _, err := os.Stat(path); (err == nil) != stays {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := cleanInstance(Unnamed()); got[:3] != unnamed || len(got) > 80 {
		t.Error(got)
	}
}
