package isolate

import (
	"reflect"
	"strconv"
	"time"

	"github.com/lullwork/lull/isolate/internal/hub"
)

// warm is what a process needs that was started before anybody wanted it.
type warm struct {
	ends    hub.Link      // the host's end of its link, until it is used
	edge    *hub.Edge     // the same, when it has rehearsed
	started chan struct{} // closed when nobody reads the process's spec any more
	used    bool          // guarded by the spawner's lock

	// Guarded by the process's lock.
	begun bool
	gone  bool
}

// refillTime is how long a start of a replacement is put off, so that it does not take
// the processor from the run for which it makes room.
const refillTime = 2 * time.Millisecond

// restTime is after which the processor of a warm process has halted. To wake it takes longer
// than a wait may linger otherwise.
const restTime = 5 * time.Millisecond

// warmName stands for an entry point that is not known yet.
const warmName = "lull:warm"

// refill starts processes until enough are warm. The spawner's lock is held.
func (s *Spawner) refill() {
	for !s.closed && !s.cold && s.warming < s.cfg.Warm {
		s.warming++
		s.seq++
		spec := Spec{ID: "warm-" + strconv.Itoa(s.seq), Func: warmName}
		_ = spec.validate() // fills the defaults
		p := newProcess(s, spec, nil)
		p.warm = &warm{started: make(chan struct{})}
		go func() {
			defer close(p.warm.started)
			p.startChild()
		}()
	}
}

// chill ends the warm processes. The spawner's lock is held, but for the wait.
func (s *Spawner) chill() {
	s.cold = true
	for _, p := range s.ready {
		go p.Kill()
	}
	s.ready = nil
	for s.warming > 0 {
		s.idle.Wait()
	}
}

// offer waits until the process has rehearsed, and lets it be used; false if it ended
// before.
func (w *warm) offer(p *Process) bool {
	<-w.started
	late := p.failLate()
	_, err := w.ends.RecvInto(nil)
	if late.Stop(); err != nil {
		return false
	}
	w.edge = theTable.ports().Join(w.ends, hub.EdgeConfig{NoLead: noLead, Later: true, Broken: p.brokenPorts})
	s := p.spawner
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cold {
		go p.Kill()
	} else {
		s.ready = append(s.ready, p)
	}
	return true
}

// inUse is true if the process has become a run. Then its spec can be read.
func (w *warm) inUse(p *Process) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return w.begun
}

// leaderGone is called when the process has ended, used or not.
func (w *warm) leaderGone(p *Process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.gone = true
}

// nudge wakes the process that the next run may get, while that is being made.
func (s *Spawner) nudge() {
	if s.cfg.Warm == 0 {
		return
	}
	var ends hub.Link
	s.mu.Lock()
	if n := len(s.ready); n > 0 {
		ends = s.ready[n-1].warm.ends
	}
	s.mu.Unlock()
	if sleeper, ok := ends.(interface{ Nudge() }); ok {
		sleeper.Nudge()
	}
}

// useWarm gives a run to a warm process; nil if there is none that fits.
func (s *Spawner) useWarm(spec Spec, l *linked) (*Process, error) {
	if s.cfg.Warm == 0 || !spec.fitsWarm() {
		return nil, nil
	}
	for {
		s.mu.Lock()
		if len(s.ready) == 0 {
			s.refill()
			s.mu.Unlock()
			return nil, nil
		}
		if err := s.name(&spec); err != nil {
			s.mu.Unlock()
			return nil, err
		}
		last := len(s.ready) - 1 // the one that a processor's caches may remember
		p := s.ready[last]
		s.ready = s.ready[:last]
		s.live[spec.ID] = p
		p.warm.used = true
		s.warming--
		rested := time.Since(s.lastUse) > restTime
		s.lastUse = time.Now()
		s.mu.Unlock()
		if p.warm.use(p, spec, l, rested) {
			time.AfterFunc(refillTime, func() {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.refill()
			})
			return p, nil
		}
		s.mu.Lock()
		delete(s.live, spec.ID)
		s.idle.Broadcast()
		s.mu.Unlock()
	}
}

// use turns the process into the run; false if it has ended. What starts the run is sent
// first, since all else can be done while the process wakes up.
func (w *warm) use(p *Process, spec Spec, l *linked, rested bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w.gone {
		return false
	}
	w.begun = true
	p.spec, p.linked, l.edge = spec, l, w.edge
	w.edge.Begin(l.result)
	if quick, ok := w.ends.(interface{ Expect() }); ok && rested {
		quick.Expect()
	}
	l.start(p.talk.work())
	w.edge.Watch()
	p.exit.Started = time.Now()
	return true
}

// fitsWarm is true if nothing of the spec had to be known when the process was started.
func (s Spec) fitsWarm() bool {
	if s.OutputLimit != DefaultOutputLimit {
		return false
	}
	s.ID, s.Func, s.Task, s.Attempt = "", "", "", 0
	s.Grace, s.ResultLimit, s.OutputLimit = 0, 0, 0
	s.OnProgress, s.OnExit = nil, nil
	return reflect.ValueOf(s).IsZero()
}
