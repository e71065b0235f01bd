package sense

import (
	"os"
	"sync"
	"time"
)

// overslept is after how much time awake a missing "awake" is looked into.
const overslept = 30 * time.Second

// sleeper holds the delay inhibitor and tells of suspends.
type sleeper struct {
	events chan bool
	ask    func() // asks for a reading of the login manager; nil where there is none

	mu     sync.Mutex
	wanted bool
	asking bool
	asleep time.Time // when the suspend was announced; zero: awake
	lock   *os.File
}

// Sleep receives true when the machine is about to suspend and false when it
// has woken up; only the last event waits. From the first call on, suspends are
// delayed until ReleaseSleep, for at most the login manager's InhibitDelayMaxSec
// (5 s): so call it only to serve it. Without logind nothing is received.
func (s *Sensor) Sleep() <-chan bool {
	s.sleep.mu.Lock()
	first := !s.sleep.wanted
	s.sleep.wanted = true
	s.sleep.mu.Unlock()
	if first && s.sleep.ask != nil {
		s.sleep.ask()
	}
	return s.sleep.events
}

// ReleaseSleep lets the suspend that Sleep announced go on. The delay is taken
// again after the wake-up.
func (s *Sensor) ReleaseSleep() {
	s.sleep.mu.Lock()
	defer s.sleep.mu.Unlock()
	s.sleep.drop()
}

func (s *sleeper) drop() {
	if s.lock != nil {
		s.lock.Close()
		s.lock = nil
	}
}

// begin tells whether an inhibitor is to be asked for; end must follow.
func (s *sleeper) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.wanted || s.asking || s.lock != nil || !s.asleep.IsZero() {
		return false
	}
	s.asking = true
	return true
}

// end keeps the inhibitor, unless the suspend has begun meanwhile. It is nil if
// it was refused.
func (s *sleeper) end(lock *os.File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asking = false
	s.lock = lock
	if !s.asleep.IsZero() {
		s.drop()
	}
}

// stuck tells whether the machine has been awake for long after a suspend was
// announced: then the other event may have been missed.
func (s *sleeper) stuck() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.asleep.IsZero() && time.Since(s.asleep) > overslept
}

// announce passes an event on, in place of one that nobody received yet.
func (s *sleeper) announce(sleeping bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asleep = time.Time{}
	if sleeping {
		s.asleep = time.Now()
	}
	select {
	case <-s.events:
	default:
	}
	s.events <- sleeping
}
