package tree

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull/isolate/internal/confine"
)

// Host is what this machine allows this process to do.
type Host struct {
	instance string
	prefix   string
	v2       string // our own cgroup v2; empty if no child can be made and killed there
	v1       map[string]string
	v2Has    map[string]bool // controllers that children of v2 have
	pidns    bool
	netns    func() bool
}

// Probe tries the means by using them.
func Probe(instance string) *Host {
	h := &Host{instance: cleanInstance(instance), prefix: Prefix(instance), v1: map[string]string{}, v2Has: map[string]bool{}}
	mounts, err := ownCgroups()
	if err == nil {
		if dir := mounts[""]; dir != "" && probeV2(h.probeDir(dir)) {
			h.v2 = dir
			enableControllers(dir, h.v2Has)
		}
		for _, c := range []string{"memory", "pids"} {
			if dir := mounts[c]; dir != "" && !h.v2Has[c] && probeDir(h.probeDir(dir)) {
				h.v1[c] = dir
			}
		}
	}
	for _, dir := range append(slices.Collect(maps.Values(h.v1)), h.v2) {
		removeAbandoned(dir)
	}
	h.pidns = probeNamespace(unix.CLONE_NEWPID)
	// A network is dear to make, so it is tried when it is asked for.
	h.netns = sync.OnceValue(func() bool { return probeNamespace(unix.CLONE_NEWNET) })
	return h
}

// Close frees what Probe took.
func (h *Host) Close() error { return nil }

// Means lists what works, strongest for programs first.
func (h *Host) Means() []string {
	var means []string
	if h.v2 != "" {
		means = append(means, Cgroup)
	}
	if h.pidns {
		means = append(means, Namespace)
	}
	return append(means, Group)
}

func (h *Host) probeDir(parent string) string {
	return fmt.Sprintf("%s/%sprobe-%d", parent, h.prefix, os.Getpid())
}

// probeV2 makes a cgroup, checks that it can be killed and entered, and removes it.
func probeV2(dir string) bool {
	if os.Mkdir(dir, 0o755) != nil {
		return false
	}
	defer func() { _ = os.Remove(dir) }()
	return writeFile(dir+"/cgroup.kill", "1") == nil && unix.Access(dir+"/cgroup.procs", unix.W_OK) == nil
}

// removeAbandoned removes empty groups of unnamed instances whose process is gone: no
// sweep would ever look for them. A process of another namespace may live, and be about to
// put a leader into its group.
func removeAbandoned(parent string) {
	left, _ := filepath.Glob(parent + "/lull-" + unnamed + "*")
	here := pidNamespace()
	for _, dir := range left {
		number, rest, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), "lull-"+unnamed), ".")
		if namespace, _, _ := strings.Cut(rest, "."); namespace != here || here == "0" {
			continue
		}
		if pid, err := strconv.Atoi(number); err == nil && pid > 0 && errors.Is(unix.Kill(pid, 0), unix.ESRCH) {
			_ = unix.Rmdir(dir)
		}
	}
}

func probeDir(dir string) bool {
	if os.Mkdir(dir, 0o755) != nil {
		return false
	}
	return os.Remove(dir) == nil
}

// enableControllers turns the controllers on for children, where that is allowed: not
// if processes live in dir itself, unless it is the root.
func enableControllers(dir string, has map[string]bool) {
	for _, c := range []string{"memory", "pids"} {
		_ = writeFile(dir+"/cgroup.subtree_control", "+"+c)
	}
	enabled, err := os.ReadFile(dir + "/cgroup.subtree_control")
	if err != nil {
		return
	}
	for c := range strings.FieldsSeq(string(enabled)) {
		has[c] = true
	}
}

// probeNamespace makes a namespace for a thread that is then thrown away, so no process
// is started.
func probeNamespace(flag int) bool {
	return confine.Apart(func() error { return unix.Unshare(flag) }) == nil
}

// NetworkNamespace reports whether a run can have a network of its own.
func (h *Host) NetworkNamespace() bool { return h.netns() }

// ownCgroups maps a v1 controller, or "" for v2, to the folder of this process's cgroup.
func ownCgroups() (map[string]string, error) {
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil, err
	}
	paths := map[string]string{}
	for line := range strings.Lines(string(own)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		for c := range strings.SplitSeq(parts[1], ",") {
			paths[c] = parts[2]
		}
	}
	dirs := map[string]string{}
	err = cgroupMounts(func(point, root string, controllers []string) {
		for _, c := range controllers {
			path, ok := paths[c]
			if !ok {
				continue
			}
			rest, inside := strings.CutPrefix(path, strings.TrimSuffix(root, "/"))
			if inside && dirs[c] == "" {
				dirs[c] = strings.TrimSuffix(point+rest, "/")
			}
		}
	})
	return dirs, err
}

// cgroupMounts calls f for each cgroup mount, with the controllers that may be on it
// ("" for v2).
func cgroupMounts(f func(point, root string, controllers []string)) error {
	info, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	unescape := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
	for line := range strings.Lines(string(info)) {
		// See proc_pid_mountinfo(5): the optional fields end with "-".
		left, right, ok := strings.Cut(strings.TrimSpace(line), " - ")
		fields, tail := strings.Fields(left), strings.Fields(right)
		if !ok || len(fields) < 5 || len(tail) < 3 {
			continue
		}
		point, root := unescape.Replace(fields[4]), unescape.Replace(fields[3])
		switch tail[0] {
		case "cgroup2":
			f(point, root, []string{""})
		case "cgroup":
			f(point, root, strings.Split(tail[2], ","))
		}
	}
	return nil
}

// writeFile writes to a file of the kernel. os.OpenFile would offer it to the poller, which
// wants none of them: that is half of the system calls.
func writeFile(name, text string) error {
	fd, err := unix.Open(name, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	for err == unix.EINTR {
		fd, err = unix.Open(name, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	}
	if err != nil {
		return &os.PathError{Op: "open", Path: name, Err: err}
	}
	f := os.NewFile(uintptr(fd), name)
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
