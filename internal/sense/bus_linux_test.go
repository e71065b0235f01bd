package sense

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/lullwork/lull/internal/record"
)

// laptop is a fake root of a laptop on battery, so that the services and the
// kernel say different things.
func laptop(t testing.TB) string {
	root := fakeRoot(t, map[string]string{"proc/net/route": routeHead, "proc/loadavg": "0.00 0.00 0.00 1/2 3", "sys/class/drm/card0/x": ""})
	supplies(t, root, "AC type=Mains online=0; BAT0 type=Battery status=Discharging capacity=40")
	return root
}

func expect(t testing.TB, f record.Fact, value int64, source string) {
	t.Helper()
	if f.Value != value || !strings.Contains(f.Source, source) {
		t.Errorf("%v: %s [%s] %q, want %s [%s]", f.Signal, text(f.Value), f.Source, f.Note, text(value), source)
	}
	if f.Value == record.Unknown && f.Note == "" {
		t.Errorf("%v: unknown without a note", f.Signal)
	}
}

func TestServices(t *testing.T) {
	t.Parallel()
	address, _ := startBus(t, "")
	up, nm, login := fakeUPower(t, address), fakeNetworkManager(t, address), newLogin1(t, address)
	ppd := fakeProfiles(t, address, profiles, "/org/freedesktop/UPower/PowerProfiles")
	root := laptop(t)
	s := open(t, Config{SysRoot: root, ProcRoot: root, SystemBus: address})

	f := s.Facts()
	expect(t, f[record.Charging], 1, "UPower OnBattery")
	expect(t, f[record.BatteryLevel], 80, "UPower DisplayDevice Percentage")
	expect(t, f[record.BatteryLow], 0, "UPower DisplayDevice WarningLevel")
	expect(t, f[record.Connected], 1, "NetworkManager State")
	expect(t, f[record.Validated], 1, "NetworkManager Connectivity")
	expect(t, f[record.Metered], 0, "NetworkManager Metered (guess)")
	expect(t, f[record.Roaming], 0, "NetworkManager PrimaryConnectionType 802-11-wireless")
	expect(t, f[record.Idle], 0, "logind IdleHint of session 2")
	expect(t, f[record.LowPower], 0, "power-profiles-daemon ActiveProfile")
	expect(t, f[record.LoadHigh], 0, "load average")
	for _, sig := range f {
		if sig.Since == 0 || sig.Settles != 0 {
			t.Errorf("first value is not settled: %+v", sig)
		}
	}

	steps := []struct {
		change  func()
		signal  record.Signal
		want    int64
		source  string
		service string
	}{
		{func() { up.set(t, upowerPath, upower, props{"OnBattery": true}) }, record.Charging, 0, "UPower OnBattery", "battery"},
		{func() { up.set(t, upowerDevice, upower+".Device", props{"Percentage": 12.7}) }, record.BatteryLevel, 12, "Percentage", "level"},
		{func() { up.set(t, upowerDevice, upower+".Device", props{"WarningLevel": uint32(3)}) }, record.BatteryLow, 1, "WarningLevel", "warning"},
		{func() { up.set(t, upowerDevice, upower+".Device", props{"WarningLevel": uint32(2)}) }, record.BatteryLow, 0, "WarningLevel", "no warning"},
		{func() { up.set(t, upowerDevice, upower+".Device", props{"WarningLevel": uint32(0)}) }, record.BatteryLow, 1, "Percentage", "15 % rule"},
		{func() { up.set(t, upowerDevice, upower+".Device", props{"IsPresent": false}) }, record.BatteryLevel, record.Unknown, "no battery found", "battery out"},
		{func() { nm.set(t, netmanPath, netman, props{"Metered": uint32(3)}) }, record.Metered, 1, "(guess)", "guess yes"},
		{func() { nm.set(t, netmanPath, netman, props{"Metered": uint32(2)}) }, record.Metered, 0, "Metered", "no"},
		{func() { nm.set(t, netmanPath, netman, props{"Metered": uint32(0)}) }, record.Metered, record.Unknown, "Metered", "unknown"},
		{func() { nm.set(t, netmanPath, netman, props{"Metered": uint32(1)}) }, record.Metered, 1, "Metered", "yes"},
		{func() { nm.set(t, netmanPath, netman, props{"Connectivity": uint32(3)}) }, record.Validated, 0, "Connectivity", "limited"},
		{func() { nm.set(t, netmanPath, netman, props{"Connectivity": uint32(0)}) }, record.Validated, record.Unknown, "Connectivity", "check off"},
		{func() { nm.set(t, netmanPath, netman, props{"Connectivity": uint32(2)}) }, record.Connected, 0, "Connectivity", "portal"},
		{func() { nm.set(t, netmanPath, netman, props{"Connectivity": uint32(4)}) }, record.Connected, 1, "State", "through the portal"},
		{func() { nm.set(t, netmanPath, netman, props{"State": uint32(20)}) }, record.Connected, 0, "State", "disconnected"},
		{func() { nm.set(t, netmanPath, netman, props{"State": uint32(0)}) }, record.Connected, record.Unknown, "State", "state unknown"},
		{func() {
			nm.set(t, netmanPath, netman, props{"State": uint32(60), "PrimaryConnectionType": "wireguard"})
		}, record.Connected, 1, "State", "VPN"},
		{func() {}, record.Roaming, record.Unknown, "wireguard", "VPN"},
		{func() { login.set(t, session2, login1+".Session", props{"IdleHint": true}) }, record.Idle, 1, "IdleHint of session 2", "idle"},
		{func() {
			login.set(t, session2, login1+".Session", props{"IdleHint": false, "IdleSinceHint": uint64(0)})
		}, record.Idle, record.Unknown, "IdleHint of session 2", "never set"},
		{func() { login.set(t, session2, login1+".Session", props{"LockedHint": true}) }, record.Idle, 1, "LockedHint of session 2", "locked"},
		{func() {
			login.set(t, session2, login1+".Session", props{"LockedHint": false, "IdleSinceHint": uint64(1)})
		}, record.Idle, 0, "IdleHint of session 2", "back"},
		{func() {
			login.mu.Lock()
			login.sessions = nil
			login.mu.Unlock()
			if err := login.conn.Emit(login1Path, login1Manager+".SessionRemoved", "2", session2); err != nil {
				t.Fatal(err)
			}
		}, record.Idle, 1, "no seat", "logged out"},
		{func() {
			ppd.set(t, "/org/freedesktop/UPower/PowerProfiles", profiles, props{"ActiveProfile": "power-saver"})
		}, record.LowPower, 1, "ActiveProfile", "saver"},
	}
	var took []time.Duration
	for _, step := range steps {
		start := time.Now()
		step.change()
		f := awaitValue(t, s, step.signal, step.want)
		took = append(took, time.Since(start))
		expect(t, f, step.want, step.source)
	}
	slices.Sort(took)
	t.Logf("change to fact: median %v, slowest %v", took[len(took)/2], took[len(took)-1])
}

func TestOldNameOfProfiles(t *testing.T) {
	t.Parallel()
	address, _ := startBus(t, "")
	old := fakeProfiles(t, address, profilesOld, "/net/hadess/PowerProfiles")
	root := laptop(t)
	s := open(t, Config{SysRoot: root, ProcRoot: root, SystemBus: address})
	expect(t, s.Facts()[record.LowPower], 0, "ActiveProfile")
	old.set(t, "/net/hadess/PowerProfiles", profilesOld, props{"ActiveProfile": "power-saver"})
	awaitValue(t, s, record.LowPower, 1)
	fakeProfiles(t, address, profiles, "/org/freedesktop/UPower/PowerProfiles")
	awaitValue(t, s, record.LowPower, 0) // the new name goes first
}

// TestServiceGone: a name that vanishes means the next probe, and back.
func TestServiceGone(t *testing.T) {
	t.Parallel()
	address, _ := startBus(t, "")
	root := laptop(t)
	s := open(t, Config{SysRoot: root, ProcRoot: root, SystemBus: address})
	facts := s.Facts()
	expect(t, facts[record.Charging], 0, "sysfs AC online=0")
	expect(t, facts[record.Connected], 0, "no default route")
	expect(t, facts[record.Idle], record.Unknown, "")
	expect(t, facts[record.LowPower], record.Unknown, "")
	for range 3 {
		up, nm, login := fakeUPower(t, address), fakeNetworkManager(t, address), newLogin1(t, address)
		expect(t, awaitValue(t, s, record.Charging, 1), 1, "UPower OnBattery")
		expect(t, awaitValue(t, s, record.Connected, 1), 1, "NetworkManager State")
		expect(t, awaitValue(t, s, record.Idle, 0), 0, "logind")
		for _, f := range []*fakeService{up, nm, login.fakeService} {
			f.conn.Close()
		}
		expect(t, awaitValue(t, s, record.Charging, 0), 0, "sysfs AC online=0")
		expect(t, awaitValue(t, s, record.Connected, 0), 0, "no default route")
		expect(t, awaitValue(t, s, record.Idle, record.Unknown), record.Unknown, "")
	}
	// What the kernel said long ago is not believed when a service goes.
	up := fakeUPower(t, address)
	await(t, s, "UPower", func(f record.Facts) bool { return f[record.Charging].Source == "UPower OnBattery" })
	supplies(t, root, "AC online=1")
	up.conn.Close()
	await(t, s, "sysfs", func(f record.Facts) bool { return f[record.Charging].Source == "sysfs AC online=1" })
}

// TestServiceHangs: a service that hangs costs its own facts the timeout of a call,
// and nothing else anything.
func TestServiceHangs(t *testing.T) {
	t.Parallel()
	address, _ := startBus(t, "")
	root := laptop(t)
	up := fakeUPower(t, address)
	fakeProfiles(t, address, profilesOld, "/net/hadess/PowerProfiles")
	resume := up.hang()
	s := open(t, Config{SysRoot: root, ProcRoot: root, SystemBus: address, callTimeout: hangs})
	expect(t, s.Facts()[record.Charging], 0, "sysfs AC online=0 (UPower does not answer)")
	expect(t, s.Facts()[record.LowPower], 0, "power-profiles-daemon")
	resume()
	s.Refresh()
	expect(t, awaitValue(t, s, record.Charging, 1), 1, "UPower OnBattery")

	resume = up.hang()
	defer resume()
	nm := fakeNetworkManager(t, address) // while the other hangs
	s.Refresh()
	f := await(t, s, "NetworkManager", func(f record.Facts) bool { return f[record.Connected].Value == 1 })
	if f[record.Charging].Value != 1 {
		t.Error("a hung UPower held NetworkManager's facts up")
	}
	<-up.asked
	expect(t, awaitValue(t, s, record.Charging, 0), 0, "(UPower does not answer)")
	nm.conn.Close()
	awaitValue(t, s, record.Connected, 0)
	start := time.Now()
	s.Refresh()
	s.Close()
	if d := time.Since(start); d >= hangs {
		t.Errorf("Close waited %v for a hung service", d)
	}
}

// TestBusHangs: a bus that accepts connections and says nothing.
func TestBusHangs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bus")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	root := laptop(t)
	s := open(t, Config{SysRoot: root, ProcRoot: root, SystemBus: "unix:path=" + path, callTimeout: callTimeout})
	expect(t, s.Facts()[record.Charging], 0, "sysfs AC online=0")
	if n := s.Facts()[record.Idle].Note; !strings.Contains(n, "the system bus is not reachable") {
		t.Errorf("note of idle: %q", n)
	}
}

// TestBusRestarts: the connection is made anew.
func TestBusRestarts(t *testing.T) {
	t.Parallel()
	address := "unix:path=" + filepath.Join(t.TempDir(), "bus")
	root := laptop(t)
	s := open(t, Config{SysRoot: root, ProcRoot: root, SystemBus: address})
	expect(t, s.Facts()[record.Charging], 0, "sysfs AC online=0")
	for range 2 {
		_, stop := startBus(t, address)
		fakeUPower(t, address)
		late := time.After(patience)
		for s.Facts()[record.Charging].Value != 1 {
			s.Refresh() // as the poll does
			select {
			case <-s.Changes():
			case <-time.After(50 * time.Millisecond):
			case <-late:
				t.Fatal("no new connection")
			}
		}
		stop()
		expect(t, awaitValue(t, s, record.Charging, 0), 0, "sysfs AC online=0")
	}
}

// TestUnmanagedLink: NetworkManager's "disconnected" is not about a link that it
// leaves to ifupdown.
func TestUnmanagedLink(t *testing.T) {
	t.Parallel()
	address, _ := startBus(t, "")
	nm := fakeNetworkManager(t, address)
	device := netmanPath + "/Devices/eth0"
	nm.add(t, device, netman+".Device", props{"State": uint32(10)})
	nm.set(t, netmanPath, netman, props{"State": uint32(20), "Connectivity": uint32(1)})
	root := laptop(t)
	writeFile(t, filepath.Join(root, "proc/net/route"), routeEth)
	s := open(t, Config{SysRoot: root, ProcRoot: root, SystemBus: address})
	expect(t, s.Facts()[record.Connected], 1, "default route by eth0")
	expect(t, s.Facts()[record.Metered], record.Unknown, "default route by eth0")
	nm.set(t, device, netman+".Device", props{"State": uint32(30)})
	s.Refresh()
	expect(t, awaitValue(t, s, record.Connected, 0), 0, "NetworkManager State")
}

type fakeModem struct{ state atomic.Uint32 }

// GetManagedObjects is as in org.freedesktop.DBus.ObjectManager.
func (m *fakeModem) GetManagedObjects() (map[dbus.ObjectPath]map[string]map[string]dbus.Variant, *dbus.Error) {
	return map[dbus.ObjectPath]map[string]map[string]dbus.Variant{
		modemPath + "/Modem/0": {modem3gpp: {"RegistrationState": dbus.MakeVariant(m.state.Load())}},
	}, nil
}

func TestRoaming(t *testing.T) {
	t.Parallel()
	address, _ := startBus(t, "")
	nm := fakeNetworkManager(t, address)
	nm.set(t, netmanPath, netman, props{"PrimaryConnectionType": "gsm"})
	root := laptop(t)
	s := open(t, Config{SysRoot: root, ProcRoot: root, SystemBus: address})
	expect(t, s.Facts()[record.Roaming], record.Unknown, "ModemManager RegistrationState")
	m := &fakeModem{}
	m.state.Store(5)
	mm := newFake(t, address, modem).add(t, modemPath+"/Modem/0", modem3gpp, nil)
	mm.export(t, m, modemPath, "org.freedesktop.DBus.ObjectManager")
	mm.own(t)
	awaitValue(t, s, record.Roaming, 1)
	for state, want := range map[uint32]int64{1: 0, 5: 1, 2: record.Unknown, 6: 0, 7: 1, 4: record.Unknown} {
		m.state.Store(state)
		mm.set(t, modemPath+"/Modem/0", modem3gpp, props{"RegistrationState": state})
		awaitValue(t, s, record.Roaming, want)
	}
}

// TestSleep: the inhibitor is taken on demand, released in time and taken again.
func TestSleep(t *testing.T) {
	t.Parallel()
	address, _ := startBus(t, "")
	login := newLogin1(t, address)
	root := laptop(t)
	s := open(t, Config{SysRoot: root, ProcRoot: root, SystemBus: address})
	s.Refresh()
	awaitValue(t, s, record.Idle, 0)
	if n := len(login.inhibitors); n != 0 {
		t.Fatal("an inhibitor was taken before Sleep was called")
	}
	events := s.Sleep()
	for range 3 {
		var r *os.File
		select {
		case r = <-login.inhibitors:
			defer r.Close()
		case <-time.After(patience):
			t.Fatal("no inhibitor was taken")
		}
		login.prepareForSleep(t, true)
		if !receive(t, events) {
			t.Fatal("awake, want asleep")
		}
		s.Refresh() // must not take another one while asleep
		s.ReleaseSleep()
		released(t, r)
		if len(login.inhibitors) != 0 {
			t.Fatal("taken again before the wake-up")
		}
		login.prepareForSleep(t, false)
		if receive(t, events) {
			t.Fatal("asleep, want awake")
		}
	}
	// An event that nobody received gives way to the next. An inhibitor that was
	// not released serves the next suspend.
	last := <-login.inhibitors
	login.prepareForSleep(t, true)
	login.prepareForSleep(t, false)
	login.prepareForSleep(t, true)
	login.set(t, session2, login1+".Session", props{"IdleHint": true})
	awaitValue(t, s, record.Idle, 1)
	if !receive(t, events) {
		t.Error("awake, want asleep")
	}
	// A wake-up that was missed is found by asking.
	s.sleep.mu.Lock()
	s.sleep.asleep = s.sleep.asleep.Add(-2 * overslept)
	s.sleep.mu.Unlock()
	s.Refresh()
	if receive(t, events) {
		t.Error("asleep, want awake")
	}
	s.Close()
	released(t, last)
}

func receive(t testing.TB, events <-chan bool) bool {
	t.Helper()
	select {
	case v := <-events:
		return v
	case <-time.After(patience):
		t.Fatal("no sleep event")
		return false
	}
}

// TestLateInhibitor: one that arrives after the suspend began must not delay it.
func TestLateInhibitor(t *testing.T) {
	t.Parallel()
	var sl sleeper
	sl.events = make(chan bool, 1)
	sl.wanted = true
	if !sl.begin() || sl.begin() {
		t.Fatal("want to ask once")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	sl.announce(true)
	sl.end(w)
	released(t, r)
	if sl.begin() {
		t.Error("asks while asleep")
	}
	sl.announce(false)
	if !sl.begin() {
		t.Error("does not ask after the wake-up")
	}
	sl.end(nil)
	if !sl.begin() {
		t.Error("does not ask again after a refusal")
	}
}

// TestRandomFlips: after any burst of changes the snapshot is what the sources
// say; no event is lost.
func TestRandomFlips(t *testing.T) {
	t.Parallel()
	address, _ := startBus(t, "")
	up, nm, login := fakeUPower(t, address), fakeNetworkManager(t, address), newLogin1(t, address)
	ppd := fakeProfiles(t, address, profiles, "/org/freedesktop/UPower/PowerProfiles")
	root := laptop(t)
	var free atomic.Uint64
	free.Store(1e12)
	s := open(t, Config{
		SysRoot: root, ProcRoot: root, SystemBus: address,
		Statfs: func(string) (uint64, uint64, error) { return free.Load(), 2e12, nil },
	})
	rng := rand.New(rand.NewPCG(1, 2))
	model := map[record.Signal]int64{}
	flips := []func(v bool){
		func(v bool) {
			up.set(t, upowerPath, upower, props{"OnBattery": !v})
			model[record.Charging] = number(v)
		},
		func(v bool) {
			level := map[bool]float64{true: 7, false: 70}[v]
			up.set(t, upowerDevice, upower+".Device", props{"Percentage": level})
			model[record.BatteryLevel] = int64(level)
		},
		func(v bool) {
			nm.set(t, netmanPath, netman, props{"Metered": map[bool]uint32{true: 1, false: 2}[v]})
			model[record.Metered] = number(v)
		},
		func(v bool) {
			nm.set(t, netmanPath, netman, props{"Connectivity": map[bool]uint32{true: 4, false: 3}[v]})
			model[record.Validated] = number(v)
		},
		func(v bool) {
			login.set(t, session2, login1+".Session", props{"IdleHint": v})
			model[record.Idle] = number(v)
		},
		func(v bool) {
			ppd.set(t, "/org/freedesktop/UPower/PowerProfiles", profiles, props{"ActiveProfile": map[bool]string{true: "power-saver", false: "balanced"}[v]})
			model[record.LowPower] = number(v)
		},
		func(v bool) {
			free.Store(map[bool]uint64{true: 0, false: 1e12}[v])
			s.Refresh() // as after a write that met a full disk
			model[record.StorageLow] = number(v)
		},
		func(v bool) {
			writeFile(t, filepath.Join(root, "proc/loadavg"), map[bool]string{true: "9999.00 1", false: "0.00 1"}[v])
			s.Refresh()
			model[record.LoadHigh] = number(v)
		},
	}
	start := time.Now()
	const total = 1000
	for n := 0; n < total; {
		burst := min(1+rng.IntN(40), total-n)
		for range burst {
			flips[rng.IntN(len(flips))](rng.IntN(2) == 0)
		}
		n += burst
		await(t, s, "the model", func(f record.Facts) bool {
			for sig, v := range model {
				if f[sig].Value != v {
					return false
				}
			}
			return true
		})
	}
	t.Logf("%d flips in %v", total, time.Since(start))
}

func number(v bool) int64 {
	if v {
		return 1
	}
	return 0
}

// TestNoLeak must not run beside other tests: it counts goroutines and
// descriptors.
func TestNoLeak(t *testing.T) {
	address, _ := startBus(t, "")
	up, login := fakeUPower(t, address), newLogin1(t, address)
	root := laptop(t)
	cycle := func(hung bool) {
		s := open(t, Config{SysRoot: root, ProcRoot: root, SystemBus: address})
		s.Sleep()
		<-login.inhibitors
		if hung {
			defer up.hang()()
			s.Refresh()
			<-up.asked
		}
		s.Close()
		s.Close() // twice is once
		if f := s.Facts(); f[record.Charging].Value == record.Unknown {
			t.Error("the last facts are gone")
		}
	}
	count := func() (goroutines, files int) {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return runtime.NumGoroutine(), len(entries)
	}
	cycle(false) // the runtime opens a few things once
	time.Sleep(replied + 100*time.Millisecond)
	goroutines, files := count()
	for i := range 20 {
		cycle(i%2 == 1)
	}
	late := time.Now().Add(patience)
	for {
		g, f := count()
		if g <= goroutines && f <= files+20 { // the test keeps its ends of 20 inhibitors
			return
		}
		if time.Now().After(late) {
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines and %d files before, %d and %d after:\n%s", goroutines, files, g, f, buf[:runtime.Stack(buf, true)])
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestOpenErrors(t *testing.T) {
	_, err := Open(t.Context(), Config{SysRoot: "/none", ProcRoot: "/proc/version", SystemBus: "nonsense"})
	for _, want := range []string{"system root: stat /none", "process root /proc/version: not a directory", "bus address \"nonsense\": want transport:key=value"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	block := make(chan struct{})
	defer close(block)
	_, err = Open(ctx, Config{NoBus: true, Statfs: func(string) (uint64, uint64, error) { <-block; return 0, 0, nil }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("opened with a cancelled context: %v", err)
	}
}
