package live

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/work"
)

// Isolation is what the runs of a task may use and reach. The zero value takes nothing
// away. What the host cannot give is left out, and the run's record says so, unless
// Request.Require asks for it.
type Isolation struct {
	Memory    int64         // bytes of the whole run; default: no limit
	Processes int64         // processes and threads of the whole run; default: no limit
	CPU       time.Duration // processor time of the whole run, after which it is stopped; default: no limit
	OpenFiles int64         // descriptors of each process; default: the engine's limit
	FileSize  int64         // bytes of each file that is written; default: no limit
	Output    int64         // bytes of stdout and stderr, after which it is killed; default: 64 MiB
	Nice      int           // 1 to 19: lower priority; default: the engine's
	Idle      bool          // run only when nothing else wants the processor or the disk

	// Sandbox says what it may reach. Relative paths are relative to the folder in which
	// it runs. Default: all that the engine may.
	Sandbox *isolate.Sandbox
	// EnvAllow names the variables of the engine's environment that it gets. Empty, not
	// nil: none. Default: all but those that Secrets come from.
	EnvAllow []string
	// Secrets are values by name, read when a run starts. They go to the run by an
	// inherited descriptor (see isolate.Secret, and LULL_SECRETS_FD for programs) and are
	// never stored, logged or passed in an environment. What a run prints is kept as its
	// output, secret or not.
	Secrets map[string]Secret
}

// Secret says where a secret comes from. Exactly one field is set.
type Secret struct {
	Env   string // a variable of the engine's environment
	File  string // a file; one newline at its end does not count
	Value []byte // the value itself, held in memory only
}

// apply puts the isolation into a spec. The secrets are read.
func (i *Isolation) apply(s *isolate.Spec) error {
	s.MemoryBytes, s.Processes, s.CPUTime, s.OutputLimit = i.Memory, i.Processes, i.CPU, i.Output
	s.OpenFiles, s.FileSize, s.Nice, s.Idle = i.OpenFiles, i.FileSize, i.Nice, i.Idle
	s.Sandbox, s.EnvAllow = i.Sandbox, i.EnvAllow
	if len(i.Secrets) == 0 {
		return nil
	}
	s.Secrets = map[string][]byte{}
	var errs []error
	var sources []string
	for _, name := range slices.Sorted(maps.Keys(i.Secrets)) {
		from := i.Secrets[name]
		value, err := ReadSecret(from)
		if err != nil {
			errs = append(errs, fmt.Errorf("secret %s: %w", name, err))
		}
		s.Secrets[name] = value
		sources = append(sources, from.Env)
	}
	s.EnvAllow = without(s.EnvAllow, sources)
	return errors.Join(errs...)
}

// ReadSecret reads a secret from where it comes from.
func ReadSecret(s Secret) ([]byte, error) {
	switch {
	case s.Env != "":
		value, ok := os.LookupEnv(s.Env)
		if !ok {
			return nil, fmt.Errorf("the engine's environment has no variable %s", s.Env)
		}
		return []byte(value), nil
	case s.File != "":
		// Looked at before it is opened: opening a pipe that nobody writes to hangs.
		if info, err := os.Stat(s.File); err != nil {
			return nil, err
		} else if !info.Mode().IsRegular() {
			return nil, fmt.Errorf("%s is not a regular file", s.File)
		}
		f, err := os.Open(s.File)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		value, err := io.ReadAll(io.LimitReader(f, isolate.MaxSecrets+1))
		if err != nil {
			return nil, err
		}
		return bytes.TrimSuffix(value, []byte("\n")), nil
	}
	return s.Value, nil
}

// without takes variables that hold secrets out of an allow-list; nil stands for all
// variables that there are.
func without(allow, secret []string) []string {
	if !slices.ContainsFunc(secret, func(name string) bool { return name != "" }) {
		return allow
	}
	if allow == nil {
		for _, kv := range os.Environ() {
			name, _, _ := strings.Cut(kv, "=")
			allow = append(allow, name)
		}
	}
	return slices.DeleteFunc(slices.Clone(allow), func(name string) bool { return slices.Contains(secret, name) })
}

// requirements are what a spec of package isolate calls the layers that work requires.
func requirements(required []work.Layer) []isolate.LayerName {
	var out []isolate.LayerName
	for _, l := range required {
		out = append(out, isolate.LayerName(l))
	}
	return out
}

// LayerFacts tells the core what a host gives.
func LayerFacts(layers []isolate.Layer) []record.Layer {
	out := make([]record.Layer, len(layers))
	for i, l := range layers {
		out[i] = record.Layer{Name: work.Layer(l.Name), Given: record.Given(l.Given), Means: l.Means, Why: l.Why}
	}
	return out
}

// Layers tells what this host gives of isolation.
func (r *Isolates) Layers() []record.Layer { return LayerFacts(r.spawner.Layers()) }
