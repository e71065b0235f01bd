//go:build linux

package forgetfs

import (
	"errors"
	"fmt"
	"time"
)

// Loss says what a cut does to data that was not synced.
type Loss uint8

const (
	// LoseAll forgets everything that was not synced.
	LoseAll Loss = iota
	// LoseRandom lets a random half of it through, in units of 4 KiB pages, sizes, and
	// groups of names that belong together: writes reached the disk out of order.
	LoseRandom
	// Torn forgets like LoseAll, but of the last unsynced write to a durable file the
	// start survives, up to the next boundary of 512 B or of 4 KiB.
	Torn
)

// Config says how the file system fails. The zero value only forgets, and forgets all.
type Config struct {
	// Loss is what a cut does. Default LoseAll.
	Loss Loss
	// Seed drives LoseRandom and Torn. Cut number n of a mount, counted from 0, draws
	// from (Seed, n). Default 0, a seed like any other.
	Seed uint64
	// FailFsyncAfter makes the n-th fsync or fdatasync of a file from now fail with EIO,
	// once. As on Linux, what was unsynced by then counts as clean: later syncs succeed
	// and do not make it durable unless it is written again. Default 0: none fails.
	FailFsyncAfter int
	// NoSpaceAfter is how many bytes the files may grow by, in sum, before a write gets
	// ENOSPC. The write that crosses the limit is cut short. Sizes count, holes
	// included; truncation and removal give room back. Default 0: no limit.
	NoSpaceAfter int64
	// SlowFsync is how long each fsync of a file takes. What is written meanwhile to that
	// file becomes durable with it. Default 0.
	SlowFsync time.Duration
	// ReadOnly refuses every change with EROFS; syncs still succeed. Default false.
	ReadOnly bool
}

func (c Config) check() error {
	var errs []error
	if c.Loss > Torn {
		errs = append(errs, fmt.Errorf("loss %d is unknown; use LoseAll, LoseRandom or Torn", c.Loss))
	}
	if c.FailFsyncAfter < 0 {
		errs = append(errs, fmt.Errorf("FailFsyncAfter is %d; use 1 for the next fsync, 0 for none", c.FailFsyncAfter))
	}
	if c.NoSpaceAfter < 0 {
		errs = append(errs, fmt.Errorf("NoSpaceAfter is %d; use 1 for a full disk, 0 for no limit", c.NoSpaceAfter))
	}
	if c.SlowFsync < 0 {
		errs = append(errs, fmt.Errorf("SlowFsync is %v; it cannot be negative", c.SlowFsync))
	}
	return errors.Join(errs...)
}
