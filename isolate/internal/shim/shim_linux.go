// Package shim is the init process for programs: process 1 of a PID namespace, which
// would ignore SIGTERM if it were the program itself, or a leader that waits until
// limits are laid on it. It starts one program, reaps orphans, forwards the request to
// stop, and reports how the program ended.
package shim

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull/isolate/internal/confine"
	"github.com/lullwork/lull/isolate/internal/frame"
	"github.com/lullwork/lull/isolate/internal/tree"
)

// shakeTime is how long the host may take to begin.
const shakeTime = 10 * time.Second

// Main runs the program argv[0] with the arguments argv[1:]. Its result is the exit
// code; an error means that this is not a child of a host.
func Main(control io.Reader, report *os.File, argv []string) (int, error) {
	if len(argv) < 2 {
		return 0, errors.New("no program")
	}
	late := time.AfterFunc(shakeTime, func() { os.Exit(1) })
	r := frame.NewReader(control)
	w := frame.NewWriter(report)
	if _, err := frame.Answer(r, w, func(string) bool { return true }); err != nil {
		return 0, err
	}
	run, stop, err := AwaitRun(r)
	if err != nil {
		return 0, err
	}
	late.Stop()
	// Caught, not ignored: an ignored signal stays ignored in the program.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	if os.Getpid() != 1 {
		_ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	}
	runtime.LockOSThread() // the program ends with this thread (Pdeathsig)
	pid, err := startConfined(argv, run)
	var laid *confine.LaidError
	if errors.As(err, &laid) {
		return 0, w.Send(frame.Refused{Message: err.Error()})
	}
	if err != nil {
		var errno syscall.Errno
		errors.As(err, &errno)
		return 0, w.Send(frame.Exited{Errno: max(int(errno), 1)})
	}
	ends := make(chan time.Time, 1) // of the grace, after the request to stop
	if stop != nil {
		ask(pid, *stop, ends)
	}
	go listen(r, pid, ends, stop != nil)
	exited := reap(pid, ends)
	return 0, w.Send(exited)
}

// AwaitRun waits for the frame that begins the work. A request to stop may come first.
func AwaitRun(r *frame.Reader) (run frame.Run, stop *frame.Stop, err error) {
	for {
		msg, err := r.Next()
		if err != nil {
			return run, nil, err
		}
		switch m := msg.(type) {
		case frame.Stop:
			stop = &m
		case frame.Run:
			return m, stop, nil
		}
	}
}

// secretsFD is the descriptor of the secrets, which the program gets as its first one
// after stdin, stdout and stderr.
const secretsFD = 5

// startConfined starts the program under its limits, and from a thread that has its
// sandbox, which then stays: the program ends with it.
func startConfined(argv []string, run frame.Run) (pid int, err error) {
	if run.Limits != nil {
		if err := run.Limits.Lay(); err != nil {
			return 0, err
		}
	}
	if run.Sandbox == nil {
		return start(argv, run)
	}
	started := make(chan error)
	go func() {
		_ = confine.Apart(func() error {
			err := run.Sandbox.Lay()
			if err == nil {
				pid, err = start(argv, run)
			}
			started <- err
			select {}
		})
	}()
	err = <-started
	if err == nil && run.DataLimit > 0 {
		// The sandboxed thread may not trace, so the limit comes a moment late.
		if err = tree.LimitData(pid, run.DataLimit); errors.Is(err, unix.ESRCH) {
			err = nil
		}
	}
	return pid, err
}

// start starts the program. A limit of its data must be there before its first
// instruction, and a soft limit of the shim itself, to be inherited, could end the shim
// when its own runtime wants memory. So the program starts under ptrace, which stops it
// at its exec; a set-user-id program loses its user by that. Where ptrace is forbidden
// the limit comes a moment late.
func start(argv []string, run frame.Run) (int, error) {
	dataLimit := run.DataLimit
	if run.Sandbox != nil {
		dataLimit = 0
	}
	attr := &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: []uintptr{0, 1, 2},
		Sys:   &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL, Ptrace: dataLimit > 0},
	}
	if run.Secrets {
		attr.Files = append(attr.Files, secretsFD)
	}
	pid, err := syscall.ForkExec(argv[0], argv[1:], attr)
	if attr.Sys.Ptrace && errors.Is(err, syscall.EPERM) {
		attr.Sys.Ptrace = false
		pid, err = syscall.ForkExec(argv[0], argv[1:], attr)
	}
	if err != nil || dataLimit <= 0 {
		return pid, err
	}
	if attr.Sys.Ptrace {
		// WNOWAIT: if it was killed meanwhile, that is for reap to see.
		for errors.Is(unix.Waitid(unix.P_PID, pid, nil, unix.WSTOPPED|unix.WEXITED|unix.WNOWAIT, nil), unix.EINTR) {
		}
	}
	err = tree.LimitData(pid, dataLimit)
	if attr.Sys.Ptrace {
		_ = unix.PtraceDetach(pid)
	}
	if err != nil && !errors.Is(err, unix.ESRCH) {
		_ = syscall.Kill(-pid, syscall.SIGKILL)
		return pid, err
	}
	return pid, nil
}

// ask forwards a request to stop. The reaper must know the end of the grace before the
// program can die of it.
func ask(pid int, m frame.Stop, ends chan<- time.Time) {
	ends <- time.Now().Add(time.Duration(m.GraceMS) * time.Millisecond)
	_ = syscall.Kill(-pid, syscall.SIGTERM)
}

// listen takes the host's frames. When the host is gone, so is its program.
func listen(r *frame.Reader, pid int, ends chan<- time.Time, asked bool) {
	for {
		msg, err := r.Next()
		if err != nil {
			_ = syscall.Kill(-pid, syscall.SIGKILL)
			if errors.Is(err, io.EOF) {
				os.Exit(0)
			}
			os.Exit(1)
		}
		if m, ok := msg.(frame.Stop); ok && !asked {
			asked = true
			ask(pid, m, ends)
		}
	}
}

// reap waits for the program, and after it for what is left of its process group if
// there is a grace. As process 1 it ends the rest and counts it.
func reap(pid int, ends <-chan time.Time) frame.Exited {
	var exited frame.Exited
	for {
		var status syscall.WaitStatus
		got, err := syscall.Wait4(-1, &status, 0, nil)
		if got == pid {
			exited.Status = uint32(status)
			break
		}
		if err != nil && !errors.Is(err, syscall.EINTR) {
			exited.Errno = int(syscall.ECHILD)
			return exited
		}
	}
	var until time.Time
	select {
	case until = <-ends:
	default:
	}
	for time.Now().Before(until) && syscall.Kill(-pid, 0) == nil {
		_, _ = syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		time.Sleep(2 * time.Millisecond)
	}
	exited.Leaked = tree.ReapRest()
	return exited
}
