package sense

import (
	"testing"

	"github.com/lullwork/lull/internal/record"
)

func TestSeatByFiles(t *testing.T) {
	for _, c := range []struct {
		name, file, text, source, note string
		want                           int64
	}{
		{"server", "proc/sys/kernel/osrelease", "6.1.0-amd64", "no seat", "", 1},
		{"display", "sys/class/drm/card0/x", "", "", "logind", record.Unknown},
		{"frame buffer", "sys/class/graphics/fb0/x", "", "", "logind", record.Unknown},
		{"render node only", "sys/class/drm/renderD128/x", "", "no seat", "", 1},
		{"WSL", "proc/sys/kernel/osrelease", "5.15.90.1-microsoft-standard-WSL2", "", "Windows", record.Unknown},
	} {
		root := fakeRoot(t, map[string]string{c.file: c.text})
		readSeat(root, root)[record.Idle].check(t, c.name, c.want, c.source, c.note)
	}
	empty := t.TempDir()
	readSeat(empty, empty)[record.Idle].check(t, "no sysfs", record.Unknown, "", "sysfs is not mounted")
	broken := fakeRoot(t, map[string]string{"sys/class/drm": "no folder"})
	readSeat(broken, broken)[record.Idle].check(t, "drm is no folder", record.Unknown, "", "cannot look for a display")
}

func TestIdleOf(t *testing.T) {
	user := session{id: "2", seat: "seat0", class: "user", kind: "wayland", active: true, idleSince: 1}
	with := func(change func(*session)) session {
		s := user
		change(&s)
		return s
	}
	idle := with(func(s *session) { s.idle = true })
	ssh := session{id: "9", class: "user", kind: "tty", active: true}
	greeter := session{id: "c1", seat: "seat0", class: "greeter", kind: "wayland", active: true}
	for _, c := range []struct {
		name     string
		sessions []session
		want     int64
		source   string
	}{
		{"nobody", nil, 1, "no seat"},
		{"only SSH", []session{ssh}, 1, "no seat"},
		{"greeter", []session{greeter}, 1, "logind: nobody is logged in at seat0"},
		{"in use", []session{user}, 0, "logind IdleHint of session 2"},
		{"idle", []session{idle}, 1, "logind IdleHint of session 2"},
		{"locked", []session{with(func(s *session) { s.locked = true })}, 1, "logind LockedHint of session 2"},
		{"hint never set", []session{with(func(s *session) { s.idleSince = 0 })}, record.Unknown, "logind IdleHint of session 2"},
		{"hint never set, locked", []session{with(func(s *session) { s.idleSince, s.locked = 0, true })}, 1, "logind LockedHint"},
		{"text console", []session{with(func(s *session) { s.idleSince, s.kind = 0, "tty" })}, 0, "logind IdleHint"},
		{"switched away", []session{with(func(s *session) { s.active = false }), greeter}, 1, "logind: nobody is logged in at seat0"},
		{"two seats, one in use", []session{idle, with(func(s *session) { s.id, s.seat = "3", "seat1" })}, 0, "logind IdleHint of session 3"},
		{"two seats, one unknown", []session{idle, with(func(s *session) { s.id, s.seat, s.idleSince = "3", "seat1", 0 })}, record.Unknown, "session 3"},
		{"two seats, unknown first", []session{with(func(s *session) { s.idleSince = 0 }), with(func(s *session) { s.id, s.idle = "3", true })}, record.Unknown, "session 2"},
		{"idle beside SSH", []session{ssh, idle}, 1, "logind IdleHint of session 2"},
	} {
		idleOf(c.sessions).check(t, c.name, c.want, c.source, "")
	}
}
