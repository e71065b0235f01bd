package journal

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
)

const (
	// rotateAt is the size from which a file is put aside before the next write.
	rotateAt = 64 << 20
	// kept is how many files that were put aside are kept.
	kept = 4
	// catchUpChunks is how many chunks are read from the store at once.
	catchUpChunks = 64
)

// ErrGap is the answer to entries that do not follow those of the file. CatchUp
// closes the gap.
var ErrGap = errors.New("journal entries are missing before these")

// File is the journal as a plain file, one JSON object a line. It is a copy: the
// store has the truth, so it is not synced, and what it lacks after a crash is
// caught up. It is used by one goroutine at a time.
type File struct {
	path     string
	f        *os.File
	size     int64
	last     int64  // seq of the last entry
	line     []byte // that entry
	rotateAt int64
}

// Open opens or makes the file at path. It cuts off what a crash left behind the
// last whole entry, or from the first hole on. Files put aside are beside it:
// journal.1.jsonl is the newest.
func Open(path string) (*File, error) {
	j := &File{path: path, rotateAt: rotateAt}
	if err := j.open(); err != nil {
		return nil, err
	}
	if j.last == 0 { // put aside just before a crash
		line, _, err := lastEntry(j.aside(1))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, errors.Join(err, j.f.Close())
		}
		j.remember(line)
	}
	return j, nil
}

func (j *File) open() error {
	f, err := os.OpenFile(j.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	line, end, err := wholeEntries(f)
	if err == nil {
		err = f.Truncate(end)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("journal: %w", err), f.Close())
	}
	j.f, j.size, j.last, j.line = f, end, 0, nil
	j.remember(line)
	return nil
}

func (j *File) remember(line []byte) {
	if e, err := Parse(line); err == nil {
		j.last, j.line = e.Seq, bytes.Clone(line)
	}
}

// aside names the n-th newest of the files put aside.
func (j *File) aside(n int) string {
	ext := filepath.Ext(j.path)
	return strings.TrimSuffix(j.path, ext) + "." + strconv.Itoa(n) + ext
}

// wholeEntries finds the last entry up to which all are whole, and where it ends. A
// power cut may lose a page in the middle, which then reads as zeros.
func wholeEntries(f *os.File) (last []byte, end int64, err error) {
	st, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	if !st.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%s is not a regular file", f.Name())
	}
	last, end, err = entriesUpTo(io.NewSectionReader(f, 0, st.Size()), glance)
	if _, bad := Parse(last); err == nil && bad != nil {
		return entriesUpTo(io.NewSectionReader(f, 0, st.Size()), look)
	}
	return last, end, err
}

func entriesUpTo(r io.Reader, seqOf func(line []byte) (int64, bool)) (last []byte, end int64, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxLine+1)
	lines.Split(func(data []byte, _ bool) (int, []byte, error) {
		if n := bytes.IndexByte(data, '\n') + 1; n > 0 {
			return n, data[:n], nil
		}
		return 0, nil, nil
	})
	for seq := int64(0); lines.Scan(); {
		line := lines.Bytes()
		n, ok := seqOf(line)
		if !ok || n <= seq {
			break
		}
		seq, end = n, end+int64(len(line))
		last = append(last[:0], line...)
	}
	if err := lines.Err(); err != nil && !errors.Is(err, bufio.ErrTooLong) {
		return nil, 0, err
	}
	return last, end, nil
}

// glance returns a line's seq. It looks at no more of a line of our own than shows that
// it is whole.
func glance(line []byte) (int64, bool) {
	rest, ours := bytes.CutPrefix(line, []byte(`{"seq":`))
	if !ours || !bytes.HasSuffix(rest, []byte("}\n")) {
		return look(line)
	}
	digits, _, _ := bytes.Cut(rest, []byte(","))
	n, err := strconv.ParseInt(string(digits), 10, 64)
	return n, err == nil && n > 0 && bytes.IndexByte(rest, 0) < 0
}

// look returns a line's seq if all of it can be read.
func look(line []byte) (int64, bool) {
	e, err := Parse(line)
	return e.Seq, err == nil
}

func lastEntry(path string) (line []byte, end int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = f.Close() }()
	return wholeEntries(f)
}

// Last returns the seq of the last entry, 0 for none.
func (j *File) Last() int64 { return j.last }

// CatchUp appends what the store has beyond the end of the file. A file that is of
// another state is put aside. Entries that the store has dropped for their age are
// passed over.
func (j *File) CatchUp(ctx context.Context, from store.Browser) error {
	same, err := j.matches(ctx, from)
	if err != nil {
		return err
	}
	if !same {
		if err := j.rotate(); err != nil {
			return err
		}
		j.last, j.line = 0, nil
	}
	for {
		cs, err := from.Journal(ctx, j.last, catchUpChunks)
		if err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		before := j.last
		for _, c := range cs {
			j.last = max(j.last, c.First-1)
			if err := j.Append(c); err != nil {
				j.last = before
				return err
			}
			before = j.last
		}
		if len(cs) == 0 {
			return nil
		}
	}
}

// matches reports whether the file's last entry is one that the store has, or
// could have had.
func (j *File) matches(ctx context.Context, from store.Browser) (bool, error) {
	if j.last == 0 {
		return true, nil
	}
	cs, err := from.Journal(ctx, j.last-1, 1)
	switch {
	case err != nil:
		return false, fmt.Errorf("journal: %w", err)
	case len(cs) == 0: // all of it was dropped, or it never came so far
		snap, err := from.Load(ctx)
		if err != nil {
			return false, fmt.Errorf("journal: %w", err)
		}
		return j.last <= snap.Meta.Journal, nil
	case cs[0].First > j.last:
		return true, nil
	}
	c := cs[0]
	rest := skip(c.Lines, j.last-c.First)
	end := bytes.IndexByte(rest, '\n') + 1
	return bytes.Equal(rest[:end], j.line), nil
}

// skip cuts off the first n lines.
func skip(lines []byte, n int64) []byte {
	for ; n > 0; n-- {
		lines = lines[bytes.IndexByte(lines, '\n')+1:]
	}
	return lines
}

// Append writes the entries of a chunk that the file does not have yet. If it
// fails, the file is as before.
func (j *File) Append(c record.Chunk) error {
	if c.Last <= j.last {
		return nil
	}
	if c.First > j.last+1 {
		return fmt.Errorf("journal: %w: %s ends with entry %d, these begin with %d", ErrGap, j.path, j.last, c.First)
	}
	if j.size >= j.rotateAt {
		if err := j.rotate(); err != nil {
			return err
		}
	}
	lines := skip(c.Lines, j.last+1-c.First)
	if _, err := j.f.WriteAt(lines, j.size); err != nil {
		return errors.Join(fmt.Errorf("journal: %w", err), j.f.Truncate(j.size))
	}
	j.size += int64(len(lines))
	j.last = c.Last
	j.line = append(j.line[:0], lines[bytes.LastIndexByte(lines[:max(0, len(lines)-1)], '\n')+1:]...)
	return nil
}

// rotate puts the file aside and begins a new one. The entries go on.
func (j *File) rotate() error {
	last, line := j.last, j.line
	if err := j.f.Sync(); err != nil { // nobody looks for holes in it any more
		return fmt.Errorf("journal: %w", err)
	}
	for n := kept; n > 1; n-- {
		if err := os.Rename(j.aside(n-1), j.aside(n)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("journal: %w", err)
		}
	}
	if err := os.Rename(j.path, j.aside(1)); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	old := j.f
	if err := j.open(); err != nil {
		return err
	}
	j.last, j.line = last, line
	return old.Close()
}

// Close closes the file.
func (j *File) Close() error {
	if err := j.f.Close(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}
