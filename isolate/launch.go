package isolate

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/lullwork/lull/isolate/internal/capture"
	"github.com/lullwork/lull/isolate/internal/tree"
)

// The first argument of a child mode. It is one half of the condition; a handshake on
// an inherited descriptor is the other.
const (
	argFunc = "lull:isolate"
	argInit = "lull:init"
	// argEnter is the stage of a function that goes into a sandbox; its arguments follow.
	argEnter = "lull:enter"
)

// program is what to execute, before a tier is chosen.
type program struct {
	path string
	argv []string
	env  []string
}

// launch is one attempt to start a program in one tier.
type launch struct {
	prog program
	tree *tree.Tree
	talk bool // control pipes: a function, or a program behind the shim
	link bool // and a link for ports
	plumbing
}

// startChild starts the run in the best tier that accepts it. Whatever goes wrong
// becomes the run's record.
func (p *Process) startChild() {
	if p.spec.Sandbox != nil {
		var err error
		if p.scratch, err = p.spawner.runFolder(); err != nil {
			p.abort(startOutcome(err), err)
			return
		}
	}
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
		self := p.spawner.self
		argv := []string{self, argFunc, spec.Func, spec.ID}
		if p.enters() {
			argv = slices.Insert(argv, 1, argEnter)
		}
		return program{self, argv, p.funcEnv()}, nil
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
	if err := p.spawner.require(spec, []Tier{tier}); err != nil {
		return nil, err
	}
	canWait := isFunc || shim != ""
	var err error
	if p.confined, err = p.confinement(prog, canWait); err != nil {
		return nil, err
	}
	t, err := p.spawner.host.Grow(tree.Want{
		Run: spec.ID, Means: string(tier), CanWait: canWait,
		MemoryBytes: spec.MemoryBytes, Processes: spec.Processes, CPU: spec.CPUTime, Nice: spec.Nice, Idle: spec.Idle,
		NoNetwork: spec.Sandbox != nil && spec.Sandbox.NoNetwork,
	})
	if err != nil {
		return nil, err
	}
	l := &launch{prog: prog, tree: t}
	l.prog.env = append(slices.Clip(l.prog.env), t.Marker())
	l.talk, l.link = isFunc, p.linked != nil || p.warm != nil
	if !isFunc && (tier == TierNamespace || t.MustWait() || canWait && p.confined.waits()) {
		l.talk = true
		l.prog = program{shim, append([]string{shim, argInit, prog.path}, prog.argv...), l.prog.env}
	}
	if l.plumbing, err = p.plumb(l.talk, l.link); err != nil {
		l.drop()
		return nil, err
	}
	return l, nil
}

// drop undoes prepare.
func (l *launch) drop() {
	l.plumbing.drop()
	_, _ = l.tree.Uproot()
}

// execute starts the launch on the spawner's thread.
func (s *Spawner) execute(l *launch, dir string) (*os.Process, error) {
	files := []*os.File{l.child[0], l.child[1], l.child[1]}
	attr := &os.ProcAttr{Dir: dir, Env: l.prog.env, Files: files, Sys: l.tree.Attr()}
	argv := l.prog.argv
	if l.talk {
		argv = inherit(attr, argv, l.child[2:])
	}
	if !l.talk && l.secrets != nil { // descriptor programSecretsFD
		attr.Files = append(attr.Files, l.secrets)
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
		_ = l.ends.Send([]byte(warmName)) // for the rehearsal; an error shows there
	case l.link:
		p.linked.join(p, l.ends)
	}
	plantErr := l.tree.Planted(proc)
	p.mu.Lock()
	p.tree, p.softStop = l.tree, soft
	switch {
	case p.killed: // Close came first
		p.tree.Kill()
	case p.timer != nil: // Stop came first, which had nobody to ask
		soft(p.reason, time.Until(p.killAt))
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
	p.limitTime()
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
		ErrCannotEnforce, // the host gave it a moment ago
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
