package world

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// DumpConfig says how the text of `adb shell dumpsys` is read.
type DumpConfig struct {
	Device string // what the device is called in the trace. Default: "phone"
	// Shift is local time minus UTC on the phone, µs: dumps give local times.
	Shift int64
	// Now is when the dump was made, µs since 1970 UTC. The history of deviceidle counts
	// back from it, and without it is left out.
	Now int64
}

// DumpReport counts what was read.
type DumpReport struct {
	Lines    int
	Events   int
	Unused   int // lines that are understood, and say nothing that a trace holds
	Unknown  int // lines that are not understood
	Timeless int // lines that would say something, at a time that is not known
}

// ErrNoEvents says that a dump holds nothing that can be replayed.
var ErrNoEvents = errors.New("no event of deviceidle, usagestats or batterystats --history was found")

// ConvertDump turns the text of `dumpsys deviceidle`, `dumpsys usagestats` and
// `dumpsys batterystats --history`, one after the other or as parts of a bug report,
// into a trace. It takes what it understands.
func ConvertDump(w io.Writer, r io.Reader, cfg DumpConfig) (DumpReport, error) {
	if cfg.Device = strings.TrimSpace(oneCell(cfg.Device)); cfg.Device == "" {
		cfg.Device = "phone"
	}
	d := &dump{cfg: cfg}
	in, err := newLines(r)
	if err != nil {
		return d.DumpReport, err
	}
	for {
		text, _, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return d.DumpReport, fmt.Errorf("line %d: %w", in.n+1, err)
		}
		d.Lines++
		d.line(text)
	}
	if len(d.rows) == 0 {
		return d.DumpReport, ErrNoEvents
	}
	d.sort()
	d.Events = len(d.rows)
	return d.DumpReport, d.write(w)
}

// dump is a text that is being read.
type dump struct {
	cfg DumpConfig
	DumpReport
	rows    []row
	section section
	battery batteryDump
}

// section is a part of a dump whose lines mean nothing outside of it.
type section uint8

const (
	noSection section = iota
	inIdleHistory
	inBatteryHistory
)

func (d *dump) line(text string) {
	words := strings.TrimSpace(text)
	switch {
	case words == "":
		d.section = noSection
		d.Unused++
	case strings.HasPrefix(words, "DUMP OF SERVICE "):
		d.section = noSection
		d.Unused++
	case words == "Idling history:":
		d.section = inIdleHistory
		d.Unused++
	case strings.HasPrefix(words, "Battery History"):
		d.section = inBatteryHistory
		d.battery = batteryDump{}
		d.Unused++
	case strings.HasPrefix(words, "time=\"") && strings.Contains(words, " type="):
		d.usageLine(words)
	case d.section == inIdleHistory && d.idleLine(words):
	case d.section == inBatteryHistory:
		d.batteryLine(words)
	default:
		d.Unknown++
	}
}

// tell adds a row, if it is a time that a trace can have.
func (d *dump) tell(at int64, event, value string) {
	if at < earliest || at >= latest {
		d.Timeless++
		return
	}
	d.rows = append(d.rows, row{at: at, event: event, value: oneCell(value)})
}

// oneCell makes a text fit into one column.
func oneCell(s string) string {
	return strings.Map(func(c rune) rune {
		if c == ',' || c == '"' || c < ' ' {
			return -1
		}
		return c
	}, s)
}

// sort brings the rows of all parts into order. What two parts tell is told once.
func (d *dump) sort() {
	slices.SortStableFunc(d.rows, func(a, b row) int { return cmp.Compare(a.at, b.at) })
	kept := d.rows[:0]
	seen := map[row]bool{} // of one instant
	for _, r := range d.rows {
		if len(kept) > 0 && kept[len(kept)-1].at != r.at {
			clear(seen)
		}
		if !seen[r] {
			seen[r] = true
			kept = append(kept, r)
		}
	}
	d.rows = kept
}

func (d *dump) write(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, header)
	for _, r := range d.rows {
		t := time.UnixMicro(r.at).UTC().Format("2006-01-02T15:04:05.999Z")
		fmt.Fprintf(out, "%s,%s,%s,%s,1\n", d.cfg.Device, t, r.event, r.value)
	}
	return out.Flush()
}

// wall reads a local time.
func (d *dump) wall(layout, s string) (at int64, ok bool) {
	t, err := time.Parse(layout, s)
	if err != nil {
		return 0, false
	}
	return t.UnixMicro() - d.cfg.Shift, true
}

// duration reads a time as +1d2h3m4s5ms, or 0, into µs.
func duration(s string) (us int64, ok bool) {
	if s == "0" {
		return 0, true
	}
	sign := int64(1)
	switch {
	case strings.HasPrefix(s, "-"):
		sign, s = -1, s[1:]
	case strings.HasPrefix(s, "+"):
		s = s[1:]
	}
	for s != "" {
		i := 0
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		n, fine := number(s[:i])
		if !fine {
			return 0, false
		}
		j := i
		for j < len(s) && s[j] >= 'a' && s[j] <= 'z' {
			j++
		}
		unit, known := map[string]int64{"d": day, "h": hour, "m": minute, "s": second, "ms": 1000}[s[i:j]]
		if !known || n > 1_000_000 {
			return 0, false
		}
		us += n * unit
		s, ok = s[j:], true
	}
	return sign * us, ok
}

// idleLine reads a line of the history of Doze, as "deep-idle: -1h2m3s4ms (motion)".
func (d *dump) idleLine(words string) bool {
	state, rest, _ := strings.Cut(words, ": ")
	ago, reason, _ := strings.Cut(rest, " ")
	event := map[string]string{
		"normal": "doze_off", "light-idle": "doze_light", "light-maint": "doze_light_maint",
		"deep-idle": "doze_deep", "deep-maint": "doze_deep_maint",
	}[state]
	us, ok := duration(ago)
	if event == "" || !ok {
		d.section = noSection // the history is over
		return false
	}
	if d.cfg.Now == 0 {
		d.Timeless++
		return true
	}
	at := d.cfg.Now + us
	switch strings.Trim(reason, "()") {
	case "unlocked":
		d.tell(at, "unlock", "")
	case "screen":
		d.tell(at, "screen_on", "")
	case "charging":
		d.tell(at, "charging_start", "")
	case "motion":
		d.tell(at, "motion", "")
	}
	d.tell(at, event, "")
	return true
}

// usageLine reads an event of an app or of the screen, as
// time="2026-01-05 07:00:00" type=SCREEN_INTERACTIVE package=android flags=0x0.
func (d *dump) usageLine(words string) {
	stamp, rest, _ := strings.Cut(strings.TrimPrefix(words, "time=\""), "\"")
	at, ok := d.wall("2006-01-02 15:04:05", stamp)
	if !ok {
		d.Unknown++
		return
	}
	fields := map[string]string{}
	for f := range strings.FieldsSeq(rest) {
		key, value, _ := strings.Cut(f, "=")
		fields[key] = value
	}
	app := fields["package"]
	switch fields["type"] {
	case "ACTIVITY_RESUMED", "MOVE_TO_FOREGROUND":
		d.tell(at, "app_open", app)
	case "ACTIVITY_PAUSED", "MOVE_TO_BACKGROUND":
		d.tell(at, "app_close", app)
	case "USER_INTERACTION":
		d.tell(at, "app_interact", app)
	case "NOTIFICATION_SEEN":
		d.tell(at, "notif_seen", app)
	case "NOTIFICATION_INTERRUPTION":
		d.tell(at, "notif_post", app)
	case "STANDBY_BUCKET_CHANGED":
		// The reason of what the predictor has decided begins with p.
		bucket, ok := number(fields["standbyBucket"])
		if ok && bucket <= 100 && strings.HasPrefix(fields["reason"], "p") {
			d.tell(at, "bucket_predicted", app+"="+fields["standbyBucket"])
		} else {
			d.tell(at, "bucket_change", app)
		}
	case "SCREEN_INTERACTIVE":
		d.tell(at, "screen_on", "")
	case "SCREEN_NON_INTERACTIVE":
		d.tell(at, "screen_off", "")
	case "KEYGUARD_HIDDEN":
		d.tell(at, "unlock", "")
	case "KEYGUARD_SHOWN":
		d.tell(at, "lock", "")
	case "DEVICE_SHUTDOWN":
		d.tell(at, "phone_off", "")
	case "DEVICE_STARTUP":
		d.tell(at, "phone_on", "")
	case "":
		d.Unknown++
	default:
		d.Unused++
	}
}
