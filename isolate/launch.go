package isolate

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/lullwork/lull/isolate/internal/capture"
	"github.com/lullwork/lull/isolate/internal/hub"
	"github.com/lullwork/lull/isolate/internal/tree"
)

// The first argument of a child mode. It is one half of the condition; a handshake on
// an inherited descriptor is the other.
const (
	argFunc = "lull:isolate"
	argInit = "lull:init"
)

// program is what to execute, before a tier is chosen.
type program struct {
	path string
	argv []string
	env  []string
}

// launch is one attempt to start a program in one tier.
type launch struct {
	prog   program
	tree   *tree.Tree
	talk   bool       // control pipes: a function, or a program behind the shim
	link   bool       // and a link for ports
	child  []*os.File // the child's ends, closed after the start
	parent []*os.File // ours, closed if the start fails

	outR, to, from, stdin *os.File
	ends                  hub.Link // ours of the link
}

// startChild starts the run in the best tier that accepts it. Whatever goes wrong
// becomes the run's record.
func (p *Process) startChild() {
	prog, err := p.program()
	if err != nil {
		p.abort(NotStarted, err)
		return
	}
	var refused []Tier
	lastErr := errors.New("no means to end a tree of processes")
	for _, tier := range p.tiers() {
		var l *launch
		if l, lastErr = p.prepare(prog, tier); lastErr == nil {
			var proc *os.Process
			if proc, lastErr = p.spawner.execute(l, p.spec.Dir); lastErr == nil {
				p.planted(l, tier, proc)
				for _, t := range refused {
					p.spawner.markBroken(t)
				}
				return
			}
		}
		if !refusal(lastErr) {
			break
		}
		refused = append(refused, tier)
	}
	p.abort(startOutcome(lastErr), lastErr)
}

// tiers lists the tiers to try. Functions prefer the one that ends with this process.
func (p *Process) tiers() []Tier {
	tiers := p.spawner.Tiers()
	if i := slices.Index(tiers, TierNamespace); i >= 0 {
		switch {
		case p.spec.Func != "":
			tiers = slices.Insert(slices.Delete(tiers, i, i+1), 0, TierNamespace)
		case p.spawner.cfg.ShimPath == "" && len(tiers) > 1:
			tiers = slices.Delete(tiers, i, i+1) // process 1 of a namespace ignores SIGTERM
		}
	}
	return tiers
}

// program resolves what the spec names.
func (p *Process) program() (program, error) {
	spec := &p.spec
	if err := checkDir(spec.Dir); err != nil {
		return program{}, err
	}
	if spec.Func != "" {
		self := selfPath()
		return program{self, []string{self, argFunc, spec.Func, spec.ID}, p.funcEnv()}, nil
	}
	argv := spec.Argv
	if spec.Shell != "" {
		argv = shellArgv(spec.Shell)
	}
	path, err := lookProgram(argv[0], spec.Dir)
	if err != nil {
		return program{}, err
	}
	env, err := p.programEnv()
	return program{path, argv, env}, err
}

// prepare makes the tree and the pipes.
func (p *Process) prepare(prog program, tier Tier) (*launch, error) {
	spec, shim := &p.spec, p.spawner.cfg.ShimPath
	isFunc := spec.Func != ""
	if tier == TierNamespace && !isFunc && shim == "" {
		return nil, errors.New("a program in a PID namespace needs an init process: call isolate.Main or set ShimPath")
	}
	t, err := p.spawner.host.Grow(tree.Want{
		Run: spec.ID, Means: string(tier), CanWait: isFunc || shim != "",
		MemoryBytes: spec.MemoryBytes, Processes: spec.Processes,
	})
	if err != nil {
		return nil, err
	}
	l := &launch{prog: prog, tree: t}
	l.prog.env = append(slices.Clip(l.prog.env), t.Marker())
	l.talk, l.link = isFunc, p.linked != nil || p.warm != nil
	if !isFunc && (tier == TierNamespace || t.MustWait()) {
		l.talk = true
		l.prog = program{shim, append([]string{shim, argInit, prog.path}, prog.argv...), l.prog.env}
	}
	if err := l.openPipes(p); err != nil {
		l.drop()
		return nil, err
	}
	return l, nil
}

// openPipes makes stdin, the output pipe and the control pipes.
func (l *launch) openPipes(p *Process) error {
	pipe := func(childReads bool) (child, parent *os.File, err error) {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, nil, err
		}
		child, parent = w, r
		if childReads {
			child, parent = r, w
		}
		l.child, l.parent = append(l.child, child), append(l.parent, parent)
		return child, parent, nil
	}
	if p.spec.Func == "" && p.spec.Input != nil {
		_, w, err := pipe(true)
		if err != nil {
			return err
		}
		l.stdin = w
	} else {
		null, err := os.Open(os.DevNull)
		if err != nil {
			return err
		}
		l.child = append(l.child, null)
	}
	_, r, err := pipe(false)
	if err != nil {
		return err
	}
	l.outR = r
	if !l.talk {
		return nil
	}
	if _, l.to, err = pipe(true); err != nil {
		return err
	}
	if _, l.from, err = pipe(false); err != nil || !l.link {
		return err
	}
	var theirs []*os.File
	l.ends, theirs, err = newLink(p.spawner.pipesOnly)
	l.child = append(l.child, theirs...)
	return err
}

// drop undoes prepare.
func (l *launch) drop() {
	closeAll(l.child)
	closeAll(l.parent)
	if l.ends != nil {
		_ = l.ends.Close()
	}
	_, _ = l.tree.Uproot()
}

func closeAll(files []*os.File) {
	for _, f := range files {
		_ = f.Close()
	}
}

// execute starts the launch on the spawner's thread.
func (s *Spawner) execute(l *launch, dir string) (*os.Process, error) {
	files := []*os.File{l.child[0], l.child[1], l.child[1]}
	attr := &os.ProcAttr{Dir: dir, Env: l.prog.env, Files: files, Sys: l.tree.Attr()}
	argv := l.prog.argv
	if l.talk {
		argv = inherit(attr, argv, l.child[2:])
	}
	proc, err := s.thread.start(l.prog.path, argv, attr)
	if err != nil {
		l.drop()
		return nil, err
	}
	closeAll(l.child)
	return proc, nil
}

// planted takes over a process that was started.
func (p *Process) planted(l *launch, tier Tier, proc *os.Process) {
	p.leader, p.outR, p.exit.Tier = proc, l.outR, tier
	p.exit.Started = time.Now()
	p.outEnd = make(chan struct{})
	limit := p.spec.OutputLimit
	p.output = capture.New(capture.Config{
		Limit: limit, Log: p.spec.OutputLog,
		OnLimit: func() { p.fail(OutputLimit, "wrote more than %d bytes", limit) },
	})
	soft := func(string, time.Duration) { l.tree.Terminate() }
	if l.talk {
		p.talk = newTalk(p, l.to, l.from)
		soft = p.talk.stop
	}
	switch {
	case p.warm != nil:
		p.warm.ends = l.ends
	case l.link:
		p.linked.join(l.ends)
	}
	plantErr := l.tree.Planted(proc)
	p.mu.Lock()
	p.tree, p.softStop = l.tree, soft
	if p.killed { // Close came first
		p.tree.Kill()
	}
	p.mu.Unlock()
	if plantErr != nil {
		p.fail(StartFailed, "%v", plantErr)
	}
	if p.talk != nil {
		go p.talk.run()
	}
	if l.stdin != nil {
		p.feed(l.stdin)
	}
	go p.capture()
	go p.supervise()
}

// feed writes the input: at once if a pipe surely holds it, else beside the run.
func (p *Process) feed(w *os.File) {
	const always = 4096 // the least a pipe holds
	if len(p.spec.Input) <= always {
		_, _ = w.Write(p.spec.Input) // an error means that the program has gone
		_ = w.Close()
		return
	}
	p.stdin = w
	go func() {
		_, _ = w.Write(p.spec.Input)
		_ = w.Close()
	}()
}

// abort ends a run that never was.
func (p *Process) abort(o Outcome, err error) {
	defer p.tellExit()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.exit.Outcome, p.exit.Message = o, err.Error()
	p.finishLocked()
}

// startOutcome tells a start that is useless to repeat from one that may work later.
func startOutcome(err error) Outcome {
	for _, transient := range []error{
		syscall.EAGAIN, syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE, syscall.ENOSPC,
		syscall.EINTR, syscall.EIO, syscall.ETXTBSY, syscall.EBUSY,
	} {
		if errors.Is(err, transient) {
			return StartFailed
		}
	}
	return NotStarted
}

// refusal is true for errors by which a host refuses a tier. Some of them may also
// come from the program itself; then the next tier gives the same error.
func refusal(err error) bool {
	for _, e := range []error{
		syscall.EPERM, syscall.EACCES, syscall.ENOSYS, syscall.EINVAL, syscall.EBUSY,
		syscall.ENOTSUP, syscall.EROFS, syscall.ENOSPC, syscall.EUSERS,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// lookProgram finds a program like a shell would, relative to dir.
func lookProgram(name, dir string) (string, error) {
	if strings.ContainsRune(name, '/') || strings.ContainsRune(name, filepath.Separator) {
		if !filepath.IsAbs(name) {
			abs, err := filepath.Abs(filepath.Join(dir, name))
			if err != nil {
				return "", err
			}
			name = abs
		}
	}
	return exec.LookPath(name)
}

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
	p.result = file
	extra := append(slices.Clip(p.spec.Env),
		envTask+"="+p.spec.Task, envRun+"="+p.spec.ID,
		envAttempt+"="+strconv.Itoa(p.spec.Attempt), envOutput+"="+file)
	return mergeEnv(os.Environ(), extra), nil
}

func (p *Process) funcEnv() []string {
	env := mergeEnv(os.Environ(), p.spec.Env)
	env = slices.DeleteFunc(env, func(kv string) bool {
		key, _, _ := strings.Cut(kv, "=")
		return key == envTask || key == envRun || key == envAttempt || key == envOutput
	})
	hasLimit := slices.ContainsFunc(env, func(kv string) bool { return strings.HasPrefix(kv, "GOMEMLIMIT=") })
	if (p.linked != nil || p.warm != nil) && !slices.ContainsFunc(env, func(kv string) bool { return strings.HasPrefix(kv, "GOMAXPROCS=") }) {
		env = append(env, "GOMAXPROCS=1")
	}
	if p.spec.MemoryBytes > 0 && !hasLimit {
		// Collect garbage before the kernel's limit is hit.
		env = append(env, "GOMEMLIMIT="+strconv.FormatInt(p.spec.MemoryBytes/10*9, 10))
	}
	return env
}

// mergeEnv adds extra to base; of equal keys the last one stays. The marker of an
// isolate is dropped: the tree adds a new one.
func mergeEnv(base, extra []string) []string {
	last := make(map[string]int, len(base)+len(extra))
	all := append(slices.Clip(base), extra...)
	key := func(kv string) string {
		if kv == "" {
			return ""
		}
		k, _, _ := strings.Cut(kv[1:], "=") // Windows has variables that begin with "="
		return foldKey(kv[:1] + k)
	}
	for i, kv := range all {
		last[key(kv)] = i
	}
	merged := make([]string, 0, len(all)+1)
	for i, kv := range all {
		if k := key(kv); k != "" && k != tree.MarkerKey && last[k] == i {
			merged = append(merged, kv)
		}
	}
	return merged
}
