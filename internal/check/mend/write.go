package mend

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
)

// Why a file is not written.
var (
	ErrChanged = errors.New("has changed since it was checked")
	ErrLink    = errors.New("is a link, or in a folder that is one")
)

// Write puts what is mended into the files of the folder: each at once, and none through
// a link. One that Was does not have is made. Files are looked at before the first is written. Those written are returned, also with an error.
func (m *Mending) Write(dir string) (written []string, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	files := slices.Sorted(maps.Keys(m.Now))
	for _, file := range files {
		was, there := m.Was[file]
		check := func() error { return unchanged(root, file, was) }
		if !there {
			check = func() error { return absent(root, file) }
		}
		if err := check(); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	for _, file := range files {
		if err := root.MkdirAll(path.Dir(file), 0o755); err != nil {
			return written, fmt.Errorf("%s: %w", file, err)
		}
		if err := replace(root, file, m.Now[file]); err != nil {
			return written, fmt.Errorf("%s: %w", file, err)
		}
		written = append(written, file)
	}
	return written, nil
}

// absent tells that a file is not there, and that none of its folders is a link.
func absent(root *os.Root, file string) error {
	switch err := noLink(root, file); {
	case err == nil:
		return ErrChanged
	case errors.Is(err, fs.ErrNotExist):
		return nil
	default:
		return err
	}
}

func noLink(root *os.Root, file string) error {
	for i := range len(file) + 1 {
		if i < len(file) && file[i] != '/' {
			continue
		}
		info, err := root.Lstat(file[:i])
		if err != nil {
			return err
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return ErrLink
		}
	}
	return nil
}

func unchanged(root *os.Root, file string, was []byte) error {
	if err := noLink(root, file); err != nil {
		return err
	}
	f, err := root.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	now, err := io.ReadAll(io.LimitReader(f, int64(len(was))+1))
	if err != nil {
		return err
	}
	if !bytes.Equal(now, was) {
		return ErrChanged
	}
	return nil
}

// replace writes beside the file and renames, so that it has the old text or the new one.
func replace(root *os.Root, file string, text []byte) (err error) {
	mode := fs.FileMode(0o644)
	if info, err := root.Lstat(file); err == nil {
		mode = info.Mode().Perm()
	}
	beside := path.Join(path.Dir(file), ".lull-"+strings.ToLower(rand.Text()[:10]))
	f, err := root.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = root.Remove(beside)
		}
	}()
	_, err = f.Write(text)
	if err == nil {
		err = f.Chmod(mode) // whatever the umask says
	}
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return root.Rename(beside, file)
}
