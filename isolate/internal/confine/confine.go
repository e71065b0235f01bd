// Package confine takes rights away: limits from a process, and a sandbox from one
// thread, for what that thread starts or becomes. A thread is enough, and all that can
// be had: landlock and seccomp belong to threads, and a child, like a program that
// replaces the process, has those of the thread that made it.
package confine

import "fmt"

// Limits are resource limits of one process, inherited by its children, each of which
// is counted by itself. 0 is none.
type Limits struct {
	// CPUSoft is the processor time after which SIGXCPU asks to stop, in seconds;
	// CPUHard that after which the kernel kills.
	CPUSoft   int64
	CPUHard   int64
	OpenFiles int64
	FileSize  int64 // bytes
}

// Sandbox is what a thread may still do.
type Sandbox struct {
	// Landlock is the ABI whose rules apply; 0: no landlock. Read and Write are files and
	// folders, with all below them; Devices may be read and written, not executed.
	// Those that do not exist are left out.
	Landlock int
	Read     []string
	Write    []string
	Devices  []string
	// Seccomp refuses the system calls of the deny list, NoNetwork socket(2) as well.
	Seccomp   bool
	NoNetwork bool
	// ReadOnly makes all mounts read-only but for what is in Write.
	ReadOnly bool
}

// Support is what this host has, found by doing it on a thread that is thrown away.
type Support struct {
	Landlock    int    // ABI; 0: none
	LandlockWhy string // why none
	Seccomp     bool
	SeccompWhy  string // why not
	ReadOnly    bool   // mounts can be made read-only, which root may do
}

// LaidError says which part could not be laid.
type LaidError struct {
	Part string
	Err  error
}

func (e *LaidError) Error() string { return fmt.Sprintf("%s: %v", e.Part, e.Err) }

// Unwrap returns the system's error.
func (e *LaidError) Unwrap() error { return e.Err }

func laid(part string, err error) error {
	if err == nil {
		return nil
	}
	return &LaidError{part, err}
}
