package sense

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/record"
)

// noSeat is the source of "idle" on a server: nobody can sit at it.
const noSeat = "no seat"

// readSeat is the word on idleness without a login manager: a machine without a
// display has no seat, so nobody uses it. Everything else is unknown.
func readSeat(sysRoot, procRoot string) (out readings) {
	note := ""
	display, err := hasDisplay(sysRoot)
	switch {
	case strings.Contains(strings.ToLower(attr(filepath.Join(procRoot, "proc/sys/kernel/osrelease"))), "microsoft"):
		note = "Windows does not tell a Linux guest when its user is idle; "
	case errors.Is(err, fs.ErrNotExist):
		note = "sysfs is not mounted and logind is not reachable; "
	case err != nil:
		note = "cannot look for a display (" + err.Error() + "): mend it; "
	case display:
		note = "the machine has a display and logind is not reachable to tell who sits at it; "
	default:
		out[record.Idle] = yes(true, noSeat)
		return out
	}
	out[record.Idle] = unknown("", note+assume(record.Idle, "yes"))
	return out
}

// hasDisplay looks for a graphics card or a frame buffer.
func hasDisplay(sysRoot string) (bool, error) {
	class := filepath.Join(sysRoot, "sys/class")
	if _, err := os.Stat(class); err != nil {
		return false, err
	}
	for folder, prefix := range map[string]string{"drm": "card", "graphics": "fb"} {
		entries, err := os.ReadDir(filepath.Join(class, folder))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), prefix) }) {
			return true, nil
		}
	}
	return false, nil
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
