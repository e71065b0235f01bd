package sense

import (
	"path/filepath"
	"strings"

	"github.com/lullwork/lull/internal/record"
)

// noSeat is the source of "idle" on a server: nobody can sit at it.
const noSeat = "no seat"

// readSeat is the word on idleness without a login manager: a machine without a
// display has no seat, so nobody uses it. Everything else is unknown.
func readSeat(sysRoot, procRoot string) (out readings) {
	note := ""
	switch {
	case strings.Contains(strings.ToLower(attr(filepath.Join(procRoot, "proc/sys/kernel/osrelease"))), "microsoft"):
		note = "Windows does not tell a Linux guest when its user is idle; "
	case !exists(sysRoot, "sys/class"):
		note = "sysfs is not mounted and logind is not reachable; "
	case exists(sysRoot, "sys/class/drm/card*") || exists(sysRoot, "sys/class/graphics/fb*"):
		note = "the machine has a display and logind is not reachable to tell who sits at it; "
	default:
		out[record.Idle] = yes(true, noSeat)
		return out
	}
	out[record.Idle] = unknown("", note+assume(record.Idle, "yes"))
	return out
}

func exists(root, pattern string) bool {
	found, _ := filepath.Glob(filepath.Join(root, pattern))
	return len(found) > 0
}

// session is a login session as the login manager describes it.
type session struct {
	id, seat, class, kind string
	active                bool // in the foreground of its seat
	idle, locked          bool
	idleSince             uint64
}

// idleOf decides from the sessions in the foreground of a seat: the machine is
// idle when each of them is idle or locked. Sessions without a seat (SSH, cron)
// do not count: their work is load, not presence.
func idleOf(sessions []session) reading {
	out := yes(true, noSeat)
	for _, s := range sessions {
		if s.seat == "" {
			continue
		}
		if !strings.HasPrefix(s.class, "user") || !s.active {
			if out.source == noSeat {
				out.source = "logind: nobody is logged in at " + s.seat
			}
			continue
		}
		switch r := s.reading(); {
		case r.value == 0:
			return r
		case out.value != record.Unknown:
			out = r
		}
	}
	return out
}

func (s session) reading() reading {
	switch {
	case s.idle:
		return yes(true, "logind IdleHint of session "+s.id)
	case s.locked:
		return yes(true, "logind LockedHint of session "+s.id)
	case s.idleSince == 0 && (s.kind == "x11" || s.kind == "wayland" || s.kind == "mir"):
		// GNOME sets the hint at the first idleness, some desktops never do
		// (KDE bug 448942): a hint that was never set says nothing.
		return unknown("logind IdleHint of session "+s.id,
			"the desktop has not told logind yet whether its user is idle, and some never do: lock the screen, or "+assume(record.Idle, "yes"))
	}
	return yes(false, "logind IdleHint of session "+s.id)
}
