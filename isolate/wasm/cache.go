package wasm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/tetratelabs/wazero"
)

// A cache has a folder for each module. It is made under another name and renamed when it is
// complete, with a checksum of all of it: wazero believes the lengths in its own files, so that
// a damaged one could end the process.

const sumName = "sum"

// openCache makes the folder if it is missing, and looks who could write to it.
func openCache(dir string) error {
	err := os.MkdirAll(dir, 0o700)
	if err != nil {
		return fmt.Errorf("CacheDir: %w", err)
	}
	info, err := os.Stat(dir)
	if err == nil {
		err = checkOwner(dir, info)
	}
	if err != nil {
		return fmt.Errorf("CacheDir: %w", err)
	}
	return nil
}

// compileCached compiles with the machine code of an earlier time, or keeps the new.
func (m *Module) compileCached(ctx context.Context, binary []byte) error {
	if err := openCache(m.cfg.CacheDir); err != nil {
		return err
	}
	folder := filepath.Join(m.cfg.CacheDir, m.cacheName(binary))
	if sound(folder) && m.compileIn(ctx, binary, folder) == nil {
		now := time.Now()
		_ = os.Chtimes(folder, now, now) // who prunes the cache goes by it
		return nil
	}
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("CacheDir: %w", err)
	}
	fresh, err := os.MkdirTemp(m.cfg.CacheDir, "new-")
	if err != nil {
		return fmt.Errorf("CacheDir: %w", err)
	}
	defer func() { _ = os.RemoveAll(fresh) }()
	if err := m.compileIn(ctx, binary, fresh); err != nil {
		return err
	}
	sum, err := checksum(fresh)
	if err == nil {
		err = os.WriteFile(filepath.Join(fresh, sumName), []byte(sum), 0o600)
	}
	if err == nil {
		_ = os.Rename(fresh, folder) // somebody else may have been faster
	}
	return nil // the module is compiled, kept or not
}

// compileIn compiles with a folder as wazero's cache.
func (m *Module) compileIn(ctx context.Context, binary []byte, folder string) error {
	cache, err := wazero.NewCompilationCacheWithDir(folder)
	if err != nil {
		return fmt.Errorf("CacheDir: %w", err)
	}
	if err := m.compileWith(ctx, binary, cache); err != nil {
		return errors.Join(err, cache.Close(ctx))
	}
	m.cache = cache
	return nil
}

// cacheName names the folder of a module in one of its two forms.
func (m *Module) cacheName(binary []byte) string {
	sum := sha256.Sum256(binary)
	if m.cfg.Unstoppable {
		return hex.EncodeToString(sum[:16]) + "-plain"
	}
	return hex.EncodeToString(sum[:16])
}

// sound is true for a folder whose checksum is right.
func sound(folder string) bool {
	want, err := os.ReadFile(filepath.Join(folder, sumName))
	if err != nil {
		return false
	}
	got, err := checksum(folder)
	return err == nil && got == string(want)
}

// checksum covers the names and the contents of all files but its own.
func checksum(folder string) (string, error) {
	h := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path == sumName {
			return err
		}
		f, err := os.Open(filepath.Join(folder, path))
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		n, err := io.Copy(h, f)
		fmt.Fprintf(h, "\n%s %d\n", path, n)
		return err
	})
	return fmt.Sprintf("crc32c %08x\n", h.Sum32()), err
}
