package isolate

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lullwork/lull/isolate/internal/frame"
)

// Defaults and limits.
const (
	// DefaultGrace is the time between the request to stop and the kill.
	DefaultGrace = 10 * time.Second
	// DefaultOutputLimit is the number of bytes of stdout and stderr after which a run is killed.
	DefaultOutputLimit = 64 << 20
	// DefaultResultLimit is the largest JSON result, in bytes.
	DefaultResultLimit = 10_240
	// MinOpenFiles is the smallest limit of descriptors with which a run can start.
	MinOpenFiles = 16
	// MaxInput is the largest input of a function, and the largest ResultLimit, in bytes.
	MaxInput = frame.MaxPayload - 4096
)

// Tier names a means to kill a whole tree of processes.
type Tier string

const (
	// TierCgroup writes cgroup.kill of a cgroup v2 made for the run: nothing escapes,
	// as long as this process lives to write it. Linux 5.14 and newer.
	TierCgroup Tier = "cgroup.kill"
	// TierNamespace kills process 1 of a PID namespace: nothing escapes, even if this
	// process is killed. Linux, with the right to make one (root). A function sees itself
	// as process 1; /proc still shows the host's numbers.
	TierNamespace Tier = "pid namespace"
	// TierGroup kills the process group, then on Linux whatever carries the run's
	// marker in its environment. A process that clears its environment and makes a
	// session of its own escapes, and so may a chain of processes that each start the
	// next one and end.
	TierGroup Tier = "process group + sweep"
	// TierJob terminates a Job Object. Windows.
	TierJob Tier = "job object"
	// TierInline is no tree kill at all: the function runs in this process.
	TierInline Tier = "inline"
)

// Config configures a [Spawner]. The zero value works.
type Config struct {
	// Instance is a stable name for the owner of the runs, such as the id of its state.
	// Sweep finds leftovers of an earlier process by it. Default: a random name, whose
	// leftovers nobody can find.
	Instance string
	// Tier forces one means of tree kill instead of the best that the host has;
	// NewSpawner returns an error if the host does not have it. Default: programs use
	// the first of TierCgroup, TierNamespace, TierGroup; functions prefer TierNamespace,
	// because it also ends them when this process is killed.
	Tier Tier
	// ShimPath is a program that calls Main, used as the init process that programs
	// need in a PID namespace or under limits. Default: the running executable, if it
	// called Main.
	ShimPath string
	// Warm is the number of child processes that are started before they are needed. Each
	// is used for one Run or Spawn, that then begins in less than a tenth of the time, and
	// is replaced. One that waits costs about what a Go program does that has just called
	// Main, and ends with this process. It has the environment and the working folder that
	// this process had when it was started. A Spec that sets more than ID, Grace, ResultLimit
	// and the callbacks does not fit a process that runs already, and gets a new one.
	// Default: none.
	Warm int
	// Scratch is a folder for short-lived files (results of programs). It must be
	// writable by this user only. Default: a new folder in os.TempDir.
	Scratch string
}

// Spec describes one run. Exactly one of Func, Argv and Shell is set.
type Spec struct {
	// ID names the run; it must be unique among the live runs of the spawner. Default: a counter.
	ID string
	// Func is the name of an entry point of this executable.
	Func string
	// Argv is a program and its arguments. A name without a slash is looked up in PATH,
	// a relative one is relative to Dir. Without a sandbox or limits it also gets the
	// descriptors that this process itself was started with, if they are not close-on-exec.
	Argv []string
	// Shell is a command line for /bin/sh (cmd on Windows).
	Shell string
	// Dir is the working directory. Default: that of this process.
	Dir string
	// Env holds additions to the environment of this process, as KEY=value. Last one wins.
	Env []string
	// Task and Attempt become LULL_TASK and LULL_ATTEMPT of a program; ID becomes LULL_RUN.
	Task    string
	Attempt int
	// Input is JSON: the argument of a function (nil is null), stdin of a program (nil
	// is an empty stdin). At most MaxInput bytes for a function.
	Input []byte
	// Grace is what Stop uses if it is given none. Default: DefaultGrace.
	Grace time.Duration
	// OutputLimit is the number of bytes of stdout and stderr after which the run is
	// killed. Default: DefaultOutputLimit. Negative: no limit.
	OutputLimit int64
	// OutputLog is a file to which stdout and stderr are appended; it is made, mode
	// 0600, when the first byte comes. Default: none.
	OutputLog string
	// ResultLimit is the largest result in bytes. Default: DefaultResultLimit. At most MaxInput.
	ResultLimit int
	// MemoryBytes limits the memory of the whole run. Default: no limit. What enforces
	// it is in Exit.Layers.
	MemoryBytes int64
	// Processes limits the number of processes and threads. Default: no limit.
	Processes int64
	// CPUTime limits the processor time of the whole run, in steps of about 10 ms; where
	// the host has no cgroup v2, that of each of its processes, in whole seconds. At the
	// limit the run is asked to stop as by Stop (a process alone by SIGXCPU), with
	// ReasonCPUTime. Default: no limit.
	CPUTime time.Duration
	// Wall limits the time from the start. At the limit the run is stopped, with
	// ReasonBudget. Default: no limit.
	Wall time.Duration
	// Nice lowers the priority by 1 to 19, to 19 at most; Idle runs only when nothing else wants the
	// processor or the disk. Default: the priority of this process.
	Nice int
	Idle bool
	// OpenFiles limits the descriptors of each process; at least MinOpenFiles. Default:
	// the limit of this process.
	OpenFiles int64
	// FileSize limits the bytes of each file that is written. A program that wants to
	// write more gets SIGXFSZ, a Go function an error. Default: no limit.
	FileSize int64
	// Sandbox says what the run may reach. Default: all that this process may.
	Sandbox *Sandbox
	// EnvAllow names the variables of this process's environment that the run gets,
	// beside Env and those that begin with LULL_. Empty, not nil: none. Default: all.
	EnvAllow []string
	// Secrets are values that must not be seen in an environment, an argument or a file:
	// they travel by an inherited descriptor. A function asks [Secret] for them. A
	// program finds the number of the descriptor in LULL_SECRETS_FD; it holds records
	// NAME=value, each ended by a NUL byte, and is at its beginning. What a run may read
	// it may also print: nobody filters its output. At most MaxSecrets bytes; no NUL
	// bytes in values.
	Secrets map[string][]byte
	// Require names layers without which the run must not start: Start returns
	// ErrCannotEnforce unless the host gives each of them with Yes. Default: what the
	// host cannot give is left out, and Exit.Layers says so.
	Require []LayerName
	// OnProgress is called with the JSON given to Progress, from one goroutine. When it
	// is slow, values are skipped, never the last one. Default: progress is dropped.
	OnProgress func(json []byte)
	// OnExit is called once with the record of the run when it is over, from a goroutine
	// of the run. Default: Wait is there to ask.
	OnExit func(Exit)
}

// validate returns every mistake in the spec, joined, and fills the defaults.
func (s *Spec) validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	kinds := 0
	for _, set := range []bool{s.Func != "", len(s.Argv) > 0, s.Shell != ""} {
		if set {
			kinds++
		}
	}
	if kinds != 1 {
		bad("exactly one of Func, Argv and Shell must be set, got %d", kinds)
	}
	if len(s.Argv) > 0 && s.Argv[0] == "" {
		bad("Argv[0] is empty: it names the program")
	}
	for _, text := range append([]string{s.ID, s.Dir, s.Shell, s.Task}, append(s.Argv, s.Env...)...) {
		if strings.ContainsRune(text, 0) {
			bad("%q holds a NUL byte", text)
		}
	}
	for _, kv := range s.Env {
		if i := strings.IndexByte(kv, '='); i < 1 {
			bad("Env entry %q is not KEY=value", kv)
		}
	}
	if s.Input != nil && !json.Valid(s.Input) {
		bad("Input is not JSON")
	}
	if s.Func != "" && len(s.Input) > MaxInput {
		bad("Input has %d bytes: %w", len(s.Input), ErrTooLarge)
	}
	if s.ResultLimit < 0 || s.ResultLimit > MaxInput {
		bad("ResultLimit %d is not in 0..%d", s.ResultLimit, MaxInput)
	}
	if min(s.MemoryBytes, s.Processes, s.OpenFiles, s.FileSize, int64(s.CPUTime), int64(s.Wall)) < 0 {
		bad("MemoryBytes, Processes, OpenFiles, FileSize, CPUTime and Wall must not be negative")
	}
	if s.OpenFiles > 0 && s.OpenFiles < MinOpenFiles {
		bad("OpenFiles %d: the start of a run takes %d", s.OpenFiles, MinOpenFiles)
	}
	if s.Nice < 0 || s.Nice > 19 {
		bad("Nice %d is not in 0..19", s.Nice)
	}
	if err := s.checkSandbox(); err != nil {
		errs = append(errs, err)
	}
	if s.Grace < 0 {
		bad("Grace must not be negative")
	}
	if len(errs) > 0 {
		return fmt.Errorf("isolate spec %q: %w", s.ID, errors.Join(errs...))
	}
	if s.Grace == 0 {
		s.Grace = DefaultGrace
	}
	if s.OutputLimit == 0 {
		s.OutputLimit = DefaultOutputLimit
	}
	if s.ResultLimit == 0 {
		s.ResultLimit = DefaultResultLimit
	}
	return nil
}
