//go:build linux

package isolate_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/lullwork/lull/isolate"
)

// TestModesOutside tries to change what landlock knows nothing of: the mode, the owner and
// the times of files that the run may not write.
func TestModesOutside(t *testing.T) {
	t.Parallel()
	s := newSpawner(t, isolate.Config{})
	needLayer(t, s, isolate.LayerFiles)
	if !strings.Contains(given(s, isolate.LayerFiles).Means, "read-only mounts") {
		skipOrFail(t, "mounts", "no read-only mounts can be made here")
	}
	outside, inside := t.TempDir(), t.TempDir()
	for _, dir := range []string{outside, inside + "/deep/er"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(dir+"/file", nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before, err := os.Stat(outside + "/file")
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(inside, link); err != nil {
		t.Fatal(err)
	}
	const change = `for d in %s; do chmod 4777 $d/file; chown 1234 $d/file; touch -d 2001-01-01 $d/file; done; ` +
		`cd deep/er && chmod 640 file && echo x > new && echo x > "$TMPDIR/x" && mv new ../new && echo done`
	line := fmt.Sprintf(change, outside)
	for name, spec := range map[string]isolate.Spec{
		"program":  {Shell: line},
		"function": {Func: script.Name(), Input: []byte(strconv.Quote(line))},
	} {
		for _, write := range [][]string{{inside}, {link}, {"."}, {"deep", inside}, {inside, inside + "/deep/er/file"}} {
			for _, tier := range s.Tiers() {
				forcedTo, _ := forced(t, tier)
				spec.Dir, spec.Sandbox = inside, &isolate.Sandbox{Read: []string{outside}, Write: write}
				e := wait(t, start(t, forcedTo, spec))
				if e.Outcome != isolate.Success || strings.Count(string(e.Tail), "Read-only file system") != 3 || !strings.HasSuffix(string(e.Tail), "done\n") {
					t.Errorf("%s, %s, write %q: %v\n%s", name, tier, write, e, e.Tail)
				}
			}
		}
	}
	after, err := os.Stat(outside + "/file")
	if err != nil || after.Mode() != before.Mode() || !after.ModTime().Equal(before.ModTime()) {
		t.Error(after, err)
	}
	if mounts, err := os.ReadFile("/proc/self/mountinfo"); err != nil || strings.Contains(string(mounts), inside) {
		t.Errorf("mounts of runs are seen here: %v\n%s", err, mounts)
	}
}
