//go:build linux

package isolate_test

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// otherCalls calls the system in the manner of 32-bit programs, whose numbers differ.
func otherCalls() error {
	code, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return err
	}
	copy(code, []byte{0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xc3}) // mov eax, 20 (getpid); int 0x80; ret
	entry := &code[0]
	fn := &entry
	(*(*func())(unsafe.Pointer(&fn)))()
	return nil
}
