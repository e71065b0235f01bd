package main

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

var (
	inventoryFile = filepath.Join(out, "inventory.txt")
	archiveFile   = filepath.Join(out, "src.tar.gz")
)

// source is the folder of the Go toolchain's source.
func source() (string, error) {
	b, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOROOT: %w", err)
	}
	return filepath.Join(strings.TrimSpace(string(b)), "src"), nil
}

// files lists the regular files below a folder, by name.
func files(root string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(root, path)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	slices.Sort(names)
	return names, err
}

func hashFile(path string) (sum string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), size, err
}

// replace writes a file whole or not at all: a run that is killed leaves the old one.
func replace(name string, write func(io.Writer) error) (err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	w := bufio.NewWriterSize(f, 1<<20)
	if err := errors.Join(write(w), w.Flush(), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

type totals struct {
	Files int   `json:"files"`
	Bytes int64 `json:"bytes"`
}

func inventory() (any, error) {
	root, err := source()
	if err != nil {
		return nil, err
	}
	names, err := files(root)
	if err != nil {
		return nil, err
	}
	t := totals{Files: len(names)}
	err = replace(inventoryFile, func(w io.Writer) error {
		for _, name := range names {
			sum, size, err := hashFile(filepath.Join(root, name))
			if err != nil {
				return err
			}
			t.Bytes += size
			if _, err := fmt.Fprintf(w, "%s %s\n", sum, name); err != nil {
				return err
			}
		}
		return nil
	})
	return t, err
}

// readInventory returns the hash of each file.
func readInventory() (map[string]string, error) {
	b, err := os.ReadFile(inventoryFile)
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(b)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if !ok {
			return nil, fmt.Errorf("%s: bad line %q", inventoryFile, line)
		}
		sums[name] = sum
	}
	return sums, nil
}

func archive() (any, error) {
	root, err := source()
	if err != nil {
		return nil, err
	}
	sums, err := readInventory()
	if err != nil {
		return nil, err
	}
	t := totals{Files: len(sums)}
	err = replace(archiveFile, func(w io.Writer) error {
		z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
		if err != nil {
			return err
		}
		tw := tar.NewWriter(z)
		names := make([]string, 0, len(sums))
		for name := range sums {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			if err := pack(tw, root, name); err != nil {
				return err
			}
		}
		return errors.Join(tw.Close(), z.Close())
	})
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(archiveFile)
	if err != nil {
		return nil, err
	}
	t.Bytes = info.Size()
	return t, nil
}

func pack(tw *tar.Writer, root, name string) error {
	f, err := os.Open(filepath.Join(root, name))
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	h, err := tar.FileInfoHeader(info, "")
	if err != nil {
		return err
	}
	h.Name = name
	if err := tw.WriteHeader(h); err != nil {
		return err
	}
	_, err = io.Copy(tw, f)
	return err
}

type checked struct {
	Files    int `json:"files"`
	Matching int `json:"matching"`
}

func verify() (any, error) {
	sums, err := readInventory()
	if err != nil {
		return nil, err
	}
	f, err := os.Open(archiveFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return nil, err
	}
	c := checked{Files: len(sums)}
	for tr := tar.NewReader(z); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, tr); err != nil {
			return nil, err
		}
		if sums[h.Name] != hex.EncodeToString(sum.Sum(nil)) {
			return nil, fmt.Errorf("%s in the archive is not what the inventory says", h.Name)
		}
		delete(sums, h.Name)
		c.Matching++
	}
	if len(sums) > 0 {
		return nil, fmt.Errorf("%d files of the inventory are not in the archive", len(sums))
	}
	return c, nil
}

func report() (any, error) {
	names, err := files(out)
	if errors.Is(err, fs.ErrNotExist) {
		return totals{}, nil
	}
	if err != nil {
		return nil, err
	}
	t := totals{Files: len(names)}
	for _, name := range names {
		info, err := os.Stat(filepath.Join(out, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // replaced meanwhile
		}
		if err != nil {
			return nil, err
		}
		t.Bytes += info.Size()
	}
	return t, nil
}

// duplicates hashes everything once more, which is why the plan wants it on external
// power only, and counts the files whose content exists elsewhere.
func duplicates() (any, error) {
	root, err := source()
	if err != nil {
		return nil, err
	}
	names, err := files(root)
	if err != nil {
		return nil, err
	}
	var t totals
	seen := map[string]bool{}
	for _, name := range names {
		sum, size, err := hashFile(filepath.Join(root, name))
		if err != nil {
			return nil, err
		}
		if seen[sum] {
			t.Files++
			t.Bytes += size
		}
		seen[sum] = true
	}
	return t, nil
}
