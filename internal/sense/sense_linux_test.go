package sense

import (
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/lullwork/lull/internal/record"
)

// TestFakeRoot reads every signal from files alone.
func TestFakeRoot(t *testing.T) {
	root := laptop(t)
	writeFile(t, filepath.Join(root, "proc/net/route"), routeEth)
	writeFile(t, filepath.Join(root, "sys/class/net/eth0/type"), "1")
	writeFile(t, filepath.Join(root, "sys/firmware/acpi/platform_profile"), "low-power")
	s := open(t, Config{
		SysRoot: root, ProcRoot: root, NoBus: true, DataDir: "/data",
		Statfs: func(dir string) (uint64, uint64, error) {
			if dir != "/data" {
				t.Errorf("statfs of %q", dir)
			}
			return 1e9, 1e12, nil
		},
		Now: func() int64 { return 42 },
	})
	f := s.Facts()
	expect(t, f[record.Charging], 0, "sysfs AC online=0")
	expect(t, f[record.BatteryLevel], 40, "sysfs BAT0 capacity")
	expect(t, f[record.BatteryLow], 0, "sysfs BAT0 capacity")
	expect(t, f[record.Connected], 1, "default route by eth0")
	expect(t, f[record.Validated], record.Unknown, "default route by eth0")
	expect(t, f[record.Metered], record.Unknown, "default route by eth0")
	expect(t, f[record.Roaming], 0, "default route by eth0, which is no modem")
	expect(t, f[record.Idle], record.Unknown, "")
	expect(t, f[record.StorageLow], 0, "free space of /data, low under 500 MB")
	expect(t, f[record.LoadHigh], 0, "load average")
	expect(t, f[record.LowPower], 1, "sysfs platform_profile")
	for i, fact := range f {
		if fact.Signal != record.Signal(i) || fact.Since != 42 || fact.Settles != 0 {
			t.Errorf("%+v", fact)
		}
		if fact.Value == record.Unknown && !strings.Contains(fact.Note, "`assume: {"+fact.Signal.String()+": ") {
			t.Errorf("%v: the note does not tell how to make it known: %q", fact.Signal, fact.Note)
		}
	}
	select {
	case <-s.Changes():
		t.Error("the first values are no change")
	default:
	}
}

// TestThisMachine reads the machine that the test runs on, whatever it is.
func TestThisMachine(t *testing.T) {
	s := open(t, Config{})
	t.Log("\n" + table(s.Facts()))
	for _, f := range s.Facts() {
		if f.Value == record.Unknown && f.Note == "" {
			t.Errorf("%v: unknown without a note", f.Signal)
		}
	}
}

// TestSettlesWithEngineTime: with a clock of its own, a fact waits for it.
func TestSettlesWithEngineTime(t *testing.T) {
	t.Parallel()
	address, _ := startBus(t, "")
	up := fakeUPower(t, address)
	root := laptop(t)
	var now atomic.Int64
	now.Store(1000 * second)
	s := open(t, Config{
		SysRoot: root, ProcRoot: root, SystemBus: address, Now: now.Load,
		Debounce: Debounce{Network: 5 * time.Second, Power: 10 * time.Second},
	})
	expect(t, s.Facts()[record.Charging], 1, "UPower OnBattery") // not debounced
	now.Store(1001 * second)
	up.set(t, upowerPath, upower, props{"OnBattery": true})
	if f := awaitValue(t, s, record.Charging, 0); f.Since != 1001*second {
		t.Errorf("loss: %+v", f)
	}
	now.Store(1002 * second)
	up.set(t, upowerPath, upower, props{"OnBattery": false})
	f := await(t, s, "the debounce", func(f record.Facts) bool { return f[record.Charging].Settles != 0 })[record.Charging]
	if f.Value != 0 || f.Next != 1 || f.Settles != 1012*second || f.Since != 1001*second {
		t.Errorf("pending: %+v", f)
	}
	now.Store(1011 * second)
	s.Refresh()
	time.Sleep(20 * time.Millisecond)
	if f := s.Facts()[record.Charging]; f.Value != 0 {
		t.Errorf("settled a second early: %+v", f)
	}
	now.Store(1012 * second)
	s.Refresh()
	if f := awaitValue(t, s, record.Charging, 1); f.Since != 1012*second || f.Settles != 0 {
		t.Errorf("settled: %+v", f)
	}
}

// TestSettlesByItself: the end of a debounce needs no event.
func TestSettlesByItself(t *testing.T) {
	t.Parallel()
	address, _ := startBus(t, "")
	nm := fakeNetworkManager(t, address)
	root := laptop(t)
	s := open(t, Config{SysRoot: root, ProcRoot: root, SystemBus: address, Debounce: Debounce{Network: 80 * time.Millisecond}})
	nm.set(t, netmanPath, netman, props{"Metered": uint32(1)})
	awaitValue(t, s, record.Metered, 1)
	nm.set(t, netmanPath, netman, props{"Metered": uint32(2)})
	pending := await(t, s, "the debounce", func(f record.Facts) bool { return f[record.Metered].Settles != 0 })[record.Metered]
	f := awaitValue(t, s, record.Metered, 0)
	if f.Since != pending.Settles || s.now() < pending.Settles {
		t.Errorf("pending %+v, then %+v", pending, f)
	}
}

// TestPoll: the poll sees what no event told.
func TestPoll(t *testing.T) {
	t.Parallel()
	root := laptop(t)
	s := open(t, Config{SysRoot: root, ProcRoot: root, NoBus: true, PollEvery: 20 * time.Millisecond})
	supplies(t, root, "AC online=1")
	awaitValue(t, s, record.Charging, 1)
	supplies(t, root, "AC online=0")
	awaitValue(t, s, record.Charging, 0)
	select {
	case <-s.ClockSteps():
		t.Error("the clock was not set")
	default:
	}
}

// TestWrongTypes: a service that breaks its word is not believed.
func TestWrongTypes(t *testing.T) {
	t.Parallel()
	address, _ := startBus(t, "")
	newFake(t, address, upower).add(t, upowerPath, upower, props{"OnBattery": "yes"}).own(t)
	newFake(t, address, netman).add(t, netmanPath, netman, props{"State": int32(70), "Metered": "x"}).own(t)
	newFake(t, address, profiles).add(t, "/org/freedesktop/UPower/PowerProfiles", profiles, props{"ActiveProfile": 7}).own(t)
	l := newFake(t, address, login1)
	l.export(t, wrongManager{}, login1Path, login1Manager)
	l.own(t)
	root := laptop(t)
	s := open(t, Config{SysRoot: root, ProcRoot: root, SystemBus: address})
	f := s.Facts()
	expect(t, f[record.Charging], 0, "sysfs AC online=0")
	expect(t, f[record.Connected], 0, "no default route")
	expect(t, f[record.LowPower], record.Unknown, "")
	expect(t, f[record.Idle], record.Unknown, "")
	if n := f[record.LowPower].Note; !strings.Contains(n, "power-profiles-daemon: no property ActiveProfile") {
		t.Errorf("note of low power: %q", n)
	}
}

type wrongManager struct{}

// ListSessions returns what no login manager returns.
func (wrongManager) ListSessions() (string, *dbus.Error) { return "none", nil }
