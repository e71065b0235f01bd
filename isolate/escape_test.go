//go:build linux

package isolate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull/isolate"
)

// place tells an escape where to go.
type place struct {
	Outside string // folder beyond the sandbox, with a file "secret" and a socket "sock"
	Inside  string // folder that may be written
	TCP     string // address of a listener
	Host    int    // process id of the host; 0: it has none in there
	Proc    string // folder of the host in /proc
	Cgroup  string // file by which a process leaves its cgroup; empty if there is none
}

// trick is one way out. Try returns nil if it worked.
type trick struct {
	name  string
	layer isolate.LayerName // that must refuse it; "": it is allowed
	tame  bool              // leaves nothing behind when it works, so that it is tried without a sandbox too
	try   func(p place) error
}

func raw(nr uintptr, args ...uintptr) error {
	var a [6]uintptr
	copy(a[:], args)
	if _, _, errno := unix.Syscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5]); errno != 0 {
		return errno
	}
	return nil
}

func socket(domain, kind, protocol int) error {
	fd, err := unix.Socket(domain, kind|unix.SOCK_CLOEXEC, protocol)
	if err == nil {
		_ = unix.Close(fd)
	}
	return err
}

func openFile(name string) error {
	f, err := os.Open(name)
	if err == nil {
		_ = f.Close()
	}
	return err
}

func dial(network, address string) error {
	c, err := net.DialTimeout(network, address, 5*time.Second)
	if err == nil {
		_, err = c.Write([]byte("x"))
		_ = c.Close()
	}
	return err
}

// Tricks that not everybody can try.
const (
	readShadow  = "read /etc/shadow"
	leaveCgroup = "leave its cgroup"
)

func escapes() []trick {
	return []trick{
		{"read a file outside", isolate.LayerFiles, true, func(p place) error { return openFile(p.Outside + "/secret") }},
		{readShadow, isolate.LayerFiles, true, func(place) error { return openFile("/etc/shadow") }},
		{"list the root", isolate.LayerFiles, true, func(place) error { return openFile("/") }},
		{"read the host's environment", isolate.LayerFiles, true, func(p place) error { return openFile(p.Proc + "/environ") }},
		{"write a file outside", isolate.LayerFiles, true, func(p place) error { return os.WriteFile(p.Outside+"/new", nil, 0o600) }},
		{"append to a file outside", isolate.LayerFiles, true, func(p place) error {
			f, err := os.OpenFile(p.Outside+"/secret", os.O_WRONLY|os.O_APPEND, 0)
			if err == nil {
				_ = f.Close()
			}
			return err
		}},
		{"truncate a file outside", isolate.LayerFiles, false, func(p place) error { return unix.Truncate(p.Outside+"/secret", 0) }},
		{"remove a file outside", isolate.LayerFiles, false, func(p place) error { return os.Remove(p.Outside + "/secret") }},
		{"rename a file outside", isolate.LayerFiles, false, func(p place) error { return os.Rename(p.Outside+"/secret", p.Inside+"/secret") }},
		{"link a file outside", isolate.LayerFiles, false, func(p place) error { return os.Link(p.Outside+"/secret", p.Inside+"/link") }},
		{"read through a link of its own", isolate.LayerFiles, false, func(p place) error {
			_ = os.Remove(p.Inside + "/symlink")
			if err := os.Symlink(p.Outside+"/secret", p.Inside+"/symlink"); err != nil {
				panic(err)
			}
			return openFile(p.Inside + "/symlink")
		}},
		{"make a folder outside", isolate.LayerFiles, true, func(p place) error {
			return errors.Join(os.Mkdir(p.Outside+"/dir", 0o700), os.Remove(p.Outside+"/dir"))
		}},
		{"execute a program outside", isolate.LayerFiles, true, func(p place) error { return exec.Command(p.Outside + "/program").Run() }},
		{leaveCgroup, isolate.LayerFiles, true, func(p place) error {
			if p.Cgroup == "" {
				return unix.EACCES
			}
			f, err := os.OpenFile(p.Cgroup, os.O_WRONLY, 0)
			if err == nil {
				_ = f.Close()
			}
			return err
		}},
		{"make a device of a disk", isolate.LayerFiles, false, func(p place) error {
			return unix.Mknod(p.Inside+"/disk", unix.S_IFBLK|0o600, int(unix.Mkdev(7, 0)))
		}},

		{"connect", isolate.LayerNetwork, true, func(p place) error { return dial("tcp", p.TCP) }},
		{"listen", isolate.LayerNetwork, true, func(place) error {
			l, err := net.Listen("tcp", "127.0.0.1:0") // MPTCP where there is
			if err == nil {
				_ = l.Close()
			}
			return err
		}},
		{"send UDP", isolate.LayerNetwork, true, func(place) error { return dial("udp", "127.0.0.1:9") }},
		{"connect to a Unix socket", isolate.LayerNetwork, true, func(p place) error { return dial("unix", p.Outside+"/sock") }},
		{"make an abstract Unix socket", isolate.LayerNetwork, true, func(place) error {
			return socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
		}},
		{"make a netlink socket", isolate.LayerNetwork, true, func(place) error { return socket(unix.AF_NETLINK, unix.SOCK_RAW, 0) }},
		{"make a packet socket", isolate.LayerNetwork, false, func(place) error { return socket(unix.AF_PACKET, unix.SOCK_RAW, 0) }},
		{"make a vsock", isolate.LayerNetwork, false, func(place) error { return socket(unix.AF_VSOCK, unix.SOCK_STREAM, 0) }},

		{"trace another process", isolate.LayerSyscalls, false, func(p place) error { return unix.PtraceSeize(max(p.Host, 1)) }},
		{"read another process's memory", isolate.LayerSyscalls, false, func(p place) error {
			var b [8]byte
			_, err := unix.ProcessVMReadv(max(p.Host, 1), []unix.Iovec{{Base: &b[0], Len: 8}}, []unix.RemoteIovec{{Base: 4096, Len: 8}}, 0)
			return err
		}},
		{"mount", isolate.LayerSyscalls, false, func(p place) error { return unix.Mount("none", p.Inside, "tmpfs", 0, "") }},
		{"mount the new way", isolate.LayerSyscalls, false, func(place) error {
			_, err := unix.Fsopen("tmpfs", 0)
			return err
		}},
		{"unmount", isolate.LayerSyscalls, false, func(place) error { return unix.Unmount("/proc", unix.MNT_DETACH) }},
		{"change the root", isolate.LayerSyscalls, false, func(p place) error { return unix.Chroot(p.Inside) }},
		{"make a user namespace", isolate.LayerSyscalls, false, func(place) error { return raw(unix.SYS_UNSHARE, unix.CLONE_NEWUSER) }},
		{"make a mount namespace", isolate.LayerSyscalls, false, func(place) error { return raw(unix.SYS_UNSHARE, unix.CLONE_NEWNS) }},
		{"start a child in a user namespace", isolate.LayerSyscalls, false, func(place) error {
			cmd := exec.Command("/bin/true")
			cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWUSER}
			return cmd.Run()
		}},
		{"start a child with clone3", isolate.LayerSyscalls, false, func(place) error {
			var args [11]uint64 // struct clone_args; no flags that it would accept
			args[0] = unix.CLONE_NEWUSER | unix.CLONE_PARENT
			return raw(unix.SYS_CLONE3, uintptr(unsafe.Pointer(&args)), 1)
		}},
		{"load a BPF program", isolate.LayerSyscalls, false, func(place) error { return raw(unix.SYS_BPF, 99) }},
		{"use io_uring", isolate.LayerSyscalls, false, func(place) error {
			var params [120]byte
			return raw(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(&params)))
		}},
		{"handle page faults", isolate.LayerSyscalls, false, func(place) error { return raw(unix.SYS_USERFAULTFD, 1) }},
		{"read the keys of the session", isolate.LayerSyscalls, false, func(place) error {
			_, err := unix.KeyctlGetKeyringID(unix.KEY_SPEC_SESSION_KEYRING, true)
			return err
		}},
		{"reboot", isolate.LayerSyscalls, false, func(place) error { return raw(unix.SYS_REBOOT, 0, 0, 0) }}, // no magic: harmless
		{"load a kernel", isolate.LayerSyscalls, false, func(place) error { return raw(unix.SYS_KEXEC_LOAD, 0, 99, 0, 1<<15) }},
		{"open by handle", isolate.LayerSyscalls, false, func(p place) error {
			h, _, err := unix.NameToHandleAt(unix.AT_FDCWD, p.Inside, 0)
			if err != nil {
				panic(err)
			}
			_, err = unix.OpenByHandleAt(unix.AT_FDCWD, h, unix.O_RDONLY)
			return err
		}},
		{"type into the terminal", isolate.LayerSyscalls, false, func(place) error {
			c := byte('x')
			return raw(unix.SYS_IOCTL, 0, unix.TIOCSTI, uintptr(unsafe.Pointer(&c)))
		}},
		{"change the machine's name", isolate.LayerSyscalls, false, func(place) error { return unix.Sethostname([]byte("x")) }},

		{"signal the host", isolate.LayerFiles, true, func(p place) error {
			if p.Host == 0 {
				return unix.EPERM
			}
			return unix.Kill(p.Host, 0)
		}},
		{"get new privileges", isolate.LayerPrivileges, true, func(place) error {
			if on, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); err != nil || on == 1 {
				return errors.Join(err, unix.EPERM)
			}
			return nil
		}},
		{"have root's rights over the machine", isolate.LayerPrivileges, false, func(place) error {
			header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
			var data [2]unix.CapUserData
			if err := unix.Capget(&header, &data[0]); err != nil {
				return err
			}
			if data[0].Permitted&(1<<unix.CAP_SYS_ADMIN|1<<unix.CAP_SYS_PTRACE|1<<unix.CAP_NET_ADMIN|1<<unix.CAP_MKNOD) == 0 {
				return unix.EPERM
			}
			return nil
		}},

		// What must go on to work.
		{"write to its folder", "", true, func(p place) error { return os.WriteFile(p.Inside+"/mine", []byte("x"), 0o600) }},
		{"remove from its folder", "", true, func(p place) error { return os.Remove(p.Inside + "/mine") }},
		{"write a temporary file", "", true, func(place) error {
			f, err := os.CreateTemp("", "x")
			if err != nil {
				return err
			}
			return errors.Join(f.Close(), os.Remove(f.Name()))
		}},
		{"write to /dev/null", "", true, func(place) error { return os.WriteFile("/dev/null", []byte("x"), 0) }},
		{"read random numbers", "", true, func(place) error { return openFile("/dev/urandom") }},
		{"start a program of the system", "", true, func(place) error { return exec.Command("/bin/sh", "-c", "exit 0").Run() }},
		{"start a goroutine with a thread of its own", "", true, func(p place) error {
			done := make(chan error)
			for range 8 {
				go func() { done <- openFile("/dev/null") }()
			}
			var err error
			for range 8 {
				err = errors.Join(err, <-done)
			}
			return err
		}},
		{"make a pair of sockets", "", true, func(place) error {
			fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
			if err == nil {
				_, _ = unix.Close(fds[0]), unix.Close(fds[1])
			}
			return err
		}},
		{"signal itself", "", true, func(place) error { return unix.Kill(os.Getpid(), 0) }},
		{"read the zone of time", "", true, func(place) error {
			if _, err := time.LoadLocation("Europe/Paris"); err != nil && openFile("/usr/share/zoneinfo") == nil {
				return err
			}
			return nil
		}},
	}
}

// tryAll tries every way out, or the tame ones, each in turn, and says what came of it:
// "" if it worked, else why not.
func tryAll(p place, tameOnly bool) map[string]string {
	got := map[string]string{}
	for _, e := range escapes() {
		if tameOnly && !e.tame {
			continue
		}
		err := e.try(p)
		var errno syscall.Errno
		switch {
		case err == nil:
			got[e.name] = ""
		case errors.As(err, &errno):
			got[e.name] = unix.ErrnoName(errno)
		default:
			got[e.name] = err.Error()
		}
	}
	return got
}

type escapeInput struct {
	Place    place
	TameOnly bool
}

func doEscape(_ context.Context, in escapeInput) (map[string]string, error) {
	return tryAll(in.Place, in.TameOnly), nil
}

// escapeMain is doEscape as a program.
func escapeMain(input string) int {
	var in escapeInput
	if err := json.Unmarshal([]byte(input), &in); err != nil {
		fmt.Println(err)
		return 1
	}
	out, err := json.Marshal(tryAll(in.Place, in.TameOnly))
	if err == nil {
		err = os.WriteFile(os.Getenv("LULL_OUTPUT"), out, 0o600)
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// outside makes the folder that must not be reached. It is not below a folder that a
// sandboxed run may read.
func outside(dir string) error {
	for name, mode := range map[string]os.FileMode{"secret": 0o600, "program": 0o700} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\nexit 0\n"), mode); err != nil {
			return err
		}
	}
	return nil
}
