package sense

import (
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/lullwork/lull/internal/record"
)

var long = flag.Bool("long", false, "run slow tests")

// mockedService is a service of python-dbusmock: written by others, so that it
// checks what our own fakes assume.
type mockedService struct {
	cmd    *exec.Cmd
	object dbus.BusObject
}

const mockIface = "org.freedesktop.DBus.Mock"

const python = "/usr/bin/python3" // the system's, which sees Debian's packages

// startMock starts a template; ready waits for its name.
func startMock(t testing.TB, address, template, name string, path dbus.ObjectPath) *mockedService {
	t.Helper()
	cmd := exec.Command(python, "-m", "dbusmock", "--system", "--template", template)
	cmd.Env = append(os.Environ(), "DBUS_SYSTEM_BUS_ADDRESS="+address)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	m := &mockedService{cmd, dial(t, address).Object(name, path)}
	t.Cleanup(m.kill)
	return m
}

func (m *mockedService) ready(t testing.TB) {
	t.Helper()
	late := time.Now().Add(2 * patience)
	for m.object.Call("org.freedesktop.DBus.Peer.Ping", 0).Err != nil {
		if time.Now().After(late) {
			t.Fatalf("dbusmock did not own %s", m.object.Destination())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (m *mockedService) kill() {
	_ = m.cmd.Process.Kill()
	_ = m.cmd.Wait()
}

func (m *mockedService) call(t testing.TB, method string, args ...any) *dbus.Call {
	t.Helper()
	c := m.object.Call(method, 0, args...)
	if c.Err != nil {
		t.Fatalf("%s: %v", method, c.Err)
	}
	return c
}

func (m *mockedService) update(t testing.TB, iface string, p props) {
	t.Helper()
	m.call(t, mockIface+".UpdateProperties", iface, variants(p))
}

func variants(p props) map[string]dbus.Variant {
	out := map[string]dbus.Variant{}
	for k, v := range p {
		out[k] = dbus.MakeVariant(v)
	}
	return out
}

// at is another object of the service.
func (m *mockedService) at(conn *dbus.Conn, path dbus.ObjectPath) *mockedService {
	return &mockedService{m.cmd, conn.Object(m.object.Destination(), path)}
}

// TestNeutralServices runs against four templates of dbusmock.
func TestNeutralServices(t *testing.T) {
	t.Parallel()
	err := exec.Command(python, "-c", "import dbusmock").Run()
	needs(t, "dbus", err == nil, "python-dbusmock is not installed (Debian: python3-dbusmock)")
	address, _ := startBus(t, "")
	up := startMock(t, address, "upower", upower, upowerPath)
	nm := startMock(t, address, "networkmanager", netman, netmanPath)
	login := startMock(t, address, "logind", login1, login1Path)
	ppd := startMock(t, address, "power_profiles_daemon", profilesOld, "/net/hadess/PowerProfiles")

	for _, m := range []*mockedService{up, nm, login, ppd} {
		m.ready(t)
	}
	conn := dial(t, address)
	display := up.at(conn, upowerDevice)
	const noWarning, charging, battery = uint32(1), uint32(1), uint32(2)
	up.call(t, mockIface+".SetupDisplayDevice", battery, charging, 62.5, 30.0, 48.0, 5.0, int64(0), int64(900), true, "icon", noWarning)
	nm.call(t, mockIface+".AddProperty", netman, "Metered", dbus.MakeVariant(uint32(2)))
	nm.call(t, mockIface+".AddProperty", netman, "PrimaryConnectionType", dbus.MakeVariant("802-3-ethernet"))
	var path string
	if err := login.call(t, mockIface+".AddSession", "c7", "seat0", uint32(1000), "ann", true).Store(&path); err != nil {
		t.Fatal(err)
	}
	session := login.at(conn, dbus.ObjectPath(path))

	root := laptop(t)
	s := open(t, Config{SysRoot: root, ProcRoot: root, SystemBus: address, callTimeout: hangs})
	f := s.Facts()
	expect(t, f[record.Charging], 1, "UPower OnBattery")
	expect(t, f[record.BatteryLevel], 62, "UPower DisplayDevice Percentage")
	expect(t, f[record.BatteryLow], 0, "UPower DisplayDevice WarningLevel")
	expect(t, f[record.Connected], 1, "NetworkManager State")
	expect(t, f[record.Validated], 1, "NetworkManager Connectivity")
	expect(t, f[record.Metered], 0, "NetworkManager Metered")
	expect(t, f[record.Roaming], 0, "802-3-ethernet")
	expect(t, f[record.Idle], 0, "logind IdleHint of session c7")
	expect(t, f[record.LowPower], 0, "power-profiles-daemon ActiveProfile")

	t.Run("flips", func(t *testing.T) { neutralFlips(t, s, root, up, display, nm, session, ppd) })
	t.Run("sleep", func(t *testing.T) { neutralSleep(t, s, login) })
	t.Run("hang", func(t *testing.T) {
		up.update(t, upower, props{"OnBattery": false})
		awaitValue(t, s, record.Charging, 1)
		if err := up.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		s.Refresh()
		expect(t, awaitValue(t, s, record.Charging, 0), 0, "sysfs AC online=0 (UPower does not answer)")
		t.Logf("given up after %v", time.Since(start))
		if err := up.cmd.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		s.Refresh()
		expect(t, awaitValue(t, s, record.Charging, 1), 1, "UPower OnBattery")
	})
	t.Run("gone", func(t *testing.T) {
		up.kill()
		expect(t, awaitValue(t, s, record.Charging, 0), 0, "sysfs AC online=0")
		nm.kill()
		expect(t, awaitValue(t, s, record.Connected, 0), 0, "no default route")
		login.kill()
		expect(t, awaitValue(t, s, record.Idle, record.Unknown), record.Unknown, "")
		ppd.kill()
		expect(t, awaitValue(t, s, record.LowPower, record.Unknown), record.Unknown, "")
	})
}

func neutralFlips(t *testing.T, s *Sensor, root string, up, display, nm, session, ppd *mockedService) {
	rng := rand.New(rand.NewPCG(3, 4))
	model := map[record.Signal]int64{}
	flips := []func(v bool){
		func(v bool) {
			up.update(t, upower, props{"OnBattery": !v})
			model[record.Charging] = number(v)
		},
		func(v bool) {
			level := map[bool]float64{true: 7, false: 70}[v]
			display.update(t, upower+".Device", props{"Percentage": level})
			model[record.BatteryLevel] = int64(level)
		},
		func(v bool) {
			nm.update(t, netman, props{"Metered": map[bool]uint32{true: 1, false: 2}[v]})
			model[record.Metered] = number(v)
		},
		func(v bool) {
			nm.call(t, mockIface+".SetConnectivity", map[bool]uint32{true: 4, false: 3}[v])
			model[record.Validated] = number(v)
		},
		func(v bool) {
			session.update(t, login1+".Session", props{"IdleHint": v, "IdleSinceHint": uint64(1)})
			model[record.Idle] = number(v)
		},
		func(v bool) {
			ppd.update(t, profilesOld, props{"ActiveProfile": map[bool]string{true: "power-saver", false: "balanced"}[v]})
			model[record.LowPower] = number(v)
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

func neutralSleep(t *testing.T, s *Sensor, login *mockedService) {
	held := func(want int) {
		t.Helper()
		late := time.Now().Add(patience)
		for {
			var list []struct {
				What, Who, Why, Mode string
				UID, PID             uint32
			}
			if err := login.call(t, login1Manager+".ListInhibitors").Store(&list); err != nil {
				t.Fatal(err)
			}
			if len(list) == want && (want == 0 || list[0].What == "sleep" && list[0].Mode == "delay") {
				return
			}
			if time.Now().After(late) {
				t.Fatalf("inhibitors %v, want %d", list, want)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	emit := func(sleeping bool) {
		login.call(t, mockIface+".EmitSignal", login1Manager, "PrepareForSleep", "b", []dbus.Variant{dbus.MakeVariant(sleeping)})
	}
	held(0)
	events := s.Sleep()
	held(1)
	emit(true)
	if !receive(t, events) {
		t.Fatal("awake, want asleep")
	}
	start := time.Now()
	s.ReleaseSleep()
	held(0)
	t.Logf("released after %v", time.Since(start))
	emit(false)
	if receive(t, events) {
		t.Fatal("asleep, want awake")
	}
	held(1)
}
