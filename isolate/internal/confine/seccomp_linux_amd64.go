package confine

import "golang.org/x/sys/unix"

const (
	thisArch     = unix.AUDIT_ARCH_X86_64
	otherNumbers = 0x4000_0000 // where the numbers of x32 begin
)

var deniedHere = []uint32{unix.SYS_KEXEC_FILE_LOAD, unix.SYS_IOPL, unix.SYS_IOPERM, unix.SYS_MODIFY_LDT, unix.SYS_USELIB}
