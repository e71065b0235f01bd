package isolate

import (
	"errors"
	"os"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull/isolate/internal/frame"
	"github.com/lullwork/lull/isolate/internal/shim"
)

// enterMain is the first stage of a sandboxed function: it lays limits and sandbox on
// one thread and lets that thread execute the second stage, which then has them in
// every thread, before anything of the program has run. It returns only if it fails.
func enterMain() int {
	control, report, err := controlFiles()
	if err != nil {
		return notAChild(err)
	}
	r := frame.NewReader(control)
	w := frame.NewWriter(report)
	late := time.AfterFunc(handshakeTime, func() { os.Exit(notAChild(errors.New("no handshake"))) })
	if _, err := frame.Answer(r, w, func(string) bool { return true }); err != nil {
		return notAChild(err)
	}
	run, _, err := shim.AwaitRun(r)
	if err != nil {
		return notAChild(err)
	}
	late.Stop()
	runtime.LockOSThread()
	if err := become(run); err != nil {
		_ = w.Send(frame.Refused{Message: err.Error()})
	}
	return codeRefused
}

// codeRefused is the exit code of a child that could not lay what it was told to.
const codeRefused = 70 // EX_SOFTWARE of sysexits.h

// become replaces this process by the second stage.
func become(run frame.Run) error {
	if run.Limits != nil {
		if err := run.Limits.Lay(); err != nil {
			return err
		}
	}
	if run.Sandbox != nil {
		if err := run.Sandbox.Lay(); err != nil {
			return err
		}
	}
	kept := []int{controlFD, reportFD}
	if run.Secrets {
		kept = append(kept, secretsFD)
	}
	if run.Link {
		kept = append(kept, linkFD(run.Secrets), linkFD(run.Secrets)+1)
	}
	for _, fd := range kept {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, 0); err != nil {
			return err
		}
	}
	return os.NewSyscallError("execve", syscall.Exec(selfPath(), append([]string{os.Args[0]}, os.Args[2:]...), os.Environ()))
}
