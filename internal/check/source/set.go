// Package source lists and reads the files of a checked folder. Nothing outside of the
// folder is read: links that leave it are refused by the system, not by us.
package source

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/lullwork/lull/internal/check/finding"
)

// Why a file is not read.
var (
	ErrMissing    = errors.New("is not there")
	ErrTooBig     = errors.New("is larger than 16 MiB")
	ErrBinary     = errors.New("is no text")
	ErrUnreadable = errors.New("cannot be read")
)

const maxFile = 16 << 20

// Set is the files under a folder. It is safe for concurrent use.
type Set struct {
	root  *os.Root
	files []string // sorted

	mu        sync.Mutex
	cache     map[string]entry
	instead   map[string][]byte // of what is on disk
	unchecked map[finding.Unchecked]bool
}

type entry struct {
	src []byte
	err error
}

// Open lists the files under dir.
func Open(dir string) (*Set, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	s := &Set{root: root, cache: map[string]entry{}, unchecked: map[finding.Unchecked]bool{}}
	s.list()
	return s, nil
}

// Close lets go of the folder.
func (s *Set) Close() error { return s.root.Close() }

// Files returns the paths of all files: sorted, with slashes, relative to the folder.
func (s *Set) Files() []string { return s.files }

// Under returns the files inside of a folder, "." for all.
func (s *Set) Under(dir string) []string {
	if dir == "." || dir == "" {
		return s.files
	}
	from := sort.SearchStrings(s.files, dir+"/")
	to := from + sort.SearchStrings(s.files[from:], dir+"0") // the byte after the slash
	return s.files[from:to]
}

// Has tells whether there is such a file.
func (s *Set) Has(path string) bool {
	_, ok := slices.BinarySearch(s.files, path)
	return ok
}

// Exists tells whether there is something with that path, also where it is not listed.
func (s *Set) Exists(path string) bool {
	_, err := s.root.Lstat(path)
	return err == nil
}

// HasFolder tells whether there are files in such a folder.
func (s *Set) HasFolder(dir string) bool { return len(s.Under(dir)) > 0 }

// Read returns what is in a file; do not change it. Errors are a *Fault, around one of the
// sentinels above. A file that is there and cannot be read is noted as unchecked.
func (s *Set) Read(path string) ([]byte, error) {
	if !s.Has(path) {
		return nil, &Fault{File: path, Why: ErrMissing.Error(), Err: ErrMissing}
	}
	if src, ok := s.instead[path]; ok {
		return src, nil
	}
	s.mu.Lock()
	e, ok := s.cache[path]
	s.mu.Unlock()
	if ok {
		return e.src, e.err
	}
	e.src, e.err = s.read(path)
	s.mu.Lock()
	defer s.mu.Unlock()
	if first, ok := s.cache[path]; ok { // somebody else read it meanwhile
		return first.src, first.err
	}
	s.cache[path] = e
	return e.src, e.err
}

// Text is Read with lines.
func (s *Set) Text(path string) (*Text, error) {
	src, err := s.Read(path)
	if err != nil {
		return nil, err
	}
	return NewText(path, src), nil
}

// Forget drops a file's bytes: it is read again when it is asked for.
func (s *Set) Forget(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.cache, path)
}

// Pretend lets files be read as if this were in them. It is called before the first Read.
func (s *Set) Pretend(instead map[string][]byte) { s.instead = instead }

// Unchecked returns what could not be read so far, by file.
func (s *Set) Unchecked() []finding.Unchecked {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]finding.Unchecked, 0, len(s.unchecked))
	for u := range s.unchecked {
		all = append(all, u)
	}
	slices.SortFunc(all, func(a, b finding.Unchecked) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.What, b.What), cmp.Compare(a.Why, b.Why))
	})
	return all
}

func (s *Set) read(path string) ([]byte, error) {
	src, err := readAll(s.root, path)
	if err != nil {
		f := &Fault{File: path, Why: err.Error(), Err: err}
		s.note("file", path, f.Why)
		return nil, f
	}
	return src, nil
}

func (s *Set) note(what, path, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unchecked[finding.Unchecked{What: what, File: path, Line: 1, Why: why}] = true
}

// readAll returns a file's bytes, or one of the sentinels.
func readAll(root *os.Root, path string) ([]byte, error) {
	f, err := root.Open(path)
	if err != nil {
		return nil, ErrUnreadable
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil || !info.Mode().IsRegular():
		return nil, ErrUnreadable
	case info.Size() > maxFile:
		return nil, ErrTooBig
	}
	src := make([]byte, info.Size()+1) // its end is seen without more room
	for n := 0; ; {
		m, err := f.Read(src[n:])
		n += m
		switch {
		case err == io.EOF || n > maxFile:
			src = src[:n]
		case err != nil:
			return nil, ErrUnreadable
		case n == len(src): // it grows
			src = append(src, make([]byte, len(src))...)
			continue
		default:
			continue
		}
		break
	}
	switch {
	case len(src) > maxFile:
		return nil, ErrTooBig
	case !isText(src):
		return nil, ErrBinary
	}
	return src, nil
}

// isText tells whether src is worth a parser's time: text, or a binary property list.
func isText(src []byte) bool {
	head := src[:min(len(src), 8<<10)]
	return bytes.HasPrefix(head, []byte("bplist")) || bytes.IndexByte(head, 0) < 0
}

// list fills in the files.
func (s *Set) list() {
	_ = fs.WalkDir(s.root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			s.note("folder", path, ErrUnreadable.Error())
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			if path != "." && s.skips(path, d.Name()) {
				return fs.SkipDir
			}
			return nil
		case d.Type()&fs.ModeSymlink != 0:
			s.link(path)
			return nil
		case !d.Type().IsRegular():
			return nil
		case len(s.files) == maxFiles:
			s.note("folder", ".", "has more than a million files: the others are not looked at")
			return fs.SkipAll
		}
		s.files = append(s.files, path)
		return nil
	})
	slices.Sort(s.files)
}

const maxFiles = 1_000_000

// Folder reads files of a folder by name, without a list of them: the cache of pub, which is big.
type Folder struct{ root *os.Root }

// OpenFolder opens a folder.
func OpenFolder(dir string) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Folder{root}, nil
}

// Close lets go of the folder.
func (f *Folder) Close() error { return f.root.Close() }

// Read returns what is in a file, or one of the sentinels.
func (f *Folder) Read(path string) ([]byte, error) {
	if _, err := f.root.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMissing
	}
	return readAll(f.root, path)
}

// link adds a link to a file of the folder. Folders are looked at under their own name only,
// so that links cannot make circles.
func (s *Set) link(path string) {
	info, err := s.root.Stat(path)
	switch {
	case err != nil:
		s.note("link", path, "leads out of the checked folder, or nowhere")
	case info.Mode().IsRegular():
		s.files = append(s.files, path)
	}
}

// skipped are folders of things that tools make or download.
var skipped = map[string]bool{
	"Pods": true, "Carthage": true, "DerivedData": true, "node_modules": true, "ephemeral": true,
	"__pycache__": true,
}

// skips tells whether a folder is left out: what tools make, hidden folders, and copies of
// Flutter itself.
func (s *Set) skips(path, name string) bool {
	switch {
	case skipped[name]:
		return true
	case strings.HasPrefix(name, "."):
		return name != ".fvm" // which tells the version of Flutter
	case name == "build":
		return !inSources(path)
	case strings.HasSuffix(path, ".fvm/versions"):
		return true
	}
	return s.exists(path+"/bin/flutter") && s.exists(path+"/packages/flutter/pubspec.yaml")
}

// inSources tells whether a folder is in one that people write: there "build" is a package.
func inSources(path string) bool {
	for _, part := range strings.Split(path, "/") {
		switch part {
		case "lib", "src", "test", "Sources", "integration_test":
			return true
		}
	}
	return false
}

func (s *Set) exists(path string) bool {
	_, err := s.root.Stat(path)
	return err == nil
}
