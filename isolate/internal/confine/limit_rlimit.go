//go:build linux || darwin

package confine

import (
	"golang.org/x/sys/unix"
)

// Lay lays the limits on this process. What the process has by then may be lower: a
// limit is never raised.
func (l *Limits) Lay() error {
	for _, x := range []struct {
		part       string
		resource   int
		soft, hard int64
	}{
		{"processor time", unix.RLIMIT_CPU, l.CPUSoft, l.CPUHard},
		{"open files", unix.RLIMIT_NOFILE, l.OpenFiles, l.OpenFiles},
		{"file size", unix.RLIMIT_FSIZE, l.FileSize, l.FileSize},
	} {
		if x.soft <= 0 {
			continue
		}
		if err := lower(x.resource, uint64(x.soft), uint64(x.hard)); err != nil {
			return laid("limit of "+x.part, err)
		}
	}
	return nil
}

func lower(resource int, soft, hard uint64) error {
	var now unix.Rlimit
	if err := unix.Getrlimit(resource, &now); err != nil {
		return err
	}
	hard = min(hard, now.Max)
	return unix.Setrlimit(resource, &unix.Rlimit{Cur: min(soft, hard), Max: hard})
}
