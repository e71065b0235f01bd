//go:build !race

package link

import "unsafe"

// copyPast is copy by stores that go past the caches. To own a line of memory before it is
// overwritten as a whole would be to read it from memory, or to take it away from another
// processor. Go's copy does so too, from 1 MiB on. All is stored before anything that the
// caller stores after it.
func copyPast(dst, src []byte) int {
	n := min(len(dst), len(src))
	dst, src = dst[:n], src[:n]
	if n < 2*lineSize {
		return copy(dst, src)
	}
	head := int(-uintptr(unsafe.Pointer(unsafe.SliceData(dst))) % lineSize)
	copy(dst[:head], src)
	end := head + (n-head)&^(lineSize-1)
	storePast(&dst[head], &src[head], end-head)
	copy(dst[end:], src[end:])
	return n
}

const (
	lineSize = 64
	canPast  = true // copyPast is another copy
)

// storePast copies n bytes, a multiple of lineSize, to an address that is one too.
//
//go:noescape
func storePast(dst, src *byte, n int)
