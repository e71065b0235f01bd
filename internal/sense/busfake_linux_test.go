package sense

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// startBus starts a private system bus; stop ends it before the test does.
func startBus(t testing.TB, address string) (actual string, stop func()) {
	t.Helper()
	daemon, err := exec.LookPath("dbus-daemon")
	needs(t, "dbus", err == nil, "dbus-daemon is not installed (Debian: dbus)")
	args := []string{"--config-file=testdata/bus.conf", "--nofork", "--nopidfile", "--print-address=1"}
	if address == "" {
		address = "unix:path=" + filepath.Join(t.TempDir(), "bus")
	}
	cmd := exec.Command(daemon, append(args, "--address="+address)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	t.Cleanup(stop)
	actual, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("dbus-daemon did not start: %v", err)
	}
	return strings.TrimSpace(actual), stop
}

// dial connects a client of the test to a bus.
func dial(t testing.TB, address string) *dbus.Conn {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// fakeService owns a name and exports objects with properties.
type fakeService struct {
	conn *dbus.Conn
	name string

	mu      sync.Mutex
	objects map[dbus.ObjectPath]*fakeObject
	gate    chan struct{} // open while closed: calls wait on it
	asked   chan struct{} // receives for each call that waits
}

type fakeObject struct {
	service *fakeService
	path    dbus.ObjectPath
	ifaces  map[string]properties
}

type props = map[string]any

func newFake(t testing.TB, address, name string) *fakeService {
	t.Helper()
	open := make(chan struct{})
	close(open)
	f := &fakeService{conn: dial(t, address), name: name, objects: map[dbus.ObjectPath]*fakeObject{}, gate: open, asked: make(chan struct{}, 64)}
	return f
}

// own takes the name, when all objects are there.
func (f *fakeService) own(t testing.TB) *fakeService {
	t.Helper()
	if r, err := f.conn.RequestName(f.name, dbus.NameFlagDoNotQueue); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("%s: %v %v", f.name, r, err)
	}
	return f
}

// hang makes calls wait until the returned function is called.
func (f *fakeService) hang() (resume func()) {
	closed := make(chan struct{})
	f.mu.Lock()
	f.gate = closed
	f.mu.Unlock()
	return sync.OnceFunc(func() { close(closed) })
}

func (f *fakeService) wait() {
	f.mu.Lock()
	gate := f.gate
	f.mu.Unlock()
	select {
	case <-gate:
	default:
		select {
		case f.asked <- struct{}{}:
		default:
		}
		<-gate
	}
}

// add exports an object with one interface's properties.
func (f *fakeService) add(t testing.TB, path dbus.ObjectPath, iface string, p props) *fakeService {
	t.Helper()
	o := &fakeObject{service: f, path: path, ifaces: map[string]properties{iface: {}}}
	for k, v := range p {
		o.ifaces[iface][k] = dbus.MakeVariant(v)
	}
	f.mu.Lock()
	f.objects[path] = o
	f.mu.Unlock()
	f.export(t, o, path, "org.freedesktop.DBus.Properties")
	return f
}

func (f *fakeService) export(t testing.TB, methods any, path dbus.ObjectPath, iface string) {
	t.Helper()
	if err := f.conn.Export(methods, path, iface); err != nil {
		t.Fatal(err)
	}
}

// GetAll is org.freedesktop.DBus.Properties.GetAll.
func (o *fakeObject) GetAll(iface string) (map[string]dbus.Variant, *dbus.Error) {
	o.service.wait()
	o.service.mu.Lock()
	defer o.service.mu.Unlock()
	p, ok := o.ifaces[iface]
	if !ok {
		return nil, dbus.NewError("org.freedesktop.DBus.Error.UnknownInterface", nil)
	}
	return maps.Clone(p), nil
}

// set changes properties and tells of it.
func (f *fakeService) set(t testing.TB, path dbus.ObjectPath, iface string, p props) {
	t.Helper()
	changed := map[string]dbus.Variant{}
	f.mu.Lock()
	for k, v := range p {
		changed[k] = dbus.MakeVariant(v)
		f.objects[path].ifaces[iface][k] = changed[k]
	}
	f.mu.Unlock()
	if err := f.conn.Emit(path, "org.freedesktop.DBus.Properties.PropertiesChanged", iface, changed, []string{}); err != nil {
		t.Fatal(err)
	}
}

// The services as they are on a laptop.

func fakeUPower(t testing.TB, address string) *fakeService {
	return newFake(t, address, upower).
		add(t, upowerPath, upower, props{"OnBattery": false}).
		add(t, upowerDevice, upower+".Device", props{"IsPresent": true, "Percentage": 80.0, "WarningLevel": uint32(1)}).own(t)
}

func fakeNetworkManager(t testing.TB, address string) *fakeService {
	f := newFake(t, address, netman).
		add(t, netmanPath, netman, props{
			"State": uint32(70), "Connectivity": uint32(4), "Metered": uint32(4), "PrimaryConnectionType": "802-11-wireless",
		})
	f.export(t, fakeNetman{f}, netmanPath, netman)
	return f.own(t)
}

type fakeNetman struct{ *fakeService }

// GetDeviceByIpIface is as in org.freedesktop.NetworkManager.
func (f fakeNetman) GetDeviceByIpIface(link string) (dbus.ObjectPath, *dbus.Error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path := dbus.ObjectPath("/org/freedesktop/NetworkManager/Devices/" + link)
	if f.objects[path] == nil {
		return "", dbus.NewError("org.freedesktop.NetworkManager.UnknownDevice", nil)
	}
	return path, nil
}

func fakeProfiles(t testing.TB, address, name string, path dbus.ObjectPath) *fakeService {
	return newFake(t, address, name).add(t, path, name, props{"ActiveProfile": "balanced"}).own(t)
}

// fakeLogin1 is a login manager with one graphical session, "2".
type fakeLogin1 struct {
	*fakeService
	inhibitors chan *os.File // the other ends of inhibitors
	sessions   []string
}

const session2 = login1Path + "/session/_32"

func newLogin1(t testing.TB, address string) *fakeLogin1 {
	l := &fakeLogin1{
		fakeService: newFake(t, address, login1).
			add(t, login1Path, login1Manager, props{"PreparingForSleep": false}).
			add(t, session2, login1+".Session", props{
				"Class": "user", "Type": "wayland", "Active": true, "IdleHint": false, "LockedHint": false, "IdleSinceHint": uint64(1),
			}),
		inhibitors: make(chan *os.File, 8), sessions: []string{"2"},
	}
	l.export(t, fakeManager{l}, login1Path, login1Manager)
	l.own(t)
	return l
}

type fakeManager struct{ *fakeLogin1 }

type sessionEntry struct {
	ID   string
	UID  uint32
	User string
	Seat string
	Path dbus.ObjectPath
}

// ListSessions is as in org.freedesktop.login1.Manager.
func (l fakeManager) ListSessions() ([]sessionEntry, *dbus.Error) {
	l.wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	out := []sessionEntry{{"7", 0, "root", "", login1Path + "/session/_37"}}
	for _, id := range l.sessions {
		out = append(out, sessionEntry{id, 1000, "ann", "seat0", login1Path + dbus.ObjectPath("/session/_3"+id)})
	}
	return out, nil
}

// replied is when a reply is surely away.
const replied = time.Second

// Inhibit is as in org.freedesktop.login1.Manager.
func (l fakeManager) Inhibit(what, who, why, mode string) (dbus.UnixFD, *dbus.Error) {
	l.wait()
	if what != "sleep" || who == "" || why == "" || mode != "delay" {
		return 0, dbus.MakeFailedError(fmt.Errorf("inhibit %q %q %q %q", what, who, why, mode))
	}
	r, w, err := os.Pipe()
	if err != nil {
		return 0, dbus.MakeFailedError(err)
	}
	fd := w.Fd()
	l.inhibitors <- r
	// The reply sends a duplicate; ours goes once it is away.
	time.AfterFunc(replied, func() { w.Close() })
	return dbus.UnixFD(fd), nil
}

func (l *fakeLogin1) prepareForSleep(t testing.TB, sleeping bool) {
	t.Helper()
	if err := l.conn.Emit(login1Path, login1Manager+".PrepareForSleep", sleeping); err != nil {
		t.Fatal(err)
	}
}

// released waits until the other side has closed an inhibitor.
func released(t testing.TB, r *os.File) {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		_, err := r.Read(make([]byte, 1))
		done <- err
	}()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	select {
	case <-done:
		r.Close()
	case <-ctx.Done():
		t.Fatal("the inhibitor was not released")
	}
}
