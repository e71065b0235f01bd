package ios

// Score is how a refresh request stands: it may start when Total has reached Theta.
// All are millionths.
type Score struct {
	App, Device, Battery int64
	Total, Theta         int64
}

// rated is what the score of a request depends on.
type rated struct {
	likely  int64 // of a launch by the user, at the time that is looked ahead to
	inUse   int64 // likelihood that the phone is in use now
	battery int64 // percent
	pending int64
	plugged bool
	locked  bool // booted, and not unlocked since
	overdue bool
	recent  bool // and the app is among those used last
}

// score rates a refresh request.
func (m *model) score(r *rated, s *Score) {
	s.App, s.Device, s.Battery = m.appScore(r), max(r.inUse, m.DeviceFloor), 0
	if r.battery >= 0 {
		s.Battery = m.batteryScore[r.battery]
		if r.plugged {
			s.Battery = m.pluggedScore[r.battery]
		}
	}
	s.Total = (m.WeightApp*s.App + m.WeightDevice*s.Device + m.WeightBattery*s.Battery) / m.weights
}

// appScore rates how soon the user is likely to open the app.
func (m *model) appScore(r *rated) int64 {
	if r.locked {
		return m.AppLocked
	}
	var a int64
	if a = one; r.likely < m.cliffSquare {
		a = scoreRoot(r.likely)
	}
	a = min(a+m.AppPending*r.pending, one)
	if r.overdue {
		a = ofScore(a, m.OverdueMult)
		if r.recent {
			a += m.OverdueBonus
		}
		if a > m.OverduePromote {
			a = one
		}
	}
	return min(max(a, m.AppFloor), one)
}

// theta is the score that a request needs: less with every hour of its window.
func (m *model) theta(passed, window int64) int64 {
	if window <= 0 || passed >= window {
		return m.Theta1
	}
	// A window is below 2^47 µs and a score below 2^24: in whole milliseconds they fit.
	const ms = 1000
	return m.Theta0 - (m.Theta0-m.Theta1)*(max(passed, 0)/ms)/max(window/ms, 1)
}
