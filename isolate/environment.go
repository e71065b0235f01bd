package isolate

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lullwork/lull/isolate/internal/tree"
)

// Variables of a program's environment.
const (
	envTask    = "LULL_TASK"
	envRun     = "LULL_RUN"
	envAttempt = "LULL_ATTEMPT"
	envOutput  = "LULL_OUTPUT"
)

func (p *Process) programEnv() ([]string, error) {
	file, err := p.spawner.resultFile()
	if err != nil {
		return nil, err
	}
	if p.scratch != "" {
		file = filepath.Join(p.scratch, "result.json")
	}
	p.result = file
	extra := append(p.ownEnv(),
		envTask+"="+p.spec.Task, envRun+"="+p.spec.ID,
		envAttempt+"="+strconv.Itoa(p.spec.Attempt), envOutput+"="+file)
	if len(p.spec.Secrets) > 0 {
		extra = append(extra, envSecrets+"="+strconv.Itoa(programSecretsFD))
	}
	return mergeEnv(p.spec.allowEnv(os.Environ()), extra), nil
}

// ownEnv is what the spec sets.
func (p *Process) ownEnv() []string {
	if p.scratch == "" {
		return slices.Clip(p.spec.Env)
	}
	return append([]string{"TMPDIR=" + p.scratch}, p.spec.Env...)
}

func (p *Process) funcEnv() []string {
	env := mergeEnv(p.spec.allowEnv(os.Environ()), p.ownEnv())
	env = slices.DeleteFunc(env, func(kv string) bool {
		key, _, _ := strings.Cut(kv, "=")
		return key == envTask || key == envRun || key == envAttempt || key == envOutput || key == envSecrets
	})
	hasLimit := slices.ContainsFunc(env, func(kv string) bool { return strings.HasPrefix(kv, "GOMEMLIMIT=") })
	hasProcs := slices.ContainsFunc(env, func(kv string) bool { return strings.HasPrefix(kv, "GOMAXPROCS=") })
	if (p.linked != nil || p.warm != nil) && !hasProcs {
		env = append(env, "GOMAXPROCS=1") // it is one of many
	}
	if p.spec.MemoryBytes > 0 && !hasLimit {
		// Collect garbage before the kernel's limit is hit.
		env = append(env, "GOMEMLIMIT="+strconv.FormatInt(p.spec.MemoryBytes/10*9, 10))
	}
	return env
}

// mergeEnv adds extra to base, in which no key is twice; of equal keys the last one stays. The
// marker of an isolate is dropped: the tree adds a new one.
func mergeEnv(base, extra []string) []string {
	key := func(kv string) string {
		if kv == "" {
			return ""
		}
		k, _, _ := strings.Cut(kv[1:], "=") // Windows has variables that begin with "="
		return foldKey(kv[:1+len(k)])
	}
	keys := make([]string, len(extra))
	for i, kv := range extra {
		keys[i] = key(kv)
	}
	merged := make([]string, 0, len(base)+len(extra)+2)
	add := func(kv string, later []string) {
		if k := key(kv); k != "" && k != tree.MarkerKey && !slices.Contains(later, k) {
			merged = append(merged, kv)
		}
	}
	for _, kv := range base {
		add(kv, keys)
	}
	for i, kv := range extra {
		add(kv, keys[i+1:])
	}
	return merged
}

// allowEnv keeps the variables that a spec lets through; nil lets all through.
func (s *Spec) allowEnv(env []string) []string {
	if s.EnvAllow == nil {
		return env
	}
	return slices.DeleteFunc(slices.Clone(env), func(kv string) bool {
		key, _, _ := strings.Cut(kv, "=")
		return !slices.Contains(s.EnvAllow, key)
	})
}
