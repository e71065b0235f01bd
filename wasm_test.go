package lull_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/sqlite"
	"github.com/lullwork/lull/work"
)

// TestNoWasm: this test binary has no entry point for modules, as a program that does not
// want the runtime. It says so before it takes any request.
func TestNoWasm(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "lull.yaml")
	if err := os.WriteFile(file, []byte("tasks: {sync: {wasm: sync.wasm#sync}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := lull.Open(context.Background(), lull.Config{Store: sqlite.File(filepath.Join(dir, "lull.db")), Plan: file})
	var e *work.Error
	if !errors.As(err, &e) || e.Error() != "plan task sync: this program cannot run WebAssembly modules" || e.Hint == "" {
		t.Errorf("%v", err)
	}
}

// TestNotLinked: who does not choose WebAssembly does not link its runtime.
func TestNotLinked(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".", "./sqlite", "./isolate", "./isolate/wasm/job").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	if strings.Contains(string(out), "wazero") {
		t.Error("package lull links wazero")
	}
}
