//go:build unix

package wasm_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/wasm"
)

// TestPipe: a pipe without another end would hold up the guest for ever, out of reach
// of its budget.
func TestPipe(t *testing.T) {
	m := compileGuest(t, "command", wasm.Config{})
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Skipf("no named pipes here: %v", err)
	}
	for _, do := range []string{"read", "write"} {
		e := run(t, m, wasm.Call{
			Input: order(do, "path", "/pipe"), Dirs: []wasm.Dir{{Host: dir, Guest: "/"}}, Budget: 20 * time.Second,
		})
		want(t, e, isolate.Error, "exit status 1")
		if !strings.Contains(string(e.Tail), "open /pipe") {
			t.Errorf("%s: %s", do, e.Tail)
		}
	}
}
