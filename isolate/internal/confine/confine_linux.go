package confine

import (
	"errors"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// Lay takes from the calling thread what the sandbox does not allow, for good. The
// goroutine must be locked to it.
func (s *Sandbox) Lay() error {
	// Landlock and seccomp demand it of whoever is not root, and it makes set-user-id
	// programs harmless.
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return laid("no new privileges", err)
	}
	if s.ReadOnly {
		if err := s.readOnly(); err != nil {
			return laid("read-only mounts", err)
		}
	}
	if err := dropCapabilities(); err != nil {
		return laid("capabilities", err)
	}
	if s.Landlock > 0 {
		if err := s.landlock(); err != nil {
			return laid("landlock", err)
		}
	}
	if s.Seccomp {
		return laid("seccomp", install(filter(s.NoNetwork)))
	}
	return nil
}

// keptCapabilities are those by which root reads and writes files of others, and
// becomes somebody else. All else that root may do is not for a sandbox.
const keptCapabilities = 1<<unix.CAP_CHOWN | 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_FOWNER | 1<<unix.CAP_FSETID |
	1<<unix.CAP_SETGID | 1<<unix.CAP_SETUID

// dropCapabilities takes them from the thread. What it executes does not get them
// back, because it has no new privileges.
func dropCapabilities() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return err
	}
	data[0] = unix.CapUserData{
		Effective: data[0].Effective & keptCapabilities, Permitted: data[0].Permitted & keptCapabilities,
	}
	data[1] = unix.CapUserData{}
	return unix.Capset(&header, &data[0])
}

// Apart calls f on a thread that ends afterwards, and is not the first one of the
// process: that one would stay, and /proc tells of the process what it tells of it.
func Apart(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			done <- Apart(f) // on another thread, since this one is taken
			runtime.UnlockOSThread()
			return
		}
		done <- f() // not unlocked: the thread ends with the goroutine
	}()
	return <-done
}

// Probe tries what this host has.
func Probe() Support {
	var s Support
	s.ReadOnly = Apart(func() error {
		if !tryReadOnly() {
			return errors.ErrUnsupported
		}
		return nil
	}) == nil
	err := Apart(func() error {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return err
		}
		s.Landlock, s.LandlockWhy = tryLandlock()
		s.Seccomp, s.SeccompWhy = trySeccomp()
		return nil
	})
	if err != nil {
		s.LandlockWhy, s.SeccompWhy = "no_new_privs: "+err.Error(), "no_new_privs: "+err.Error()
	}
	return s
}

// tryLandlock allows nothing and looks whether anything is refused.
func tryLandlock() (abi int, why string) {
	abi, err := landlockABI()
	switch {
	case errors.Is(err, unix.ENOSYS):
		return 0, "this kernel is built without landlock, which came with Linux 5.13"
	case errors.Is(err, unix.EOPNOTSUPP):
		return 0, "landlock is not enabled on this kernel: boot it with landlock in lsm="
	case err != nil:
		return 0, "landlock is refused: " + err.Error()
	}
	if err := (&Sandbox{Landlock: abi}).landlock(); err != nil {
		return 0, "landlock is refused: " + err.Error()
	}
	if f, err := os.Open("/"); err == nil {
		_ = f.Close()
		return 0, "landlock was accepted, and forbids nothing"
	}
	return abi, ""
}

// trySeccomp forbids sockets and looks whether they are refused.
func trySeccomp() (ok bool, why string) {
	if thisArch == 0 {
		return false, "there is no filter for this kind of processor (" + runtime.GOARCH + ")"
	}
	if err := install(filter(true)); err != nil {
		return false, "seccomp is refused: " + err.Error()
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		_ = unix.Close(fd)
		return false, "a seccomp filter was accepted, and forbids nothing"
	}
	return true, ""
}
