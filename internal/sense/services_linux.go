package sense

import (
	"context"
	"errors"
	"os"

	"github.com/godbus/dbus/v5"

	"github.com/lullwork/lull/internal/record"
)

const (
	upower       = "org.freedesktop.UPower"
	upowerPath   = dbus.ObjectPath("/org/freedesktop/UPower")
	upowerDevice = upowerPath + "/devices/DisplayDevice"

	profiles    = "org.freedesktop.UPower.PowerProfiles" // from power-profiles-daemon 0.20 on
	profilesOld = "net.hadess.PowerProfiles"

	login1        = "org.freedesktop.login1"
	login1Path    = dbus.ObjectPath("/org/freedesktop/login1")
	login1Manager = login1 + ".Manager"
)

// matchProperties is the rule for property changes of one object.
func matchProperties(sender string, path dbus.ObjectPath) []dbus.MatchOption {
	return []dbus.MatchOption{
		dbus.WithMatchSender(sender), dbus.WithMatchObjectPath(path),
		dbus.WithMatchInterface("org.freedesktop.DBus.Properties"), dbus.WithMatchMember("PropertiesChanged"),
	}
}

func (b *bus) addUPower() {
	b.add(&service{
		label:   "UPower",
		names:   []string{upower},
		roots:   []dbus.ObjectPath{upowerPath},
		matches: [][]dbus.MatchOption{matchProperties(upower, upowerPath), matchProperties(upower, upowerDevice)},
	}, askUPower, record.Charging, record.BatteryLevel, record.BatteryLow)
}

func askUPower(ctx context.Context, c client) (out readings, err error) {
	p, err := c.properties(ctx, upower, upowerPath, upower)
	if err != nil {
		return out, err
	}
	onBattery, ok := property[bool](p, "OnBattery")
	if !ok {
		return out, errors.New("no property OnBattery")
	}
	out[record.Charging] = yes(!onBattery, "UPower OnBattery")
	d, err := c.properties(ctx, upower, upowerDevice, upower+".Device")
	if errors.Is(err, context.DeadlineExceeded) {
		return out, err
	}
	// Without a display device, as before 0.99, sysfs tells of the battery.
	if present, ok := property[bool](d, "IsPresent"); err == nil && ok {
		out[record.BatteryLevel], out[record.BatteryLow] = displayDevice(d, present, out[record.Charging].value)
	}
	return out, nil
}

// displayDevice reads the device in which UPower joins all batteries.
func displayDevice(d properties, present bool, charging int64) (level, low reading) {
	if !present {
		return batteries(nil, charging)
	}
	const source = "UPower DisplayDevice "
	percentage, ok := property[float64](d, "Percentage")
	if !ok || !(percentage >= 0 && percentage <= 100) {
		level = unknown(source+"Percentage", "UPower does not know the charge; "+assume(record.BatteryLevel, "80"))
	} else {
		level = known(int64(percentage), source+"Percentage")
	}
	const warningUnknown, warningLow = 0, 3
	warning, _ := property[uint32](d, "WarningLevel")
	switch {
	case warning != warningUnknown:
		low = yes(warning >= warningLow, source+"WarningLevel")
	case level.value == record.Unknown:
		low = unknown(source+"WarningLevel", "UPower does not know the charge; "+assume(record.BatteryLow, "no"))
	default:
		low = lowBattery(level.value, charging, source+"Percentage")
	}
	return level, low
}

func (b *bus) addProfiles() {
	paths := map[string]dbus.ObjectPath{profiles: "/org/freedesktop/UPower/PowerProfiles", profilesOld: "/net/hadess/PowerProfiles"}
	s := &service{label: "power-profiles-daemon"}
	for _, name := range []string{profiles, profilesOld} {
		s.names = append(s.names, name)
		s.roots = append(s.roots, paths[name])
		s.matches = append(s.matches, matchProperties(name, paths[name]))
	}
	b.add(s, func(ctx context.Context, c client) (out readings, err error) {
		var p properties
		for _, name := range s.names {
			if p, err = c.properties(ctx, name, paths[name], name); err == nil {
				break
			}
		}
		if err != nil {
			return out, err
		}
		active, ok := property[string](p, "ActiveProfile")
		if !ok {
			return out, errors.New("no property ActiveProfile")
		}
		out[record.LowPower] = yes(active == "power-saver", "power-profiles-daemon ActiveProfile")
		return out, nil
	}, record.LowPower)
}

// addLogin1 adds the login manager: idleness of its sessions, and suspends.
func (b *bus) addLogin1(sl *sleeper) {
	s := &service{
		label: "logind",
		names: []string{login1},
		roots: []dbus.ObjectPath{login1Path},
		matches: [][]dbus.MatchOption{
			{
				dbus.WithMatchSender(login1), dbus.WithMatchPathNamespace(login1Path),
				dbus.WithMatchInterface("org.freedesktop.DBus.Properties"), dbus.WithMatchMember("PropertiesChanged"),
			},
			{dbus.WithMatchSender(login1), dbus.WithMatchInterface(login1Manager), dbus.WithMatchObjectPath(login1Path)},
		},
	}
	b.add(s, func(ctx context.Context, c client) (out readings, err error) {
		if sl.begin() {
			b.calls.Go(func() { inhibit(c, sl) })
		}
		if sl.stuck() {
			p, err := c.properties(ctx, login1, login1Path, login1Manager)
			if preparing, _ := property[bool](p, "PreparingForSleep"); !preparing && !errors.Is(err, context.DeadlineExceeded) {
				b.onSleep(false)
			}
		}
		sessions, err := listSessions(ctx, c)
		if err == nil {
			out[record.Idle] = idleOf(sessions)
		}
		return out, err
	}, record.Idle)
	sl.ask = s.probe.poke
}

// inhibit takes the delay inhibitor. Where that is refused, suspends are still
// announced, only not delayed. It waits as long as the connection lives: an
// answer that nobody awaits would leave a descriptor that delays every suspend.
func inhibit(c client, sl *sleeper) {
	var fd dbus.UnixFD
	err := c.call(context.Background(), login1, login1Path, login1Manager+".Inhibit",
		"sleep", "lull", "Background work is being stopped", "delay").Store(&fd)
	if err != nil {
		sl.end(nil)
		return
	}
	sl.end(os.NewFile(uintptr(fd), "inhibitor"))
}

func listSessions(ctx context.Context, c client) ([]session, error) {
	var list []struct {
		ID   string
		UID  uint32
		User string
		Seat string
		Path dbus.ObjectPath
	}
	if err := c.call(ctx, login1, login1Path, login1Manager+".ListSessions").Store(&list); err != nil {
		return nil, err
	}
	var out []session
	for _, l := range list {
		if l.Seat == "" {
			continue
		}
		p, err := c.properties(ctx, login1, l.Path, login1+".Session")
		if ended(err) {
			continue // after the list was made
		} else if err != nil {
			return nil, err
		}
		s := session{id: l.ID, seat: l.Seat, class: "user"}
		if class, ok := property[string](p, "Class"); ok {
			s.class = class
		}
		s.kind, _ = property[string](p, "Type")
		s.active, _ = property[bool](p, "Active")
		s.idle, _ = property[bool](p, "IdleHint")
		s.locked, _ = property[bool](p, "LockedHint")
		s.idleSince, _ = property[uint64](p, "IdleSinceHint")
		out = append(out, s)
	}
	return out, nil
}

// ended tells whether the error means that a session is no more.
func ended(err error) bool {
	var e dbus.Error
	return errors.As(err, &e) && (e.Name == "org.freedesktop.DBus.Error.UnknownObject" || e.Name == login1+".NoSuchSession")
}
