package sense

import (
	"context"
	"time"

	"github.com/lullwork/lull/internal/record"
)

// fromFiles makes a probe that reads files of the kernel.
func fromFiles(read func() readings, signals ...record.Signal) *probe {
	return newProbe(byKernel, func(context.Context) (readings, time.Duration) { return read(), 0 }, signals...)
}

// routePause spares a router, whose routes change all the time.
const routePause = 50 * time.Millisecond

// platform makes the probes of Linux and what wakes them.
func (s *Sensor) platform() {
	sys, proc := s.cfg.SysRoot, s.cfg.ProcRoot
	fired := newTriggered()

	power := fromFiles(func() readings { return readPower(sys) }, record.Charging, record.BatteryLevel, record.BatteryLow)
	network := fromFiles(func() readings { return readNetwork(sys, proc) },
		record.Connected, record.Validated, record.Metered, record.Roaming)
	load := newProbe(byKernel, func(context.Context) (readings, time.Duration) { return readLoad(proc, fired) }, record.LoadHigh)
	s.heedLoad = func() {
		if fired.heed() {
			load.poke()
		}
	}
	s.probes = []*probe{
		power, network, load,
		fromFiles(func() readings { return readSeat(sys, proc) }, record.Idle),
		fromFiles(func() readings { return readProfile(sys) }, record.LowPower),
		newProbe(byKernel, newStorage(s.cfg).read, record.StorageLow),
	}
	onRoutes := []*probe{network}
	if !s.cfg.NoBus {
		b := newBus(s.cfg, s.slept)
		b.addUPower()
		// It is asked anew when routes change that it may not manage.
		onRoutes = append(onRoutes, b.addNetworkManager(sys, proc))
		b.addLogin1(&s.sleep)
		b.addProfiles()
		for _, svc := range b.services {
			s.probes = append(s.probes, svc.probe)
		}
		s.wakers = append(s.wakers, b.run)
	}
	for _, p := range onRoutes {
		p.pause = routePause
	}

	w, err := newWatch()
	if err != nil {
		return // no descriptors left: the poll remains
	}
	w.watchRoutes(func() {
		for _, p := range onRoutes {
			p.poke()
		}
	})
	w.watchSupplies(power.poke)
	w.watchPressure(proc, fired, load.poke)
	w.watchClock(func() { signal(s.steps) })
	s.wakers = append(s.wakers, w.run)
}

// slept passes a suspend on, and after it reads everything anew.
func (s *Sensor) slept(sleeping bool) {
	s.sleep.announce(sleeping)
	if !sleeping {
		s.Refresh()
	}
}
