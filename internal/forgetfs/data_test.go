//go:build linux

package forgetfs

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pages is n pages of text, each filled with one letter.
func pages(letters string) string {
	var b strings.Builder
	for _, l := range letters {
		b.WriteString(strings.Repeat(string(l), pageSize))
	}
	return b.String()
}

// letters is its inverse, for files that hold whole pages; '.' is a page of zeros and '?' a
// mixed one.
func letters(text string) string {
	var b strings.Builder
	for at := 0; at < len(text); at += pageSize {
		page := text[at:min(at+pageSize, len(text))]
		switch {
		case page == strings.Repeat("\x00", pageSize):
			b.WriteByte('.')
		case len(page) == pageSize && page == strings.Repeat(page[:1], pageSize):
			b.WriteByte(page[0])
		default:
			b.WriteByte('?')
		}
	}
	return b.String()
}

func TestData(t *testing.T) {
	f, dir := mounted(t, Config{})
	path := filepath.Join(dir, "x")
	old := strings.Repeat("old.", 2500) // 10,000 bytes, no whole number of pages
	for _, c := range []struct {
		name string
		act  func(file *os.File) error
		want string
	}{
		{"overwrite", func(file *os.File) error {
			_, err := file.WriteAt([]byte("new"), 4095)
			return err
		}, old},
		{"append", func(file *os.File) error {
			_, err := file.WriteAt([]byte("new"), 30_000)
			return err
		}, old},
		{"truncate", func(file *os.File) error { return file.Truncate(5000) }, old},
		{"truncate to nothing and write again", func(file *os.File) error {
			_, err := file.WriteAt([]byte(old+old), 0)
			return errors.Join(file.Truncate(0), err)
		}, old},
		{"shorten, lengthen, write in the hole", func(file *os.File) error {
			_, err := file.WriteAt([]byte("hole"), 8000)
			return errors.Join(file.Truncate(100), file.Truncate(9000), err)
		}, old},
		{"fsync", func(file *os.File) error {
			_, err := file.WriteAt([]byte("new"), 4095)
			return errors.Join(err, file.Sync())
		}, old[:4095] + "new" + old[4098:]},
		{"fdatasync", func(file *os.File) error {
			_, err := file.WriteAt([]byte("end"), 10_000)
			return errors.Join(err, unix.Fdatasync(int(file.Fd())))
		}, old + "end"},
		{"fsync, then more", func(file *os.File) error {
			_, err := file.WriteAt([]byte("1"), 0)
			err = errors.Join(err, file.Sync())
			_, err2 := file.WriteAt([]byte("2"), 0)
			return errors.Join(err, err2, file.Truncate(1))
		}, "1" + old[1:]},
	} {
		t.Run(c.name, func(t *testing.T) {
			must(t, os.WriteFile(path, []byte(old), 0o644))
			syncPath(t, path)
			edit(t, path, c.act)
			power(t, f)
			if got := read(t, path); got != c.want {
				t.Errorf("%d bytes, want %d; same up to byte %d", len(got), len(c.want), commonPrefix(got, c.want))
			}
		})
	}
}

func commonPrefix(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// O_SYNC needs no fsync of its own.
func TestSynchronousWrites(t *testing.T) {
	f, dir := mounted(t, Config{})
	file, err := os.OpenFile(dir+"/x", os.O_CREATE|os.O_WRONLY|os.O_SYNC, 0o644)
	must(t, err)
	_, err = io.WriteString(file, "durable")
	must(t, err, file.Close())
	power(t, f)
	if got := read(t, dir+"/x"); got != "durable" {
		t.Errorf("holds %q", got)
	}
}

// Over many seeds each page goes its own way, the same seed goes the same way twice, and
// synced pages never change.
func TestRandomPages(t *testing.T) {
	outcome := func(seed uint64) string {
		f, dir := mounted(t, Config{Loss: LoseRandom, Seed: seed})
		defer f.Unmount()
		write(t, dir+"/x", pages("abcd"), 0)
		syncPath(t, dir+"/x")
		write(t, dir+"/x", pages("A"), 0)
		write(t, dir+"/x", pages("C"), 2*pageSize)
		write(t, dir+"/x", pages("EF"), 4*pageSize)
		power(t, f)
		return letters(read(t, dir+"/x"))
	}
	seen := map[string]bool{}
	for seed := range uint64(40) {
		got := outcome(seed)
		seen[got] = true
		fixed := len(got) >= 4 && len(got) <= 6 && got[1] == 'b' && got[3] == 'd'
		if !fixed || !strings.Contains("aA", got[:1]) || !strings.Contains("cC", got[2:3]) || strings.Trim(got[4:], "EF.") != "" {
			t.Fatalf("seed %d: %s", seed, got)
		}
		if seed < 3 && outcome(seed) != got {
			t.Errorf("seed %d: two outcomes", seed)
		}
	}
	reordered, longer := false, false
	for got := range seen {
		reordered = reordered || got[0] == 'a' && got[2] == 'C'
		longer = longer || len(got) == 5 // the first of the new pages, and not the size
	}
	if len(seen) < 8 || !reordered || !longer {
		t.Errorf("40 seeds, but only the outcomes %v", seen)
	}
}

func TestTornWrite(t *testing.T) {
	counts := map[string]int{}
	for seed := range uint64(12) {
		f, dir := mounted(t, Config{Loss: Torn, Seed: seed})
		write(t, dir+"/x", pages("abc"), 0)
		write(t, dir+"/y", "y", 0)
		syncPath(t, dir+"/x")
		syncPath(t, dir+"/y")
		write(t, dir+"/y", "Y", 0)
		write(t, dir+"/x", pages("A"), 0)
		write(t, dir+"/x", pages("CDE"), 2*pageSize)
		write(t, dir+"/new", pages("N"), 0) // vanishes, so the write before it counts as the last
		power(t, f)
		if got := read(t, dir+"/y"); got != "y" {
			t.Errorf("seed %d: another file than the last one kept %q", seed, got)
		}
		got := read(t, dir+"/x")
		switch got {
		case pages("abC"):
			counts["4 KiB"]++
		case pages("ab") + strings.Repeat("C", 512) + strings.Repeat("c", pageSize-512):
			counts["512 B"]++
		default:
			t.Errorf("seed %d: pages %s", seed, letters(got))
		}
		must(t, f.Unmount())
	}
	if len(counts) != 2 {
		t.Errorf("12 seeds, but only %v", counts)
	}
}

// A write that does not start on a boundary ends on one; what was synced is not torn.
func TestTornAppend(t *testing.T) {
	for seed := range uint64(6) {
		f, dir := mounted(t, Config{Loss: Torn, Seed: seed})
		write(t, dir+"/x", strings.Repeat("a", 500), 0)
		syncPath(t, dir+"/x")
		power(t, f)
		if got := read(t, dir+"/x"); got != strings.Repeat("a", 500) {
			t.Errorf("seed %d: %d bytes of 500 that were synced", seed, len(got))
		}
		write(t, dir+"/x", strings.Repeat("b", 5000), 500)
		power(t, f)
		if got := read(t, dir+"/x"); got != strings.Repeat("a", 500)+strings.Repeat("b", len(got)-500) || len(got) != 512 && len(got) != 4096 {
			t.Errorf("seed %d: %d bytes", seed, len(got))
		}
		must(t, f.Unmount())
	}
}

// After a failed fsync a second one succeeds and saves nothing but what was written since.
func TestFailedFsync(t *testing.T) {
	f, dir := mounted(t, Config{})
	write(t, dir+"/x", pages("abc"), 0)
	syncPath(t, dir+"/x")
	must(t, f.Configure(Config{FailFsyncAfter: 2}))
	edit(t, dir+"/x", func(file *os.File) error {
		_, err := file.WriteAt([]byte(pages("A")), 0)
		must(t, err, file.Sync())
		_, err = file.WriteAt([]byte(pages("BCD")), pageSize)
		must(t, err)
		wantErrno(t, "second fsync", file.Sync(), syscall.EIO)
		_, err = file.WriteAt([]byte(pages("c")), 2*pageSize)
		must(t, err)
		return file.Sync()
	})
	if got := letters(read(t, dir+"/x")); got != "ABcD" {
		t.Errorf("before the cut: %s", got)
	}
	power(t, f)
	if got := letters(read(t, dir+"/x")); got != "Abc." {
		t.Errorf("after the cut: %s", got)
	}
}

// A truncation that a sync made durable does not give the old bytes back later.
func TestFailedFsyncAndTruncation(t *testing.T) {
	f, dir := mounted(t, Config{})
	write(t, dir+"/x", pages("a"), 0)
	syncPath(t, dir+"/x")
	must(t, f.Configure(Config{FailFsyncAfter: 1}))
	edit(t, dir+"/x", func(file *os.File) error {
		must(t, file.Truncate(100))
		wantErrno(t, "first fsync", file.Sync(), syscall.EIO)
		must(t, file.Sync())
		_, err := file.WriteAt([]byte(pages("b")), pageSize)
		return errors.Join(err, file.Sync())
	})
	power(t, f)
	if got := read(t, dir+"/x"); got != strings.Repeat("a", 100)+strings.Repeat("\x00", pageSize-100)+pages("b") {
		t.Errorf("pages %s", letters(got))
	}
}

func TestNoSpace(t *testing.T) {
	f, dir := mounted(t, Config{})
	write(t, dir+"/reserve", strings.Repeat("r", 30_000), 0)
	syncPath(t, dir+"/reserve")
	must(t, f.Configure(Config{NoSpaceAfter: 1000}))
	file, err := os.Create(dir + "/x")
	must(t, err)
	defer file.Close()
	n, err := file.Write(make([]byte, 1500))
	wantErrno(t, "write over the limit", err, syscall.ENOSPC)
	if n != 1000 {
		t.Errorf("%d bytes were written, want the 1000 that fit", n)
	}
	_, err = file.WriteAt(make([]byte, 1000), 0)
	must(t, err) // overwriting takes no room
	wantErrno(t, "lengthening", file.Truncate(1001), syscall.ENOSPC)
	var st unix.Statfs_t
	must(t, unix.Statfs(dir, &st))
	if st.Bavail != 0 {
		t.Errorf("statfs sees %d free blocks", st.Bavail)
	}
	must(t, os.Remove(dir+"/reserve"))
	eventually(t, "the removed file gives its room back", func() bool {
		must(t, unix.Statfs(dir, &st))
		return st.Bavail > 0
	})
	_, err = file.WriteAt(make([]byte, 30_000), 1000)
	must(t, err)
	_, err = file.WriteAt([]byte("x"), 31_000)
	wantErrno(t, "write to a disk that is full again", err, syscall.ENOSPC)
	must(t, file.Truncate(30_999), file.Sync())
	power(t, f) // brings the reserve back and with it the lack of room
	edit(t, dir+"/x", func(file *os.File) error {
		_, err := file.WriteAt([]byte("xy"), 30_999)
		wantErrno(t, "write after the cut", err, syscall.ENOSPC)
		return nil
	})
}

func TestSlowFsync(t *testing.T) {
	const slow = 60 * time.Millisecond
	f, dir := mounted(t, Config{SlowFsync: slow})
	write(t, dir+"/x", "kept", 0)
	began := time.Now()
	syncPath(t, dir+"/x")
	if took := time.Since(began); took < slow {
		t.Errorf("fsync took %v", took)
	}
	// A cut does not wait for a sync, and the sync fails.
	must(t, f.Configure(Config{SlowFsync: time.Hour}))
	file, err := os.OpenFile(dir+"/x", os.O_RDWR, 0)
	must(t, err)
	defer file.Close()
	_, err = file.WriteAt([]byte("lost"), 0)
	must(t, err)
	result := make(chan error)
	go func() { result <- file.Sync() }()
	eventually(t, "the fsync waits", func() bool {
		f.mu.RLock()
		defer f.mu.RUnlock()
		return f.fsyncs == 1
	})
	must(t, f.Cut())
	wantErrno(t, "fsync during the cut", <-result, syscall.EIO)
	f.Restore()
	if got := read(t, dir+"/x"); got != "kept" {
		t.Errorf("holds %q", got)
	}
}

func TestReadOnly(t *testing.T) {
	f, dir := mounted(t, Config{})
	write(t, dir+"/x", "x", 0)
	file, err := os.OpenFile(dir+"/x", os.O_RDWR, 0)
	must(t, err)
	defer file.Close()
	f.SetReadOnly(true)
	_, err = file.WriteAt([]byte("y"), 0)
	wantErrno(t, "write", err, syscall.EROFS)
	must(t, file.Sync())
	_, err = os.OpenFile(dir+"/x", os.O_WRONLY, 0)
	wantErrno(t, "open", err, syscall.EROFS)
	for what, err := range map[string]error{
		"create": os.WriteFile(dir+"/new", nil, 0o644), "truncate": os.Truncate(dir+"/x", 0),
		"remove": os.Remove(dir + "/x"), "rename": os.Rename(dir+"/x", dir+"/y"), "mkdir": os.Mkdir(dir+"/d", 0o755),
		"link": os.Link(dir+"/x", dir+"/y"), "symlink": os.Symlink("x", dir+"/y"), "chmod": os.Chmod(dir+"/x", 0o600),
	} {
		wantErrno(t, what, err, syscall.EROFS)
	}
	if got := read(t, dir+"/x"); got != "x" {
		t.Errorf("holds %q", got)
	}
	f.SetReadOnly(false)
	_, err = file.WriteAt([]byte("y"), 0)
	must(t, err)
}

// Attributes and file types pass through.
func TestPassThrough(t *testing.T) {
	_, dir := mounted(t, Config{})
	at := time.Unix(1_000_000_000, 123_000_000)
	write(t, dir+"/x", "x", 0)
	must(t, os.Chmod(dir+"/x", 0o640), os.Chtimes(dir+"/x", at, at))
	st, err := os.Stat(dir + "/x")
	must(t, err)
	if st.Mode() != 0o640 || !st.ModTime().Equal(at) {
		t.Errorf("mode %v, time %v", st.Mode(), st.ModTime())
	}
	must(t, unix.Mkfifo(dir+"/fifo", 0o600))
	socket, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	must(t, err)
	defer unix.Close(socket)
	must(t, unix.Bind(socket, &unix.SockaddrUnix{Name: dir + "/sock"}))
	var modes []string
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		modes = append(modes, fmt.Sprint(e.Name(), " ", e.Type()))
	}
	if got := strings.Join(modes, ", "); got != "fifo p---------, sock S---------, x ----------" {
		t.Error(got)
	}
	for i := range 300 { // more than one readdir request, and a name that a rewind shows
		write(t, fmt.Sprintf("%s/many-%0100d", dir, i), "", 0)
	}
	d, err := os.Open(dir)
	must(t, err)
	defer d.Close()
	names, err := d.Readdirnames(-1)
	must(t, err)
	must(t, os.Remove(dir+"/x"))
	_, err = d.Seek(0, io.SeekStart)
	must(t, err)
	again, err := d.Readdirnames(-1)
	must(t, err)
	if len(names) != 303 || len(again) != 302 {
		t.Errorf("%d names, after a removal %d", len(names), len(again))
	}
}
