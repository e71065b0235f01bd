package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/lullwork/lull/internal/record"
)

func entries(first, last int64) record.Chunk {
	var b bytes.Buffer
	for n := first; n <= last; n++ {
		fmt.Fprintf(&b, "{\"seq\":%d,\"kind\":\"started\",\"text\":%q}\n", n, bytes.Repeat([]byte("x"), int(n%300)))
	}
	return record.Chunk{First: first, Last: last, Lines: b.Bytes()}
}

// TestHole: a file is taken up where a power cut left it whole, wherever the damage is.
func TestHole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	const last = 2000
	whole := entries(1, last).Lines
	for _, c := range []struct {
		name     string
		from, to int // zeroed
		size     int
	}{
		{"none", 0, 0, len(whole)},
		{"cut", 0, 0, len(whole) - 7},
		{"cut at an end", 0, 0, len(entries(1, 1234).Lines)},
		{"first page", 0, 4096, len(whole)},
		{"a page inside", 40960, 45056, len(whole)},
		{"a byte inside", 99999, 100000, len(whole)},
		{"the last page", len(whole) / 4096 * 4096, len(whole), len(whole)},
		{"all", 0, len(whole), len(whole)},
		{"empty", 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := bytes.Clone(whole)
			clear(b[c.from:c.to])
			if err := os.WriteFile(path, b[:c.size], 0o600); err != nil {
				t.Fatal(err)
			}
			sound := min(c.size, len(whole))
			if c.to > 0 {
				sound = c.from
			}
			want := int64(bytes.Count(whole[:sound], []byte("\n")))
			j, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			if j.Last() != want {
				t.Errorf("it ends with entry %d, want %d", j.Last(), want)
			}
			if err := j.Append(entries(1, last)); err != nil {
				t.Fatal(err)
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, whole) {
				t.Errorf("made up to %d bytes of %d, %v", len(got), len(whole), err)
			}
		})
	}
}
