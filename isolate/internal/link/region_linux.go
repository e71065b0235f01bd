//go:build amd64 || arm64 || riscv64

package link

import (
	"errors"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// region is memory of a transfer buffer, mapped here. When a buffer leaves this process,
// the mapping moves to another address, and the old one faults from then on: so a slice
// that was kept shows nothing and changes nothing. To move the page tables of 16 MiB takes
// 10 us; to protect the pages takes 500, to map them anew 5,000.
//
// The addresses are places of one reservation, taken in turn.
type region struct {
	file   *os.File // nil after both sides have mapped it
	size   int
	place  int
	base   uintptr
	places int
	lost   uint64 // places that something else of this process has taken
	used   uint64 // places that were given out
}

const (
	hugeSize    = 2 << 20 // page tables move as a whole at this alignment
	mostPlaces  = 16
	mostReserve = 4 << 30
)

func roundRegion(size int) int { return max(size+hugeSize-1, hugeSize) &^ (hugeSize - 1) }

// mapRegion maps file, which may come from a hostile peer.
func mapRegion(file *os.File, size int) (*region, error) {
	if _, err := checkMemory(int(file.Fd()), size, size); err != nil {
		return nil, err
	}
	g := &region{file: file, size: size, places: max(2, min(mostPlaces, mostReserve/size))}
	if err := g.reserve(); err != nil {
		return nil, err
	}
	_, err := mapAt(g.address(), size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_FIXED, int(file.Fd()))
	if err != nil {
		g.unmap()
		return nil, err
	}
	g.used = 1
	return g, nil
}

func mapAt(addr uintptr, size, prot, flags, fd int) (uintptr, error) {
	got, _, errno := unix.Syscall6(unix.SYS_MMAP, addr, uintptr(size), uintptr(prot), uintptr(flags), uintptr(fd), 0)
	if errno != 0 {
		return 0, os.NewSyscallError("mmap", errno)
	}
	return got, nil
}

const nothing = unix.MAP_PRIVATE | unix.MAP_ANON | unix.MAP_NORESERVE

// reserve takes addresses, not memory.
func (g *region) reserve() error {
	want := g.places * g.size
	got, err := mapAt(0, want+hugeSize, unix.PROT_NONE, nothing, -1)
	if err != nil {
		return err
	}
	g.base = (got + hugeSize - 1) &^ (hugeSize - 1)
	unmapAt(got, int(g.base-got))
	unmapAt(g.base+uintptr(want), int(got+hugeSize-g.base))
	g.place, g.lost, g.used = 0, 0, 0
	return nil
}

func unmapAt(addr uintptr, size int) {
	if size > 0 {
		_, _, _ = unix.Syscall(unix.SYS_MUNMAP, addr, uintptr(size), 0)
	}
}

func (g *region) at(place int) uintptr { return g.base + uintptr(place*g.size) }
func (g *region) address() uintptr     { return g.at(g.place) }

// bytes is the memory at its place of now.
func (g *region) bytes(n int) []byte {
	addr := g.address()
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&addr)), g.size)[:n:n]
}

// move brings the mapping to the next place.
func (g *region) move() error {
	next := g.place
	for range g.places {
		if next = (next + 1) % g.places; g.lost&(1<<next) == 0 {
			break
		}
	}
	old := g.address()
	if next == g.place {
		return errors.New("no place to move a buffer to")
	}
	_, _, errno := unix.Syscall6(unix.SYS_MREMAP, old, uintptr(g.size), uintptr(g.size),
		unix.MREMAP_MAYMOVE|unix.MREMAP_FIXED, g.at(next), 0)
	if errno != 0 {
		return os.NewSyscallError("mremap", errno)
	}
	// Another thread may map something at the old address in between. It is welcome.
	if got, err := mapAt(old, g.size, unix.PROT_NONE, nothing|unix.MAP_FIXED_NOREPLACE, -1); err != nil {
		g.lost |= 1 << g.place
	} else if got != old { // a kernel that does not know the flag
		unmapAt(got, g.size)
		g.lost |= 1 << g.place
	}
	g.place = next
	g.used |= 1 << next
	return nil
}

// unmap gives the memory back, and the addresses.
func (g *region) unmap() {
	for place := range g.places {
		if g.lost&(1<<place) == 0 {
			unmapAt(g.at(place), g.size)
		}
	}
	if g.file != nil {
		_ = g.file.Close()
	}
}
