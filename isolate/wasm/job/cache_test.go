package job_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate/wasm/job"
)

func TestPruneCache(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	for name, age := range map[string]time.Duration{"old": 3 * time.Hour, "new-123": 2 * time.Hour, "fresh": time.Minute} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Join(path, "inside"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, now.Add(-3*time.Hour), now.Add(-3*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := job.PruneCache(dir, now.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	var left []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if want := []string{"file", "fresh"}; !slices.Equal(left, want) {
		t.Errorf("left %v, want %v", left, want)
	}
	if err := job.PruneCache(filepath.Join(dir, "missing"), now); err != nil {
		t.Error(err)
	}
}
