//go:build linux

package forgetfs

import (
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"slices"

	"golang.org/x/sys/unix"
)

const pageSize = 4096

// preimage is what a page held at the last sync, up to the size of then.
type preimage struct {
	data []byte
	// dropped: a failed sync marked the page clean, so that a later sync skips it.
	dropped bool
}

// extent is one write.
type extent struct {
	seq      uint64 // 0: none
	off, end int64
}

// journal holds what it takes to turn a file back to its last sync.
type journal struct {
	dirty bool  // something is not durable
	size  int64 // the durable size, if dirty
	pages map[int64]*preimage
	last  extent
}

// touch saves the pages of [from, to) before they change; now is the file's size. A page
// that is not saved holds its durable content still, which is why it can be read here. An
// empty range changes the size alone.
func (j *journal) touch(f io.ReaderAt, now, from, to int64) error {
	j.touchSize(now)
	if from >= to {
		return nil
	}
	for p := from / pageSize; p*pageSize < to; p++ {
		if pre := j.pages[p]; pre != nil {
			pre.dropped = false
			continue
		}
		data := make([]byte, min(max(j.size-p*pageSize, 0), pageSize))
		if _, err := f.ReadAt(data, p*pageSize); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if j.pages == nil {
			j.pages = map[int64]*preimage{}
		}
		j.pages[p] = &preimage{data: data}
	}
	return nil
}

func (j *journal) touchSize(now int64) {
	if !j.dirty {
		j.dirty, j.size = true, now
	}
}

// synced makes the file durable at size now, but for what a failed sync dropped.
func (j *journal) synced(now int64) {
	j.size, j.last = now, extent{}
	for p, pre := range j.pages {
		room := now - p*pageSize
		if !pre.dropped || room <= 0 {
			delete(j.pages, p)
		} else if int64(len(pre.data)) > room {
			pre.data = pre.data[:room]
		}
	}
	j.dirty = len(j.pages) > 0
}

// syncFailed gives up everything unsynced for good.
func (j *journal) syncFailed() {
	j.last = extent{}
	for _, pre := range j.pages {
		pre.dropped = true
	}
}

// rewind turns the file, now long, back to the last sync. With a rng, a page and the size
// each survive with even odds.
func (j *journal) rewind(fd int, now int64, rng *rand.Rand) error {
	size, keep := j.size, map[int64]bool{}
	pages := slices.Sorted(maps.Keys(j.pages))
	if rng != nil {
		sizeSurvives := rng.Uint64()&1 == 0
		if sizeSurvives {
			size = now
		}
		for _, p := range pages {
			survives := rng.Uint64()&1 == 0 && !j.pages[p].dropped
			end := min((p+1)*pageSize, now)
			if !survives || end <= p*pageSize {
				continue
			}
			if now < j.size && !sizeSurvives && end == now {
				continue // the truncation did not happen, so neither did its last page
			}
			keep[p] = true
			size = max(size, end)
		}
	}
	if err := unix.Ftruncate(fd, size); err != nil {
		return err
	}
	var buf [pageSize]byte
	for _, p := range pages {
		room := min(size-p*pageSize, pageSize)
		if keep[p] || room <= 0 {
			continue
		}
		clear(buf[copy(buf[:], j.pages[p].data):])
		if err := writeAll(fd, buf[:room], p*pageSize); err != nil {
			return err
		}
	}
	return nil
}

// tear rewinds the file and puts the start of the last write back, up to a boundary of unit.
func (j *journal) tear(f io.ReaderAt, fd int, now, unit int64) error {
	w := j.last
	stop := min(w.off-w.off%unit+unit, w.end, now)
	head := make([]byte, max(stop-w.off, 0))
	if _, err := f.ReadAt(head, w.off); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err := j.rewind(fd, now, nil); err != nil {
		return err
	}
	return writeAll(fd, head, w.off)
}

func writeAll(fd int, data []byte, off int64) error {
	for len(data) > 0 {
		n, err := unix.Pwrite(fd, data, off)
		if err != nil {
			return err
		}
		data, off = data[n:], off+int64(n)
	}
	return nil
}
