package sqlitestore

import (
	"errors"
	"os"
)

const (
	reserveSize = 4 << 20
	reserveRoom = 64 << 20 // no reserve is made on a disk with less room than this
)

func (p *Place) reservePath() string { return p.path + ".reserve" }

// keepReserve makes the file whose space a full disk gets back. Without it the
// store works as well, so that it failed is no error.
func (p *Place) keepReserve() {
	if exists(p.reservePath()) {
		return
	}
	if free, readOnly, err := diskState(p.path); err != nil || readOnly || free < reserveRoom {
		return
	}
	f, err := os.OpenFile(p.reservePath(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return
	}
	if err := errors.Join(allocate(f, reserveSize), f.Close()); err != nil {
		os.Remove(p.reservePath())
	}
}

// giveReserve gives the space back: this commit failed, but the results of runs
// that are going on can be written.
func (p *Place) giveReserve() { os.Remove(p.reservePath()) }

// fill allocates space by writing to it.
func fill(f *os.File, n int64) error {
	zeros := make([]byte, 64<<10)
	for n > 0 {
		w, err := f.Write(zeros[:min(n, int64(len(zeros)))])
		if err != nil {
			return err
		}
		n -= int64(w)
	}
	return nil
}
