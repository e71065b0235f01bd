package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
)

// chunk makes entries first to last, told at the engine time of their seq.
func chunk(t testing.TB, first, last int64, text string) record.Chunk {
	t.Helper()
	c := record.Chunk{First: first, Last: last, At: last}
	for seq := first; seq <= last; seq++ {
		b, err := json.Marshal(record.Entry{Seq: seq, At: seq, Kind: record.EntryEngine, Text: text})
		if err != nil {
			t.Fatal(err)
		}
		c.Lines = append(append(c.Lines, b...), '\n')
	}
	return c
}

func open(t testing.TB, path string) *File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.f.Close() })
	return f
}

func mustAppend(t testing.TB, f *File, c record.Chunk) {
	t.Helper()
	if err := f.Append(c); err != nil {
		t.Fatal(err)
	}
}

// holds checks that files, oldest first, hold the entries 1 to last, each once.
func holds(t testing.TB, last int64, paths ...string) {
	t.Helper()
	next := int64(1)
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		err = Read(bytes.NewReader(b), func(e record.Entry) bool {
			if e.Seq != next {
				t.Errorf("%s: entry %d comes where %d is due", p, e.Seq, next)
			}
			next = e.Seq + 1
			return true
		})
		if err != nil {
			t.Errorf("%s: %v", p, err)
		}
	}
	if next != last+1 {
		t.Errorf("the last entry is %d, not %d", next-1, last)
	}
}

func TestAppend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	f := open(t, path)
	mustAppend(t, f, chunk(t, 1, 3, ""))
	mustAppend(t, f, chunk(t, 1, 3, "")) // known
	mustAppend(t, f, chunk(t, 2, 5, "")) // partly known
	if err := f.Append(chunk(t, 7, 8, "")); !errors.Is(err, ErrGap) || !strings.Contains(err.Error(), "entry 5") {
		t.Errorf("a gap: %v", err)
	}
	mustAppend(t, f, record.Chunk{})
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Append(chunk(t, 6, 6, "")); err == nil || f.Last() != 5 {
		t.Errorf("written to a closed file: %v, last %d", err, f.Last())
	}
	f = open(t, path)
	if f.Last() != 5 {
		t.Errorf("reopened: last %d", f.Last())
	}
	mustAppend(t, f, chunk(t, 6, 6, ""))
	holds(t, 6, path)
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st.Mode(), err)
	}
}

func TestOpenCutsTheEnd(t *testing.T) {
	whole := chunk(t, 1, 3, strings.Repeat("x", 100_000)) // longer than one read
	for name, tail := range map[string]string{
		"nothing": "", "half a line": `{"seq":4,"time":"2026`, "a line without its end": `{"seq":4,"at":0,"kind":"engine"}`,
		"zeros": strings.Repeat("\x00", 5000), "zeros and a newline": strings.Repeat("\x00", 70_000) + "\n",
		"other lines": "{}\nnull\n[]\n\n\n", "text": "no JSON\n",
	} {
		path := filepath.Join(t.TempDir(), "journal.jsonl")
		if err := os.WriteFile(path, append(bytes.Clone(whole.Lines), tail...), 0o600); err != nil {
			t.Fatal(err)
		}
		f := open(t, path)
		if f.Last() != 3 {
			t.Errorf("%s: last %d", name, f.Last())
		}
		mustAppend(t, f, chunk(t, 4, 4, ""))
		holds(t, 4, path)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "missing", "journal.jsonl"), os.DevNull} {
		if f, err := Open(path); err == nil {
			t.Errorf("%s is opened: %v", path, f.Close())
		}
	}
}

func TestRotate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.jsonl")
	f := open(t, path)
	f.rotateAt = 2000
	seq := int64(0)
	for range 1000 {
		mustAppend(t, f, chunk(t, seq+1, seq+3, ""))
		seq += 3
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != kept+1 {
		t.Fatalf("%v, %v", files, err)
	}
	var es []int64
	for n := kept; n >= 0; n-- {
		p := path
		if n > 0 {
			p = f.aside(n)
		}
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 && len(b) < 2000 || len(b) > 2400 {
			t.Errorf("%s has %d bytes", p, len(b))
		}
		if err := Read(bytes.NewReader(b), func(e record.Entry) bool { es = append(es, e.Seq); return true }); err != nil {
			t.Error(err)
		}
	}
	for i := range es {
		if es[i] != seq-int64(len(es)-1-i) {
			t.Fatalf("%d. of %d entries is %d", i, len(es), es[i])
		}
	}
	// It goes on where it was, also if the new file is still empty.
	if err := f.rotate(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if f = open(t, path); f.Last() != seq {
		t.Errorf("last %d, not %d", f.Last(), seq)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if f = open(t, path); f.Last() != seq {
		t.Errorf("without a file: last %d, not %d", f.Last(), seq)
	}
}

// filled returns a store whose journal is made of chunks.
func filled(t testing.TB, cs ...record.Chunk) *store.Memory {
	t.Helper()
	m := store.NewMemory()
	if _, err := m.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range cs {
		if err := m.Commit(t.Context(), &record.Tx{Meta: &record.Meta{Journal: c.Last, At: c.At}, Journal: c}); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func catchUp(t testing.TB, f *File, m *store.Memory) {
	t.Helper()
	b, err := m.Browse(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := f.CatchUp(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

func TestCatchUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	var cs []record.Chunk
	for seq := int64(1); seq < 900; seq += 3 {
		cs = append(cs, chunk(t, seq, seq+2, ""))
	}
	m := filled(t, cs...)
	f := open(t, path)
	catchUp(t, f, m)
	catchUp(t, f, m)
	holds(t, 900, path)
	// Its end is lost in the midst of a chunk.
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lost := bytes.Index(b, []byte(`{"seq":500,`)) + 7
	if err := os.WriteFile(path, b[:lost], 0o600); err != nil {
		t.Fatal(err)
	}
	f = open(t, path)
	if f.Last() != 499 {
		t.Fatalf("last %d", f.Last())
	}
	catchUp(t, f, m)
	holds(t, 900, path)
}

func TestCatchUpBeyondAge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	f := open(t, path)
	mustAppend(t, f, chunk(t, 1, 5, ""))
	m := filled(t, chunk(t, 1, 5, ""), chunk(t, 6, 9, ""), chunk(t, 10, 12, ""))
	if err := m.Commit(t.Context(), &record.Tx{Prune: &record.Prune{JournalBefore: 10}}); err != nil {
		t.Fatal(err)
	}
	catchUp(t, f, m)
	if f.Last() != 12 {
		t.Errorf("last %d", f.Last())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(b, []byte("\n")); n != 8 {
		t.Errorf("%d entries, not 1 to 5 and 10 to 12", n)
	}
	// All of it is too old, and nothing is lost.
	if err := m.Commit(t.Context(), &record.Tx{Prune: &record.Prune{JournalBefore: 100}}); err != nil {
		t.Fatal(err)
	}
	catchUp(t, f, m)
	if f.Last() != 12 {
		t.Errorf("with nothing in the store: last %d", f.Last())
	}
}

func TestCatchUpWithAnotherState(t *testing.T) {
	for name, there := range map[string]record.Chunk{
		"longer": chunk(t, 1, 50, "another"), "shorter": chunk(t, 1, 3, "another"), "empty": {},
	} {
		t.Log(name)
		path := filepath.Join(t.TempDir(), "journal.jsonl")
		f := open(t, path)
		mustAppend(t, f, chunk(t, 1, 20, "one"))
		catchUp(t, f, filled(t, there))
		holds(t, there.Last, path)
		holds(t, 20, f.aside(1))
		mustAppend(t, f, chunk(t, there.Last+1, there.Last+1, "another"))
		holds(t, there.Last+1, path)
	}
}

func TestCatchUpErrors(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "journal.jsonl"))
	m := filled(t, chunk(t, 1, 3, ""))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.CatchUp(ctx, m); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	mustAppend(t, f, chunk(t, 1, 1, ""))
	if err := f.CatchUp(ctx, m); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	_ = f.f.Close()
	if err := f.CatchUp(t.Context(), m); !errors.Is(err, os.ErrClosed) || f.Last() != 1 {
		t.Errorf("%v, last %d", err, f.Last())
	}
}

// FuzzOpen opens whatever a crash may have left: what stays is a prefix whose last line
// is an entry, and what is appended can be read.
func FuzzOpen(f *testing.F) {
	c := chunk(f, 1, 2, "text")
	f.Add([]byte(""))
	f.Add(c.Lines)
	f.Add(append(bytes.Clone(c.Lines), "\x00\x00\n{"...))
	f.Add([]byte("\n\n{\"seq\":9,\"kind\":\"x\"}"))
	f.Add([]byte(fmt.Sprintf("{\"seq\":%d,\"kind\":\"x\"}\n", int64(1)<<62)))
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "journal.jsonl")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		j := open(t, path)
		left, err := os.ReadFile(path)
		if err != nil || !bytes.HasPrefix(b, left) || len(left) > 0 && left[len(left)-1] != '\n' {
			t.Fatalf("%q became %q, %v", b, left, err)
		}
		if (j.Last() == 0) != (len(left) == 0) {
			t.Fatalf("last %d of %q", j.Last(), left)
		}
		mustAppend(t, j, chunk(t, j.Last()+1, j.Last()+1, ""))
		if again := open(t, path); again.Last() != j.Last() {
			t.Fatalf("last %d, then %d", j.Last(), again.Last())
		}
	})
}
