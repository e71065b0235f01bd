package ios

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
	s.stale |= 1 << kindPush
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

// pushHolds is what keeps a push from reaching the app.
func (s *System) pushHolds(at int64, p *pending, shut gateSet) (h gateSet) {
	if p.Delivered {
		return 0
	}
	h.addIf(gateNoNetwork, p.Away && s.Dev.Network == NetworkNone)
	if p.Visible || s.Dev.Focal || s.Dev.Debugger {
		return h
	}
	h |= s.m.holdsBack(&s.Dev, shut, kindPush, &p.Request, at)
	h.addIf(gateNoWiFi, s.WiFiOnly && s.Metered)
	h.addIf(gateSpacing, at < s.Pushed+s.m.PushSpacing)
	h.addIf(gateBudget, at < s.pushTurn())
	return h
}

// putOff hands a transfer to the system, and reports whether it waits for those that
// were done before.
func (s *System) putOff(p *pending) bool {
	_, delayed := s.handOver(p)
	return delayed
}

// transferHolds is what keeps a transfer from going on. One that the system may put
// off waits for Wi-Fi and power, but not for ever.
func (s *System) transferHolds(at int64, p *pending) (h gateSet) {
	h.addIf(gatePutOff, at < p.StartAfter)
	h.addIf(gateNoNetwork, s.Dev.Network == NetworkNone)
	if p.Discretionary && at < p.StartBefore {
		h.addIf(gateNoWiFi, s.Metered)
		h.addIf(gateNoPower, !s.Dev.Charging)
	}
	return h
}
