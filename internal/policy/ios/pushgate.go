package ios

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// arrives takes in a push. A silent one takes the place of the one that is held.
func (s *System) arrives(at int64, p *pending) {
	p.StartAfter = at
	if p.Visible {
		return
	}
	s.dropAll("superseded", (*pending).silent)
}

// pushTurn is when the bucket has a launch for a push.
func (s *System) pushTurn() int64 {
	if s.Dev.Charging {
		return never
	}
	return s.PushTurn - (s.m.PushesPerHour-1)*s.m.pushEvery
}

// takePush takes a launch from the bucket. On a charger it costs nothing.
func (s *System) takePush(at int64) {
	if !s.Dev.Charging {
		s.PushTurn = max(s.PushTurn, at) + s.m.pushEvery
	}
}

// pushFree reports whether pushes reach the app at once.
func (s *System) pushFree(p *pending) bool { return p.Visible || s.Dev.Focal || s.Dev.Debugger }

// pushGates yields what keeps a push from reaching the app.
func (s *System) pushGates(at int64, p *pending, yield func(core.Gate) bool) {
	free := s.pushFree(p)
	if !free {
		if _, on := s.hardGates(at, p, yield); !on {
			return
		}
	}
	if s.Dev.Network == NetworkNone && !yield(s.gate(p, GateNoNetwork)) || free {
		return
	}
	if t := s.Pushed + s.m.PushSpacing; at < t && !yield(s.wait(GateSpacing, t, false)) {
		return
	}
	if t := s.pushTurn(); at < t {
		yield(core.Gate{Code: GateBudget, Until: t, Edit: core.Edit{Kind: core.EditRefill, Code: GateBudget}})
	}
}

// begins takes in a transfer. Begun in the background it is left to the system.
func (s *System) begins(at int64, p *pending) {
	p.Discretionary = !s.Dev.Focal
	p.StartAfter = at
	if p.Discretionary && s.Transfers.Delayed(at) {
		p.StartAfter = s.Transfers.Until
	}
	p.StartBefore = later(p.StartAfter, s.m.TransferPatience)
}

// transferGates yields what keeps a transfer from going on. One that the system may put
// off waits for Wi-Fi and power, but not for ever.
func (s *System) transferGates(at int64, p *pending, yield func(core.Gate) bool) {
	if at < p.StartAfter && !yield(s.wait(GateSpacing, p.StartAfter, true)) {
		return
	}
	if s.Dev.Network == NetworkNone && !yield(s.gate(p, GateNoNetwork)) {
		return
	}
	if !p.Discretionary || at >= p.StartBefore {
		return
	}
	put := func(signal record.Signal, c work.Code, value int64) bool {
		g := s.fact(c, signal, value)
		g.Until, g.Assumed = p.StartBefore, true
		return yield(g)
	}
	if s.Metered && !put(record.Metered, GateNoNetwork, 0) {
		return
	}
	if !s.Dev.Charging {
		put(record.Charging, GateNotCharging, 1)
	}
}
