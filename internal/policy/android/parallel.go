package android

// Pressure is how short of memory a device is.
type Pressure uint8

// The levels.
const (
	PressureNormal Pressure = iota
	PressureModerate
	PressureLow
	PressureCritical
	pressures
)

// Parallel is how many jobs of all apps may run at once.
type Parallel struct {
	Limit      int64 // by memory
	Total      int64 // of those, with the screen as it is
	Background int64 // of those, for apps that are not in front
}

// Parallel returns the limits of a device.
func (p *Profile) Parallel(screen bool, m Pressure) Parallel {
	limit, total, background := parallelLimitMore, parallelOff, parallelBackgroundOff
	for i, most := range []int64{2 << 10, 6 << 10, 8 << 10, 12 << 10} {
		if p.values[deviceRAM] <= most {
			limit = parallelLimit + Param(i)
			break
		}
	}
	if screen {
		total, background = parallelOn, parallelBackgroundOn
	}
	n := Parallel{Limit: p.values[limit]}
	n.Total = max(1, n.Limit*p.values[total+Param(m)]/100)
	n.Background = max(1, n.Total*p.values[background+Param(m)]/100)
	return n
}

// crowded reports whether so many jobs of the app run that others may have to wait.
func (s *System) crowded() bool {
	share := s.p.values[parallelPackageShare]
	least := min(s.limits[0].Background, s.limits[1].Background, s.limits[0].Limit*share/100)
	return int64(s.busy-s.hurried) >= max(1, least) || int64(s.hurried) >= max(1, s.p.values[parallelPackageExpedited])
}

// full reports whether as many jobs of the app run as may. Who has waited for long goes
// all the same.
func (s *System) full(at int64, x *slot, hasty bool) bool {
	n := s.limits[0]
	if s.Device.Screen || at < s.Device.ScreenAt+s.p.values[parallelOffAfter] {
		n = s.limits[1]
	}
	wait, most := s.p.values[parallelRegularWait], min(n.Background, n.Limit*s.p.values[parallelPackageShare]/100)
	if s.top() {
		most = min(n.Total, n.Limit*s.p.values[parallelPackageShare]/100)
	}
	running := s.busy - s.hurried
	if hasty {
		wait, most, running = s.p.values[parallelUrgentWait], s.p.values[parallelPackageExpedited], s.hurried
	}
	return int64(running) >= max(1, most) && (x.Ready == 0 || at-x.Ready < wait)
}
