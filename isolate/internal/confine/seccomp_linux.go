package confine

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// denied are the system calls that no sandboxed program gets, on every processor.
var denied = []uint32{
	// Other processes.
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PIDFD_GETFD, unix.SYS_KCMP,
	unix.SYS_PROCESS_MADVISE, unix.SYS_PERF_EVENT_OPEN,
	// Mounts and namespaces, by which paths would mean something else.
	unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_OPEN_TREE, unix.SYS_MOVE_MOUNT,
	unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSPICK, unix.SYS_MOUNT_SETATTR,
	unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_OPEN_BY_HANDLE_AT,
	// Ways around system calls, and code in the kernel.
	unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER, unix.SYS_BPF, unix.SYS_USERFAULTFD,
	unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE, unix.SYS_KEXEC_LOAD,
	// Keys, which are shared by all processes of a user.
	unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY,
	// The machine.
	unix.SYS_REBOOT, unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_ACCT, unix.SYS_QUOTACTL, unix.SYS_QUOTACTL_FD,
	unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME, unix.SYS_CLOCK_ADJTIME, unix.SYS_ADJTIMEX,
	unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME, unix.SYS_SYSLOG, unix.SYS_VHANGUP,
}

// DeniedCalls is how many system calls the deny list holds.
func DeniedCalls() int { return len(denied) + len(deniedHere) }

// Offsets in struct seccomp_data. Arguments are 64 bits wide; the lower half comes first
// on the processors that have a filter.
const (
	dataNumber = 0
	dataArch   = 4
	dataArgs   = 16
)

const namespaceFlags = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC |
	unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET

const tioclinux = 0x541c // pastes into a console

// filter is a deny list. Calls in the manner of another kind of processor have other
// numbers, so they would pass it: they end the process.
func filter(noNetwork bool) []unix.SockFilter {
	const errno = unix.SECCOMP_RET_ERRNO
	var p []unix.SockFilter
	load := func(at uint32) { p = append(p, unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at}) }
	ret := func(action uint32) { p = append(p, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: action}) }
	// skip passes over so many instructions unless the comparison holds.
	skip := func(compare uint16, k uint32, n uint8) {
		p = append(p, unix.SockFilter{Code: unix.BPF_JMP | compare | unix.BPF_K, Jf: n, K: k})
	}
	load(dataArch)
	p = append(p, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: 1, K: thisArch})
	ret(unix.SECCOMP_RET_KILL_PROCESS)
	load(dataNumber)
	if otherNumbers != 0 {
		skip(unix.BPF_JGE, otherNumbers, 1)
		ret(errno | uint32(unix.ENOSYS))
	}
	for _, list := range [][]uint32{denied, deniedHere} {
		for _, nr := range list {
			skip(unix.BPF_JEQ, nr, 1)
			ret(errno | uint32(unix.EPERM))
		}
	}
	if noNetwork {
		// Unix sockets too: by them one asks those who have a network. A pair of connected
		// sockets is another call.
		skip(unix.BPF_JEQ, unix.SYS_SOCKET, 1)
		ret(errno | uint32(unix.EPERM))
	}
	// The flags of clone3 are out of reach; without it the C library uses clone.
	skip(unix.BPF_JEQ, unix.SYS_CLONE3, 1)
	ret(errno | uint32(unix.ENOSYS))
	skip(unix.BPF_JEQ, unix.SYS_CLONE, 4)
	load(dataArgs)
	skip(unix.BPF_JSET, namespaceFlags, 1)
	ret(errno | uint32(unix.EPERM))
	load(dataNumber)
	skip(unix.BPF_JEQ, unix.SYS_IOCTL, 5)
	load(dataArgs + 8)
	skip(unix.BPF_JEQ, unix.TIOCSTI, 1) // types into a terminal
	ret(errno | uint32(unix.EPERM))
	skip(unix.BPF_JEQ, tioclinux, 1)
	ret(errno | uint32(unix.EPERM))
	ret(unix.SECCOMP_RET_ALLOW)
	return p
}

// install lays a filter on the calling thread.
func install(p []unix.SockFilter) error {
	prog := unix.SockFprog{Len: uint16(len(p)), Filter: &p[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&prog)))
	if errno != 0 {
		return errno
	}
	return nil
}
