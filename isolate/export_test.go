package isolate

import "time"

// Kept is what this process keeps of messages that it forwards, in bytes.
func Kept() int { return theTable.ports().Kept() }

// PipesOnly makes a spawner use links of pipes.
func PipesOnly(s *Spawner) { s.pipesOnly = true }

// AwaitWarm waits until all warm processes of a spawner can be used, and returns their ids.
func AwaitWarm(s *Spawner) (pids []int) {
	for {
		s.mu.Lock()
		if len(s.ready) == s.cfg.Warm {
			for _, p := range s.ready {
				pids = append(pids, p.Pid())
			}
			s.mu.Unlock()
			return pids
		}
		s.mu.Unlock()
		time.Sleep(100 * time.Microsecond)
	}
}

// KeepWarm has a spawner keep so many warm processes from now on.
func KeepWarm(s *Spawner, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.Warm = n
	s.refill()
}

// WarmReady counts the warm processes that can be used.
func WarmReady(s *Spawner) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.ready)
}

// Room is true if a small message of this process still fits a port.
func Room[T any](p *ReceivePort[T]) bool { return p.port.Waiting() < PortMessages }

// HasSpare is true if the spawner has pipes and a link in store.
func HasSpare(s *Spawner) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.spare != nil
}
