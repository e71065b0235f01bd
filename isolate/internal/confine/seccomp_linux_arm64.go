package confine

import "golang.org/x/sys/unix"

const (
	thisArch     = unix.AUDIT_ARCH_AARCH64
	otherNumbers = 0
)

var deniedHere = []uint32{unix.SYS_KEXEC_FILE_LOAD}
