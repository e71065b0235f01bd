package wasm

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/lullwork/lull/isolate"
)

// Tier is the Exit.Tier of a run in this process: the guest is ended at its next loop,
// call or host function. A run in a child has the tier of the child.
const Tier isolate.Tier = "wasm"

// Start is the name of a command's entry point, and the default of Call.Export.
const Start = "_start"

const (
	// DefaultMemory is the largest linear memory of a guest, in bytes.
	DefaultMemory = 256 << 20
	// maxMemory is what 32 bits of address reach.
	maxMemory = 4 << 30
	// maxResult bounds Call.ResultLimit.
	maxResult = 1 << 30
)

// Config configures [Compile]. The zero value works.
type Config struct {
	// MemoryBytes is the largest linear memory of one instance, rounded down to pages
	// of 64 KiB. A growth beyond it is refused, which the guest may survive. Default:
	// DefaultMemory. Negative: the 4 GiB that WebAssembly allows.
	MemoryBytes int64
	// CacheDir is a folder that keeps the machine code, so that the next process need not
	// compile the same module again. What is in there is executed: it is made with mode
	// 0700, and one that others may write to is refused. Default: none.
	CacheDir string
	// Unstoppable leaves out the checks that end a loop or a recursion when the context
	// does. They cost about 40 ns in each round of a loop and each call of a function: 50
	// times as long, for a loop that does nothing else. But then nothing in this process
	// can end a run, and Call.Budget is refused. For guests that are trusted to end, or a process that is
	// itself killed, as by [Entry]. Default: false.
	Unstoppable bool
}

// Call is one run of a module.
type Call struct {
	// Export names the function to run. Default: Start, for modules that are commands.
	Export string
	// Input is JSON: stdin of a command (nil is an empty stdin), the arguments of an
	// export (nil is none, or null).
	Input []byte
	// Args are a command's arguments after its name.
	Args []string
	// Env is all of the environment, as KEY=value, beside the LULL_OUTPUT of a command.
	// Default: nothing of this process's.
	Env []string
	// Dirs are the folders that the guest may use. Default: none but /lull.
	Dirs []Dir
	// Budget is the time after which the guest is ended. Default: none.
	Budget time.Duration
	// OutputLimit is the number of bytes of stdout and stderr after which the guest is
	// ended. Default: isolate.DefaultOutputLimit. Negative: no limit.
	OutputLimit int64
	// ResultLimit is the largest result in bytes. Default: isolate.MaxInput.
	ResultLimit int
	// RealTime gives the guest this machine's clocks, and sleeps that take their time.
	// Default: a clock of its own, that begins at Epoch and moves by 1 ms when it is
	// read and by the length of each sleep, which returns at once: every run sees the same.
	RealTime bool
	// Epoch is where the guest's own clock begins. Default: 2022-01-01 00:00 UTC.
	Epoch time.Time
	// RealRandom gives the guest randomness. Default: the same numbers in each run.
	RealRandom bool
	// OnOutput is called with what the guest writes to stdout and stderr, as it comes,
	// and must not keep the slice. Default: only Exit.Tail has it.
	OnOutput func([]byte)
	// OnProgress is called with the JSON that the guest gives to lull.progress. The guest
	// waits for it. Default: progress is dropped.
	OnProgress func(json []byte)
}

// Dir is a folder that a guest may use. It cannot leave it, not by "..", not by a
// symbolic link that is there, and it cannot make links; pipes and devices in it
// cannot be opened.
type Dir struct {
	// Host is the folder on this machine.
	Host string
	// Guest is its absolute name inside, such as "/" or "/photos"; not "/lull" or below.
	Guest string
	// ReadOnly refuses what would change it.
	ReadOnly bool
}

// scratchDir is the folder in memory that every command has.
const scratchDir = "/lull"

// pages returns the largest number of pages of a linear memory.
func (c *Config) pages() (uint32, error) {
	switch n := c.MemoryBytes; {
	case n == 0:
		return DefaultMemory / pageSize, nil
	case n < 0 || n > maxMemory:
		return maxMemory / pageSize, nil
	case n < pageSize:
		return 0, fmt.Errorf("MemoryBytes %d: a page of linear memory has %d", n, pageSize)
	default:
		return uint32(n / pageSize), nil
	}
}

// validate returns every mistake in the call, joined, and fills the defaults.
func (c *Call) validate(unstoppable bool) error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Export == "" {
		c.Export = Start
	}
	if c.Input != nil && !json.Valid(c.Input) {
		bad("Input is not JSON")
	}
	for _, text := range slices.Concat(c.Args, c.Env) {
		if strings.ContainsRune(text, 0) {
			bad("%q holds a NUL byte", text)
		}
	}
	for _, kv := range c.Env {
		if strings.IndexByte(kv, '=') < 1 {
			bad("Env entry %q is not KEY=value", kv)
		}
	}
	seen := map[string]bool{}
	for _, d := range c.Dirs {
		switch {
		case d.Host == "":
			bad("Dir for %q has no Host", d.Guest)
		case !path.IsAbs(d.Guest) || path.Clean(d.Guest) != d.Guest:
			bad("Dir.Guest %q is not a clean absolute path, as /photos", d.Guest)
		case d.Guest == scratchDir || strings.HasPrefix(d.Guest, scratchDir+"/"):
			bad("Dir.Guest %q: %s is taken", d.Guest, scratchDir)
		case seen[d.Guest]:
			bad("Dir.Guest %q is there twice", d.Guest)
		}
		seen[d.Guest] = true
	}
	if c.ResultLimit < 0 || c.ResultLimit > maxResult {
		bad("ResultLimit %d is not in 0..%d", c.ResultLimit, maxResult)
	}
	switch {
	case c.Budget < 0:
		bad("Budget must not be negative")
	case c.Budget > 0 && unstoppable:
		bad("Budget: the module was compiled with Unstoppable, so nothing would end it in time")
	}
	if len(errs) > 0 {
		return fmt.Errorf("wasm call of %q: %w", c.Export, errors.Join(errs...))
	}
	if c.OutputLimit == 0 {
		c.OutputLimit = isolate.DefaultOutputLimit
	}
	if c.ResultLimit == 0 {
		c.ResultLimit = isolate.MaxInput
	}
	if c.Epoch.IsZero() {
		c.Epoch = time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return nil
}
