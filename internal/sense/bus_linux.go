package sense

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/lullwork/lull/internal/record"
)

var errNoBus = errors.New("the system bus is not reachable")

// service is a D-Bus service that a probe asks. Its signals only say "read
// again": a missed or reordered one does no harm.
type service struct {
	label string   // as in a source
	names []string // well-known names, any of which may have an owner
	roots []dbus.ObjectPath
	// matches narrows which of its signals wake us.
	matches [][]dbus.MatchOption
	probe   *probe
}

// bus keeps one connection to the system bus and tries again at each poll while
// there is none.
type bus struct {
	address  string
	timeout  time.Duration // of a call, and of connecting
	services []*service
	onSleep  func(bool)

	kick      chan struct{}
	attempted chan struct{}  // closed after the first try
	calls     sync.WaitGroup // calls that outlive a reading
	mu        sync.Mutex
	conn      *dbus.Conn
}

func newBus(c Config, onSleep func(bool)) *bus {
	return &bus{address: c.SystemBus, timeout: c.callTimeout, onSleep: onSleep, kick: make(chan struct{}, 1), attempted: make(chan struct{})}
}

// run connects, and routes signals until ctx ends.
func (b *bus) run(ctx context.Context) {
	for first := true; ; first = false {
		conn, signals, hangUp := b.dial(ctx)
		b.mu.Lock()
		b.conn = conn
		b.mu.Unlock()
		if first {
			close(b.attempted)
		}
		if conn != nil {
			if !first {
				b.pokeAll()
			}
			b.route(ctx, signals)
			hangUp()
			b.calls.Wait()
			b.mu.Lock()
			b.conn = nil
			b.mu.Unlock()
			b.pokeAll()
		}
		if !b.pause(ctx, conn != nil) {
			return
		}
	}
}

// redial is how long a bus is left alone that threw us out, or does not answer.
const redial = time.Second

// pause waits until a probe wants a connection again. Without a bus every service asks
// for one in the same poll, which is one try and not the cause of another.
func (b *bus) pause(ctx context.Context, thrownOut bool) bool {
	if thrownOut && !sleepFor(ctx, redial) {
		return false
	}
	for failed := time.Now(); ; {
		select {
		case <-b.kick:
		case <-ctx.Done():
			return false
		}
		if thrownOut || time.Since(failed) >= redial {
			return true
		}
	}
}

// dial connects and subscribes in time. A bus that accepts and then
// says nothing is given up by closing the connection under the handshake.
func (b *bus) dial(ctx context.Context) (conn *dbus.Conn, signals chan *dbus.Signal, hangUp func()) {
	life, end := context.WithCancel(ctx)
	limit := time.AfterFunc(b.timeout, end)
	opts := []dbus.ConnOption{dbus.WithContext(life), dbus.WithSignalHandler(dbus.NewSequentialSignalHandler())}
	var err error
	if b.address != "" {
		conn, err = dbus.Connect(b.address, opts...)
	} else {
		conn, err = dbus.ConnectSystemBus(opts...)
	}
	if err != nil {
		limit.Stop()
		end()
		return nil, nil, nil
	}
	signals = make(chan *dbus.Signal, 64)
	conn.Signal(signals)
	for _, s := range b.services {
		for _, name := range s.names {
			b.match(life, conn, dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchInterface("org.freedesktop.DBus"),
				dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, name))
		}
		for _, m := range s.matches {
			b.match(life, conn, m...)
		}
	}
	hangUp = func() {
		_ = conn.Close()
		end()
	}
	if !limit.Stop() { // the time was up on the way
		hangUp()
		return nil, nil, nil
	}
	return conn, signals, hangUp
}

// match subscribes; where a bus refuses, the poll remains.
func (b *bus) match(ctx context.Context, conn *dbus.Conn, opts ...dbus.MatchOption) {
	_ = conn.AddMatchSignalContext(ctx, opts...)
}

func (b *bus) route(ctx context.Context, signals chan *dbus.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case sig, ok := <-signals:
			if !ok {
				return
			}
			b.deliver(sig)
		}
	}
}

func (b *bus) deliver(sig *dbus.Signal) {
	if sig.Name == "org.freedesktop.DBus.NameOwnerChanged" {
		if len(sig.Body) > 0 {
			if name, ok := sig.Body[0].(string); ok {
				b.pokeName(name)
			}
		}
		return
	}
	if sig.Name == login1Manager+".PrepareForSleep" && len(sig.Body) == 1 {
		if sleeping, ok := sig.Body[0].(bool); ok {
			b.onSleep(sleeping)
		}
	}
	for _, s := range b.services {
		for _, root := range s.roots {
			if under(sig.Path, root) {
				s.probe.poke()
			}
		}
	}
}

func under(path, root dbus.ObjectPath) bool {
	rest, ok := strings.CutPrefix(string(path), string(root))
	return ok && (rest == "" || rest[0] == '/')
}

func (b *bus) pokeName(name string) {
	for _, s := range b.services {
		for _, n := range s.names {
			if n == name {
				s.probe.poke()
			}
		}
	}
}

func (b *bus) pokeAll() {
	for _, s := range b.services {
		s.probe.poke()
	}
}

// add makes the probe of a service. ask fills in what it knows; its error makes
// the probe silent, so that the next one is asked.
func (b *bus) add(s *service, ask func(ctx context.Context, c client) (readings, error), signals ...record.Signal) {
	s.probe = newProbe(byService, func(ctx context.Context) (readings, time.Duration) {
		out, err := readings{}, errNoBus
		if conn := b.get(ctx); conn != nil {
			ctx, cancel := context.WithTimeout(ctx, b.timeout)
			out, err = ask(ctx, client{conn, b.timeout})
			cancel()
		}
		if err != nil {
			r := silent(s.label, err)
			for _, sig := range signals {
				out[sig] = r
			}
		}
		return out, 0
	}, signals...)
	b.services = append(b.services, s)
}

// get returns the connection, after the first try to make one. Where there is
// none it asks for another try, which pokes when it succeeds.
func (b *bus) get(ctx context.Context) *dbus.Conn {
	select {
	case <-b.attempted:
	case <-ctx.Done():
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.conn == nil {
		signal(b.kick)
	}
	return b.conn
}

// silent is the reading of a service that does not say what was asked. Services
// that do not exist need no words: the next probe has some.
func silent(label string, err error) reading {
	var e dbus.Error
	switch {
	case errors.Is(err, errNoBus):
		return reading{note: err.Error()}
	case errors.Is(err, context.Canceled):
		return reading{}
	case errors.Is(err, context.DeadlineExceeded):
		return reading{note: label + " does not answer", hung: true}
	case errors.As(err, &e):
		switch e.Name {
		case "org.freedesktop.DBus.Error.NameHasNoOwner", "org.freedesktop.DBus.Error.ServiceUnknown",
			"org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.Disconnected":
			return reading{}
		}
	case errors.Is(err, dbus.ErrClosed):
		return reading{}
	}
	return reading{note: label + ": " + err.Error()}
}

// client makes calls that never start a service: a sensor changes nothing.
type client struct {
	conn    *dbus.Conn
	timeout time.Duration // of all calls of a reading
}

func (c client) call(ctx context.Context, name string, path dbus.ObjectPath, method string, args ...any) *dbus.Call {
	return c.conn.Object(name, path).CallWithContext(ctx, method, dbus.FlagNoAutoStart, args...)
}

// properties are those of one interface of an object.
type properties = map[string]dbus.Variant

func (c client) properties(ctx context.Context, name string, path dbus.ObjectPath, iface string) (properties, error) {
	var p properties
	err := c.call(ctx, name, path, "org.freedesktop.DBus.Properties.GetAll", iface).Store(&p)
	return p, err
}

// property returns a property, if it is there and of the right type.
func property[T any](p properties, name string) (T, bool) {
	v, ok := p[name].Value().(T)
	return v, ok
}
