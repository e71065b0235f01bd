package ios

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// sent takes in a push on its way. What does not reach the phone is kept where it came
// from, the newest silent one of the app.
func (s *System) sent(p *pending) {
	if p.Away = !s.online(); p.Away {
		if !p.Visible {
			s.drop("superseded", func(old *pending) bool { return old.silent() && old.Away })
		}
		s.Waits = append(s.Waits, p)
		return
	}
	s.reaches(p)
}

// reaches takes in a push that has reached the phone. A silent one is held until the
// machine, which asks for what holds it, begins its run.
func (s *System) reaches(p *pending) {
	if p.Away = false; p.Visible {
		s.Waits = append(s.Waits, p)
	} else {
		s.arrive(p, ThrottleHold)
	}
}

// online reports whether a push can reach the phone.
func (s *System) online() bool { return s.Dev.Network != NetworkNone && !s.Off }

// connected lets the pushes reach the phone that have waited for it.
func (s *System) connected() {
	if !s.online() {
		return
	}
	for i := 0; i < len(s.Waits); i++ {
		if p := s.Waits[i]; p.Away {
			s.remove(p)
			s.reaches(p)
			i = -1
		}
	}
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

// pushGates yields what keeps a push from reaching the app.
func (s *System) pushGates(at int64, p *pending, yield func(core.Gate) bool) {
	if p.Delivered {
		return
	}
	free := p.Visible || s.Dev.Focal || s.Dev.Debugger
	if !free {
		if _, on := s.hardGates(at, p, yield); !on {
			return
		}
	}
	if p.Away && s.Dev.Network == NetworkNone && !yield(s.gate(p, GateNoNetwork)) || free {
		return
	}
	if t := s.Pushed + s.m.PushSpacing; at < t && !yield(s.wait(GateSpacing, t, false)) {
		return
	}
	if t := s.pushTurn(); at < t {
		yield(core.Gate{Code: GateBudget, Until: t, Edit: core.Edit{Kind: core.EditRefill, Code: GateBudget}})
	}
}

// putOff hands a transfer to the system, and reports whether it waits for those that
// were done before.
func (s *System) putOff(p *pending) bool {
	_, delayed := s.handOver(p)
	return delayed
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
