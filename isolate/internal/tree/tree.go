// Package tree starts and ends trees of processes. A Tree is made before its leading
// process, which is started with Attr and Marker and announced by Planted; Uproot is
// called when the leader has ended and returns when nothing of the tree is left.
package tree

import (
	"crypto/rand"
	"fmt"
	"hash/fnv"
	"os"
	"strings"
	"time"
)

// Means of ending a tree.
const (
	Cgroup    = "cgroup.kill"
	Namespace = "pid namespace"
	Group     = "process group + sweep"
	Job       = "job object"
)

// LayerDataLimit is the layer of a limit of memory where no group of the kernel's can give
// one. It refuses memory, where a group ends a process.
const LayerDataLimit = "memory: RLIMIT_DATA of each process"

// MarkerKey is the environment variable by which processes of a run are found.
const MarkerKey = "LULL_ISOLATE"

// unnamed begins the instance of a host process that has no stable one.
const unnamed = "pid"

// Unnamed returns such an instance: the process id, the namespace in which that means the
// process, and chance.
func Unnamed() string {
	return fmt.Sprintf("%s%d.%s.%s", unnamed, os.Getpid(), pidNamespace(), rand.Text()[:12])
}

// pidNamespace is the number of this process's namespace of process ids; "0" if there are
// none here, or it is not told.
func pidNamespace() string {
	link, _ := os.Readlink("/proc/self/ns/pid")
	if number, ok := strings.CutPrefix(link, "pid:["); ok {
		return strings.TrimSuffix(number, "]")
	}
	return "0"
}

// Want describes a tree.
type Want struct {
	Run   string // unique among the live trees of the host
	Means string
	// CanWait: the leader can be made to wait before the work begins, so that limits can
	// be laid on it from outside.
	CanWait bool
	// Limits of the whole tree; 0 is none.
	MemoryBytes, Processes int64
	// CPU is a limit of processor time, which the host enforces by asking Used. 0: none.
	CPU time.Duration
	// Nice is added to the niceness, 0 to 19; Idle runs when nothing else wants to.
	Nice int
	Idle bool
	// NoNetwork wants a network of its own, with nothing in it.
	NoNetwork bool
}

// Strength is how much of something a host can give.
type Strength int

const (
	No Strength = iota
	Partly
	Fully
)

// Offer is one thing that a host can give, or not.
type Offer struct {
	Strength Strength
	Means    string // by what; empty if by nothing
	Why      string // what is weak or missing; empty if nothing is
}

// clean makes text fit for a file name; what it changes it tells apart by a hash.
func clean(s string, extra string) string {
	mapped := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(extra, r) {
			return r
		}
		return '_'
	}, s)
	if mapped == s && len(s) <= 80 {
		return s
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(s))
	return fmt.Sprintf("%.80s_%016x", mapped, h.Sum64())
}

// cleanInstance has no "-", so that no instance's prefix is the beginning of another's.
func cleanInstance(s string) string { return clean(s, "._") }

// Prefix begins the names of all that an instance makes.
func Prefix(instance string) string { return "lull-" + cleanInstance(instance) + "-" }

func cleanRun(s string) string { return clean(s, "._-") }
