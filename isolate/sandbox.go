package isolate

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Sandbox says what a run may reach. Everything else is refused, by what the host has:
// [Spawner.Layers] says what that is, [Exit.Layers] what it was. The zero value allows
// the default paths to be read, the run's own folder to be written, and the network.
//
// A sandboxed run never gets new privileges, has no way to trace processes, to mount,
// to make namespaces or to load code into the kernel, and as root keeps only the
// rights over files. It contains faults, and makes harm harder. It is no security
// boundary against hostile native code: one mistake of the kernel's is enough.
//
// On Linux a sandbox costs a function one more exec, about 2 ms: the rules are laid on
// the thread that executes the function's process, so that no thread of it, cgo or not,
// was ever without them.
type Sandbox struct {
	// Read lists files and folders, with all below them, that may be read and executed,
	// beside [DefaultRead] and the program itself. A relative path is relative to
	// Spec.Dir. One that does not exist is an error: a rule needs something to be laid on.
	Read []string
	// Write lists those that may be read, written, removed and made, beside the run's
	// own folder, which TMPDIR names and which is removed after the run. A file is moved from
	// one to another by copying it. A host that is not root cannot keep a run from changing
	// mode, owner, times and attributes of its user's files elsewhere.
	Write []string
	// NoNetwork refuses every socket, Unix sockets included: by them one asks those who
	// have a network. A connected pair (socketpair) is allowed. Default: the network is
	// not restricted.
	NoNetwork bool
}

// DefaultRead lists what every sandboxed run may read: programs and libraries, and the
// files by which they find time zones, users, names of hosts and certificates. Paths
// that do not exist are passed over. /proc and home folders are not among them.
func DefaultRead() []string {
	return []string{
		"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store",
		"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ld.so.preload", "/etc/ld-musl-x86_64.path",
		"/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services", "/etc/protocols",
		"/etc/passwd", "/etc/group", "/etc/localtime", "/etc/timezone", "/etc/locale.alias", "/etc/mime.types", "/etc/terminfo",
		"/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/alternatives", "/etc/crypto-policies",
		"/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/loadavg", "/proc/uptime", "/proc/version", "/proc/filesystems",
		"/sys/devices/system/cpu", "/sys/devices/system/node", "/sys/kernel/mm/transparent_hugepage", "/sys/fs/cgroup",
	}
}

// devices may be read and written by every sandboxed run.
var devices = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}

// paths makes the paths of a list absolute and looks whether they exist.
func paths(list []string, dir string) ([]string, error) {
	out := make([]string, 0, len(list))
	var errs []error
	for _, p := range list {
		if !filepath.IsAbs(p) {
			abs, err := filepath.Abs(filepath.Join(dir, p))
			if err != nil {
				return nil, err
			}
			p = abs
		}
		if _, err := os.Stat(p); errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("sandbox: %s does not exist: make it first, or take it out of the list", p))
		} else if err != nil {
			errs = append(errs, fmt.Errorf("sandbox: %w", err))
		}
		out = append(out, p)
	}
	return out, errors.Join(errs...)
}

// checkSandbox returns the mistakes in what a spec takes away and hands over.
func (s *Spec) checkSandbox() error {
	var errs []error
	if s.Sandbox != nil {
		for _, p := range slices.Concat(s.Sandbox.Read, s.Sandbox.Write) {
			if p == "" || strings.ContainsRune(p, 0) {
				errs = append(errs, fmt.Errorf("sandbox: %q is no path", p))
			}
		}
	}
	for _, name := range s.EnvAllow {
		if name == "" || strings.ContainsAny(name, "=\x00") {
			errs = append(errs, fmt.Errorf("EnvAllow: %q is no name of a variable", name))
		}
	}
	for _, name := range s.Require {
		if !slices.Contains(layerNames, name) {
			errs = append(errs, fmt.Errorf("require: unknown layer %q; the layers are %q", name, layerNames))
		}
	}
	return errors.Join(append(errs, checkSecrets(s.Secrets))...)
}
