//go:build amd64 || arm64 || riscv64

package link

import (
	"encoding/binary"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The shared memory of a ring: a page with a header, the control blocks of both directions
// and a box for each side, then the bytes of both directions.
const (
	ringMagic   = 0x676e6972_6c6c756c // "lullring"
	firstBlock  = 1024
	secondBlock = firstBlock + controlSize
	firstBox    = secondBlock + controlSize
	secondBox   = firstBox + 4*boxSize
	headSize    = 4096
	seals       = unix.F_SEAL_SHRINK | unix.F_SEAL_GROW
)

// newMemory makes sealed memory that only its descriptor can reach.
func newMemory(name string, size int) (*os.File, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING|unix.MFD_NOEXEC_SEAL)
	if err == unix.EINVAL { // before Linux 6.3
		fd, err = unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	}
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	f := os.NewFile(uintptr(fd), name)
	if err := unix.Ftruncate(fd, int64(size)); err != nil {
		_ = f.Close()
		return nil, os.NewSyscallError("ftruncate", err)
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals|unix.F_SEAL_SEAL); err != nil {
		_ = f.Close()
		return nil, os.NewSyscallError("seal", err)
	}
	return f, nil
}

// checkMemory checks memory that may come from a hostile peer, and returns its size: it must
// not shrink under a mapping, which would be SIGBUS.
func checkMemory(fd, least, most int) (int, error) {
	have, err := unix.FcntlInt(uintptr(fd), unix.F_GET_SEALS, 0)
	if err != nil || have&seals != seals {
		return 0, fmt.Errorf("%w: shared memory without seals", ErrCorrupt)
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return 0, os.NewSyscallError("fstat", err)
	}
	if st.Size < int64(least) || st.Size > int64(most) {
		return 0, fmt.Errorf("%w: shared memory of %d bytes", ErrCorrupt, st.Size)
	}
	return int(st.Size), nil
}

// mapRing maps the memory of a ring that a peer has made.
func mapRing(fd int) ([]byte, error) {
	size, err := checkMemory(fd, headSize+2*leastRing, headSize+2*mostRing)
	if err != nil {
		return nil, err
	}
	return mapShared(fd, size)
}

func mapShared(fd, size int) ([]byte, error) {
	addr, err := mapAt(0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED, fd)
	if err != nil {
		return nil, err
	}
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&addr)), size), nil
}

func unmapShared(mem []byte) {
	unmapAt(uintptr(unsafe.Pointer(unsafe.SliceData(mem))), len(mem))
}

// layout is what the header says: the size of each direction.
type layout [2]int

func (l layout) write(mem []byte) {
	binary.LittleEndian.PutUint64(mem, ringMagic)
	binary.LittleEndian.PutUint64(mem[8:], uint64(l[0]))
	binary.LittleEndian.PutUint64(mem[16:], uint64(l[1]))
}

// readLayout reads the header once and checks it.
func readLayout(mem []byte) (layout, error) {
	var head [24]byte
	copy(head[:], mem)
	a, b := binary.LittleEndian.Uint64(head[8:]), binary.LittleEndian.Uint64(head[16:])
	sound := binary.LittleEndian.Uint64(head[:]) == ringMagic
	for _, n := range []uint64{a, b} {
		sound = sound && n >= leastRing && n <= mostRing && n&(n-1) == 0
	}
	if !sound || headSize+a+b != uint64(len(mem)) {
		return layout{}, fmt.Errorf("%w: not the memory of a ring", ErrCorrupt)
	}
	return layout{int(a), int(b)}, nil
}
