package sense

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lullwork/lull/internal/record"
)

const (
	// callTimeout bounds what one probe waits for a service. Open waits for all of
	// them, and startMargin longer.
	callTimeout = 1500 * time.Millisecond
	startMargin = 400 * time.Millisecond

	defaultPoll      = 60 * time.Second
	defaultIdleAfter = 60 * time.Second
)

// Config says where to read. The zero value reads this machine.
type Config struct {
	// SysRoot and ProcRoot are what "/sys" and "/proc" are below. Default: "/".
	SysRoot, ProcRoot string
	// SystemBus is the D-Bus address of the system bus. Default: the machine's.
	SystemBus string
	// NoBus reads everything without D-Bus.
	NoBus bool
	// DataDir lies on the file system whose free space counts. Default: ".".
	DataDir string
	// Statfs returns the bytes that an unprivileged user may still write and the
	// size. Default: the operating system's.
	Statfs func(dir string) (free, total uint64, err error)
	// Now is engine time in microseconds, the clock of Since and Settles.
	// Default: the wall clock at Open, then monotonic.
	Now func() int64

	Debounce Debounce
	// IdleAfter is how long the machine must have been idle, on top of what the
	// desktop waits before it says so. Default: 60 s; negative: no time.
	IdleAfter time.Duration
	// PollEvery is the pause between two full readings. Default: 60 s; negative:
	// never, events only.
	PollEvery time.Duration

	// callTimeout replaces the constant in tests: their services may be slow.
	callTimeout time.Duration
}

// Debounce is how long a signal must be good before it counts as good. What
// turns bad counts at once. Zero means the default, a negative value none.
type Debounce struct {
	Network time.Duration // connected, validated, metered, roaming; default: 5 s
	Power   time.Duration // charging, battery-low, low-power; default: 10 s
	Storage time.Duration // storage-low; default: 10 s
	Load    time.Duration // load-high; default: 10 s
}

// Sensor watches the device until it is closed.
type Sensor struct {
	cfg     Config
	now     func() int64
	facts   atomic.Pointer[record.Facts]
	changes chan struct{}
	steps   chan struct{}
	sleep   sleeper

	probes []*probe
	wakers []func(ctx context.Context) // poke probes until ctx ends
	// heedLoad makes the load tell of changes between polls; nil: it cannot.
	heedLoad func()
	updates  chan update
	ready    chan struct{}
	stop     context.CancelFunc
	wg       sync.WaitGroup
	once     sync.Once
}

// Open starts to watch. It returns when every probe has answered, after 2 s at
// the latest; what has not answered by then is unknown or read from the next
// probe. ctx bounds the opening only.
func Open(ctx context.Context, cfg Config) (*Sensor, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	s := &Sensor{
		cfg:     cfg,
		now:     cfg.Now,
		changes: make(chan struct{}, 1),
		steps:   make(chan struct{}, 1),
		updates: make(chan update),
		ready:   make(chan struct{}),
	}
	s.sleep.events = make(chan bool, 1)
	facts := record.NewFacts()
	s.facts.Store(&facts)

	run, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.platform()
	for _, p := range s.probes {
		s.wg.Go(func() { p.run(run, s.updates) })
	}
	for _, w := range s.wakers {
		s.wg.Go(func() { w(run) })
	}
	s.wg.Go(func() { s.loop(run) })
	select {
	case <-s.ready:
		return s, nil
	case <-ctx.Done():
		_ = s.Close()
		return nil, fmt.Errorf("sense: open: %w", ctx.Err())
	}
}

// check fills in the defaults and returns all errors at once.
func (c *Config) check() error {
	var errs []error
	for _, r := range []struct {
		name string
		dir  *string
	}{{"system root", &c.SysRoot}, {"process root", &c.ProcRoot}} {
		if *r.dir == "" {
			*r.dir = "/"
		} else if fi, err := os.Stat(*r.dir); err != nil {
			errs = append(errs, fmt.Errorf("sense: %s: %w", r.name, err))
		} else if !fi.IsDir() {
			errs = append(errs, fmt.Errorf("sense: %s %s: not a directory", r.name, *r.dir))
		}
	}
	if c.SystemBus != "" && !strings.Contains(c.SystemBus, ":") {
		errs = append(errs, fmt.Errorf("sense: bus address %q: want transport:key=value, as unix:path=/run/dbus/system_bus_socket", c.SystemBus))
	}
	if c.DataDir == "" {
		c.DataDir = "."
	}
	if c.Statfs == nil {
		c.Statfs = statfs
	}
	if c.Now == nil {
		start := time.Now()
		c.Now = func() int64 { return start.UnixMicro() + time.Since(start).Microseconds() }
	}
	c.Debounce.Network = orDefault(c.Debounce.Network, 5*time.Second)
	c.Debounce.Power = orDefault(c.Debounce.Power, 10*time.Second)
	c.Debounce.Storage = orDefault(c.Debounce.Storage, 10*time.Second)
	c.Debounce.Load = orDefault(c.Debounce.Load, 10*time.Second)
	c.IdleAfter = orDefault(c.IdleAfter, defaultIdleAfter)
	c.PollEvery = orDefault(c.PollEvery, defaultPoll)
	c.callTimeout = orDefault(c.callTimeout, callTimeout)
	return errors.Join(errs...)
}

// orDefault turns zero into the default and a negative value into zero.
func orDefault(d, def time.Duration) time.Duration {
	if d == 0 {
		return def
	}
	return max(d, 0)
}

// Facts returns what is known now. It never blocks.
func (s *Sensor) Facts() record.Facts { return *s.facts.Load() }

// Changes receives after facts have changed. Changes that nobody has received
// yet become one.
func (s *Sensor) Changes() <-chan struct{} { return s.changes }

// ClockSteps receives after somebody has set the wall clock, and after a suspend
// that nothing announced.
func (s *Sensor) ClockSteps() <-chan struct{} { return s.steps }

// Refresh reads everything again soon: after a wake-up, or when a write met a
// full disk.
func (s *Sensor) Refresh() {
	for _, p := range s.probes {
		p.poke()
	}
}

// HeedLoad makes changes of the load count as they come. Until it is called the load
// is read once in a poll: on a busy machine it would wake a sensor all the time that
// nobody asks for it.
func (s *Sensor) HeedLoad() {
	if s.heedLoad != nil {
		s.heedLoad()
	}
}

// Close ends all watching and returns when it has ended. Facts keeps the last
// values.
func (s *Sensor) Close() error {
	s.once.Do(func() {
		s.stop()
		s.wg.Wait()
		s.ReleaseSleep()
	})
	return nil
}

// loop joins what the probes say, settles it and publishes it.
func (s *Sensor) loop(ctx context.Context) {
	var (
		said     [ranks]readings
		settle   = newSettler(s.cfg)
		waiting  = len(s.probes)
		starting = true
		started  = time.Now()
		nextPoll = started.Add(s.cfg.PollEvery)
		drift    = drift{wall: time.Duration(started.UnixNano())}
		patience = s.cfg.callTimeout + startMargin
		timer    = time.NewTimer(patience)
	)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case u := <-s.updates:
			if u.first {
				waiting--
			}
			s.take(&said, u)
		case <-timer.C:
		}
		at := time.Now()
		if starting {
			if waiting > 0 && at.Sub(started) < patience {
				continue
			}
			starting = false
		}
		now := s.now()
		merged := merge(&said)
		changed := settle.apply(now, &merged)
		if changed {
			f := settle.facts
			s.facts.Store(&f)
		}
		select {
		case <-s.ready:
			if changed {
				signal(s.changes)
			}
		default:
			close(s.ready)
		}

		wait := time.Duration(1<<63 - 1)
		if s.cfg.PollEvery > 0 {
			if !at.Before(nextPoll) {
				nextPoll = at.Add(s.cfg.PollEvery)
				if drift.jumped(time.Duration(at.UnixNano()), at.Sub(started)) {
					signal(s.steps)
				}
				s.Refresh()
			}
			wait = nextPoll.Sub(at)
		}
		if d := settle.deadline(); d != 0 {
			// Engine time may stand still in a test: never spin on it.
			wait = min(wait, max(time.Duration(d-now)*time.Microsecond, time.Millisecond))
		}
		timer.Reset(wait)
	}
}

// take stores what a probe said. When a preferred probe falls silent, its
// substitutes read anew, because their last word may be a poll old.
func (s *Sensor) take(said *[ranks]readings, u update) {
	stale := false
	for _, sig := range u.probe.signals {
		if said[u.probe.rank][sig].ok && !u.values[sig].ok {
			stale = true
		}
		said[u.probe.rank][sig] = u.values[sig]
	}
	if !stale {
		return
	}
	for _, p := range s.probes {
		if p.rank > u.probe.rank && p.shares(u.probe) {
			p.poke()
		}
	}
}

// signal sends without blocking: one signal that waits stands for all.
func signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
