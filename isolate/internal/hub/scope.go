package hub

// Scope is one isolate's part of a hub: its ports, that are paused together.
type Scope struct {
	hub    *Hub
	paused bool
	end    error
	ports  map[*Port]struct{}
	empty  chan struct{} // closed when the last port is; nil if nobody waits
}

// NewScope returns a scope without ports.
func (h *Hub) NewScope() *Scope { return &Scope{hub: h, ports: map[*Port]struct{}{}} }

// Pause stops or restarts the delivery of messages.
func (s *Scope) Pause(paused bool) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.paused = paused
	s.wake()
}

// End lets every receive return the error, now and later.
func (s *Scope) End(err error) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if s.end == nil {
		s.end = err
		s.wake()
	}
}

func (s *Scope) wake() {
	for p := range s.ports {
		p.wake()
	}
}

// Empty returns a channel that is closed when no port of the scope is open.
func (s *Scope) Empty() <-chan struct{} {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if s.empty == nil {
		s.empty = make(chan struct{})
	}
	if len(s.ports) == 0 {
		close(s.empty)
	}
	done := s.empty
	if len(s.ports) == 0 {
		s.empty = nil
	}
	return done
}

// Close closes all ports of the scope.
func (s *Scope) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	for p := range s.ports {
		p.close()
	}
}

func (s *Scope) remove(p *Port) {
	delete(s.ports, p)
	if len(s.ports) == 0 && s.empty != nil {
		close(s.empty)
		s.empty = nil
	}
}
