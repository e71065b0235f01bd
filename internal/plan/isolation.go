package plan

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/lullwork/lull/work"
)

// Limits bound what a run may use. 0: no limit of the plan's.
type Limits struct {
	Memory    int64         `json:"memory,omitempty"` // bytes
	Processes int64         `json:"processes,omitempty"`
	Output    int64         `json:"output,omitempty"` // bytes of stdout and stderr
	CPU       time.Duration `json:"cpu,omitempty"`    // processor time
	Files     int64         `json:"files,omitempty"`  // open ones, of each process
	FileSize  int64         `json:"file_size,omitempty"`
	Priority  Priority      `json:"priority,omitempty"`
}

// Priority is how a run shares the processor. The zero value is the engine's own.
type Priority string

const (
	PriorityLow  Priority = "low"  // a small share while others want it
	PriorityIdle Priority = "idle" // only what nobody else wants
)

// Nice is the priority as a niceness.
func (l *Limits) Nice() int {
	if l.Priority == PriorityLow {
		return 10
	}
	return 0
}

// Sandbox is what a run may reach.
type Sandbox struct {
	Read      []string          `json:"read,omitempty"` // paths, as written
	Write     []string          `json:"write,omitempty"`
	NoNetwork bool              `json:"no_network,omitempty"`
	Env       []string          `json:"env,omitempty"`  // variables that it gets; nil: all
	Bare      bool              `json:"bare,omitempty"` // env is there, and empty
	Secrets   map[string]Source `json:"secrets,omitempty"`
}

// Source says where a secret comes from. The secret itself is in no plan.
type Source struct {
	Env  string `json:"env,omitempty"`
	File string `json:"file,omitempty"` // path, as written
}

var limitKeys = []keyOf[*Limits]{
	{"memory", func(l *Limits, f field) { l.Memory, _ = f.size(1<<20, "1MiB") }},
	{"processes", func(l *Limits, f field) {
		n, _ := f.count(1 << 22) // Linux has no more process ids
		l.Processes = int64(n)
	}},
	{"output", func(l *Limits, f field) { l.Output, _ = f.size(1, "1B") }},
	{"cpu", func(l *Limits, f field) { l.CPU, _ = f.positive() }},
	{"files", func(l *Limits, f field) {
		const least = 16 // isolate.MinOpenFiles: a run cannot start with less
		n, ok := f.count(1 << 30)
		if ok && n < least {
			f.fail("", "%d is too small: at least %d", n, least)
		}
		l.Files = int64(n)
	}},
	{"file-size", func(l *Limits, f field) { l.FileSize, _ = f.size(1, "1B") }},
	{"priority", func(l *Limits, f field) { l.Priority = oneOf(f, PriorityLow, PriorityIdle) }},
}

var sandboxKeys = []keyOf[*Sandbox]{
	{"read", func(s *Sandbox, f field) { s.Read = f.paths() }},
	{"write", func(s *Sandbox, f field) { s.Write = f.paths() }},
	{"network", func(s *Sandbox, f field) { s.NoNetwork = f.only("none") }},
	{"env", func(s *Sandbox, f field) {
		s.Env = f.variables()
		s.Bare = s.Env == nil
	}},
	{"secrets", func(s *Sandbox, f field) { s.Secrets = f.secrets() }},
}

// readSandbox reads what the task may reach. The key alone begins a sandbox.
func (t *taskDraft) readSandbox(f field) {
	t.Sandbox = &Sandbox{}
	if f.val.Tag == "!!null" {
		return
	}
	readKeys(f, t.Sandbox, sandboxKeys)
}

func (f field) paths() (out []string) {
	items, _ := f.items()
	for _, it := range items {
		if s, ok := it.text(); ok && s == "" {
			it.fail("write . for the plan's folder", "is empty")
		} else if ok {
			out = append(out, s)
		}
	}
	return out
}

func (f field) variables() (out []string) {
	items, _ := f.items()
	for _, it := range items {
		s, ok := it.text()
		if !ok {
			continue
		}
		if wrong := checkVariable(s); wrong != nil {
			it.report(it.val, wrong)
			continue
		}
		out = append(out, s)
	}
	return out
}

// secrets reads where secrets come from. No value is shown in an error: it may be one
// that somebody has put there in place of where it is.
func (f field) secrets() map[string]Source {
	const hint = "write env:VARIABLE or file:PATH; a secret itself does not belong in a plan"
	entries, _ := f.entries()
	out := map[string]Source{}
	for _, e := range entries {
		if wrong := checkVariable(e.keyName()); wrong != nil {
			e.report(e.key, wrong)
			continue
		}
		s, ok := e.text()
		if !ok {
			continue
		}
		kind, where, _ := strings.Cut(s, ":")
		switch {
		case kind == "env" && checkVariable(where) == nil:
			out[e.keyName()] = Source{Env: where}
		case kind == "file" && where != "":
			out[e.keyName()] = Source{File: where}
		default:
			e.fail(hint, "is not where a secret comes from")
		}
	}
	return out
}

func (t *taskDraft) readRequire(f field) {
	var words []string
	for _, l := range work.Layers() {
		words = append(words, string(l))
	}
	items, _ := f.items()
	for _, it := range items {
		s, ok := it.text()
		switch {
		case !ok:
		case !work.Layer(s).Known():
			hint := DidYouMean(s, words)
			if hint == "" {
				hint = "use " + orList(words)
			}
			it.fail(hint, "unknown layer %s", quoted(s))
		case slices.Contains(t.Request.Require, work.Layer(s)):
			it.fail("", "%s is listed twice", quoted(s))
		default:
			t.Request.Require = append(t.Request.Require, work.Layer(s))
		}
	}
}

// checkRequire refuses a layer that the task makes no use of: it would be held for
// nothing.
func (t *taskDraft) checkRequire() {
	box := t.Sandbox
	if box == nil {
		box = &Sandbox{}
	}
	for _, x := range []struct {
		layer work.Layer
		used  bool
		key   string
	}{
		{work.LayerMemory, t.Limits.Memory > 0, "limits: {memory: 512MiB}"},
		{work.LayerProcesses, t.Limits.Processes > 0, "limits: {processes: 64}"},
		{work.LayerCPU, t.Limits.CPU > 0, "limits: {cpu: 10m}"},
		{work.LayerPriority, t.Limits.Priority != "", "limits: {priority: low}"},
		{work.LayerOpenFiles, t.Limits.Files > 0, "limits: {files: 256}"},
		{work.LayerFileSize, t.Limits.FileSize > 0, "limits: {file-size: 1GiB}"},
		{work.LayerFiles, t.Sandbox != nil, "sandbox: {read: [.]}"},
		{work.LayerSyscalls, t.Sandbox != nil, "sandbox: {read: [.]}"},
		{work.LayerPrivileges, t.Sandbox != nil, "sandbox: {read: [.]}"},
		{work.LayerNetwork, box.NoNetwork, "sandbox: {network: none}"},
		{work.LayerEnvironment, box.Env != nil || box.Bare, "sandbox: {env: [PATH]}"},
		{work.LayerSecrets, len(box.Secrets) > 0, "sandbox: {secrets: {TOKEN: env:TOKEN}}"},
	} {
		if !x.used && slices.Contains(t.Request.Require, x.layer) {
			t.at["require"].fail("write "+x.key+", or drop it", "%s has no effect: the task does not ask for it", quoted(string(x.layer)))
		}
	}
}

// resolved is the sandbox with its paths made absolute.
func (s *Sandbox) resolved(p *Plan) *Sandbox {
	if s == nil {
		return nil
	}
	out := *s
	out.Read, out.Write, out.Secrets = nil, nil, maps.Clone(s.Secrets)
	for _, path := range s.Read {
		out.Read = append(out.Read, p.abs(path))
	}
	for _, path := range s.Write {
		out.Write = append(out.Write, p.abs(path))
	}
	// any order: each is replaced by itself
	for name, from := range out.Secrets {
		if from.File != "" {
			out.Secrets[name] = Source{File: p.abs(from.File)}
		}
	}
	if s.Bare {
		out.Env = []string{}
	}
	return &out
}
