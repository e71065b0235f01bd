package isolate

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/lullwork/lull/isolate/internal/confine"
	"github.com/lullwork/lull/isolate/internal/tree"
)

// Spawner starts isolates and ends them, each with all of its processes.
//
// It owns one OS thread on which every child is started, because Linux ends a child
// that asked for it when its parent *thread* ends. So a process wants one Spawner, and
// Close it last.
type Spawner struct {
	cfg    Config
	host   *tree.Host
	thread *thread
	self   string // path of the running executable
	// pipesOnly: no link through shared memory, for tests.
	pipesOnly bool

	mu      sync.Mutex
	closed  bool
	ending  bool // nothing new may start
	seq     int
	nonce   string // keeps file names of two processes apart
	live    map[string]*Process
	ready   []*Process    // warm ones that can be used
	warming int           // warm ones that were started and not used
	lastUse time.Time     // of a warm one
	cold    bool          // none is wanted
	broken  map[Tier]bool // probed well, but a real start was refused
	scratch string
	idle    sync.Cond // len(live) changed
	spare   *plumbing // nil if there is none
	support func() confine.Support
}

// NewSpawner probes the host, by doing, for what can end a tree of processes. It
// returns an error if Config asks for what the host does not have.
func NewSpawner(cfg Config) (*Spawner, error) {
	if cfg.Instance == "" {
		cfg.Instance = tree.Unnamed()
	}
	host := tree.Probe(cfg.Instance)
	if cfg.Tier != "" && !slices.Contains(host.Means(), string(cfg.Tier)) {
		return nil, fmt.Errorf("this host cannot use tier %q: it has %q", cfg.Tier, host.Means())
	}
	switch {
	case cfg.Warm < 0:
		return nil, fmt.Errorf("%d warm processes: the number must not be negative", cfg.Warm)
	case cfg.Warm > 0 && !theTable.mainCalled():
		return nil, ErrNoMain
	}
	self := selfPath()
	switch {
	case runtime.GOOS != "linux":
		cfg.ShimPath = "" // there is no use for one
	case cfg.ShimPath == "" && theTable.mainCalled():
		cfg.ShimPath = self
	}
	s := &Spawner{
		cfg: cfg, host: host, thread: newThread(), self: self,
		live: map[string]*Process{}, broken: map[Tier]bool{}, scratch: cfg.Scratch,
		nonce: rand.Text()[:12], support: sync.OnceValue(confine.Probe),
	}
	s.idle.L = &s.mu
	if cfg.Warm > 0 {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.refill()
	}
	return s, nil
}

// Tiers lists the means of tree kill that this spawner may use, strongest for programs first.
func (s *Spawner) Tiers() []Tier {
	if s.cfg.Tier != "" {
		return []Tier{s.cfg.Tier}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var tiers []Tier
	for _, m := range s.host.Means() {
		if !s.broken[Tier(m)] {
			tiers = append(tiers, Tier(m))
		}
	}
	return tiers
}

// Start starts one run and returns at once. It returns an error only if nothing was
// attempted: a bad spec, ErrNoMain, ErrNoEntry, ErrClosed, a live run of the same ID.
// That the run could not be started is an Exit with outcome NotStarted or StartFailed.
func (s *Spawner) Start(spec Spec) (*Process, error) { return s.start(spec, nil) }

func (s *Spawner) start(spec Spec, l *linked) (*Process, error) {
	if err := spec.validate(); err != nil {
		return nil, err
	}
	var entry Entry
	if spec.Func != "" {
		if !theTable.mainCalled() {
			return nil, ErrNoMain
		}
		var ok bool
		if entry, ok = Registered(spec.Func); !ok {
			return nil, theTable.noEntry(spec.Func)
		}
	}
	inline := spec.Func != "" && entry.mode == Inline
	if len(spec.Require) > 0 {
		required := s.require
		if inline {
			required = requireInline
		}
		if err := required(&spec, s.Tiers()); err != nil {
			return nil, fmt.Errorf("isolate spec %q: %w", spec.ID, err)
		}
	}
	if l != nil && entry.mode == Child {
		if p, err := s.useWarm(spec, l); p != nil || err != nil {
			return p, err
		}
	}
	p, err := s.admit(spec, l)
	if err != nil {
		return nil, err
	}
	if inline {
		p.startInline(entry)
	} else {
		p.startChild()
	}
	return p, nil
}

// admit makes the process's record and lists it as live.
func (s *Spawner) admit(spec Spec, l *linked) (*Process, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.name(&spec); err != nil {
		return nil, err
	}
	p := newProcess(s, spec, l)
	s.live[spec.ID] = p
	return p, nil
}

// name gives a run its ID, if it may start.
func (s *Spawner) name(spec *Spec) error {
	if s.closed || s.ending {
		return ErrClosed
	}
	if spec.ID == "" {
		s.seq++
		spec.ID = "run-" + strconv.Itoa(s.seq)
	}
	if s.live[spec.ID] != nil {
		return fmt.Errorf("run %q is already live", spec.ID)
	}
	return nil
}

func (s *Spawner) remove(p *Process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live[p.spec.ID] == p {
		delete(s.live, p.spec.ID)
	}
	if p.warm != nil && !p.warm.used {
		s.warming--
		s.ready = slices.DeleteFunc(s.ready, func(q *Process) bool { return q == p })
	}
	s.idle.Broadcast()
}

// Sweep kills and removes what an earlier process of the same Config.Instance left:
// cgroups of its runs, processes that carry its marker, files of results. Call it before the first
// Start; with live runs it returns an error. It returns the number of processes killed.
func (s *Spawner) Sweep() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, ErrClosed
	}
	if n := len(s.live); n > 0 {
		return 0, fmt.Errorf("sweep while %d runs are live: sweep before the first Start", n)
	}
	s.chill() // they look like leftovers
	defer func() {
		s.cold = false
		s.refill()
	}()
	killed, err := s.host.Sweep()
	var left []string
	if s.cfg.Scratch != "" {
		left, _ = filepath.Glob(filepath.Join(s.cfg.Scratch, "result-*.json"))
		folders, _ := filepath.Glob(filepath.Join(s.cfg.Scratch, "run-*"))
		left = append(left, folders...)
	} else {
		left, _ = filepath.Glob(filepath.Join(os.TempDir(), tree.Prefix(s.cfg.Instance)+"*"))
	}
	for _, path := range left {
		if path != s.scratch {
			err = errors.Join(err, os.RemoveAll(path))
		}
	}
	return killed, err
}

// stopAll asks all that lives to end, and waits until it has, or was killed for not ending.
func (s *Spawner) stopAll(reason string, grace time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ending = true // or there might be no end of it
	for _, p := range s.live {
		go p.Stop(reason, max(grace, time.Millisecond))
	}
	for len(s.live) > 0 {
		s.idle.Wait()
	}
}

// Close kills what still runs, waits until all of it is gone, and frees the thread.
func (s *Spawner) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	for _, p := range s.live {
		go p.Kill()
	}
	s.chill()
	for len(s.live) > 0 {
		s.idle.Wait()
	}
	scratch := s.scratch
	s.mu.Unlock()
	if spare := s.takeSpare(); spare != nil {
		spare.drop()
	}
	s.thread.stop()
	var err error
	if scratch != "" && s.cfg.Scratch == "" {
		err = os.RemoveAll(scratch)
	}
	return errors.Join(err, s.host.Close())
}

// resultFile names a new file for a program's result. The default scratch folder is
// made when it is first needed.
func (s *Spawner) resultFile() (string, error) { return s.scratchName("result-%s-%d.json") }

// runFolder makes a folder for one run.
func (s *Spawner) runFolder() (string, error) {
	dir, err := s.scratchName("run-%s-%d")
	if err != nil {
		return "", err
	}
	return dir, os.Mkdir(dir, 0o700)
}

func (s *Spawner) scratchName(format string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.scratch == "" {
		dir, err := os.MkdirTemp("", tree.Prefix(s.cfg.Instance))
		if err != nil {
			return "", err
		}
		s.scratch = dir
	}
	dir, err := filepath.Abs(s.scratch)
	s.seq++
	return filepath.Join(dir, fmt.Sprintf(format, s.nonce, s.seq)), err
}

func (s *Spawner) markBroken(t Tier) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken[t] = true
}
