package world

import (
	"fmt"
	"strings"
	"time"
)

// batteryDump is the history of the battery as far as it has been read. A line tells
// what changes.
type batteryDump struct {
	base     int64 // the time that offsets count from
	hasBase  bool
	year     int
	level    string
	plug     string
	wifi     bool
	mobile   bool
	told     link
	hasLink  bool
	top      string
	lastTime int64
}

// batteryLine reads a line of the history, as "+1h02m03s045ms (2) 087 +screen" or, of
// newer systems, "01-05 07:00:00.045 (2) 087 +screen".
func (d *dump) batteryLine(words string) {
	b := &d.battery
	first, rest, _ := strings.Cut(words, " ")
	at, timed := int64(0), false
	offset, isOffset := duration(first)
	switch {
	case isOffset:
		at, timed = b.base+offset, b.hasBase
	case len(first) == 5 && first[2] == '-':
		clock, more, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
		rest = more
		var ok bool
		if at, ok = d.dated(first, clock); !ok {
			d.Unknown++
			return
		}
		timed = true
	default:
		d.Unknown++
		return
	}
	rest = strings.TrimLeft(rest, " ")
	if strings.HasPrefix(rest, "(") {
		_, rest, _ = strings.Cut(rest, ")")
		rest = strings.TrimLeft(rest, " ")
	}
	if i := strings.Index(rest, "TIME:"); i >= 0 {
		text := strings.TrimSpace(rest[i+len("TIME:"):])
		now, ok := d.wall("2006-01-02-15-04-05", text[:min(len(text), 19)])
		if !ok {
			d.Unknown++
			return
		}
		b.year = time.UnixMicro(now + d.cfg.Shift).UTC().Year()
		if isOffset {
			b.base, b.hasBase = now-offset, true
		}
		d.Unused++
		return
	}
	if !timed {
		d.Timeless++
		return
	}
	was := len(d.rows)
	b.lastTime = at
	for i, w := range tokens(rest) {
		d.batteryWord(at, i, w)
	}
	if len(d.rows) == was {
		d.Unused++
	}
}

// dated reads the time of a line that has no year: that of the last TIME line, or of
// the dump.
func (d *dump) dated(date, clock string) (at int64, ok bool) {
	year := d.battery.year
	if year == 0 && d.cfg.Now != 0 {
		year = time.UnixMicro(d.cfg.Now + d.cfg.Shift).UTC().Year()
	}
	if year == 0 {
		return 0, false
	}
	at, ok = d.wall("2006-01-02 15:04:05.999", fmt.Sprintf("%d-%s %s", year, date, clock))
	if ok && d.battery.lastTime-at > 180*day { // over the turn of the year
		d.battery.year = year + 1
		return d.wall("2006-01-02 15:04:05.999", fmt.Sprintf("%d-%s %s", year+1, date, clock))
	}
	return at, ok
}

// tokens splits at spaces that are not in quotes.
func tokens(s string) (list []string) {
	quoted := false
	return strings.FieldsFunc(s, func(c rune) bool {
		if c == '"' {
			quoted = !quoted
		}
		return c == ' ' && !quoted
	})
}

func (d *dump) batteryWord(at int64, i int, w string) {
	b := &d.battery
	if n, ok := number(w); ok && i == 0 {
		if n <= 100 && w != b.level {
			b.level = w
			d.tell(at, "battery_pct", fmt.Sprint(n))
		}
		return
	}
	key, value, _ := strings.Cut(w, "=")
	switch key {
	case "SHUTDOWN":
		d.tell(at, "phone_off", "")
	case "START":
		d.tell(at, "phone_on", "")
	case "+screen":
		d.tell(at, "screen_on", "")
	case "-screen":
		d.tell(at, "screen_off", "")
	case "+power_save":
		d.tell(at, "power_save_on", "")
	case "-power_save":
		d.tell(at, "power_save_off", "")
	case "plug":
		if value != b.plug {
			b.plug = value
			if value == "none" {
				d.tell(at, "charging_stop", "")
			} else {
				d.tell(at, "charging_start", value)
			}
		}
	case "device_idle":
		event := map[string]string{"off": "doze_off", "light": "doze_light", "full": "doze_deep"}[value]
		if event != "" {
			d.tell(at, event, "")
		}
	case "conn":
		kind, state, _ := strings.Cut(value, ":")
		up := strings.Trim(state, "\"") == "CONNECTED"
		switch kind { // the numbers of Android's network types
		case "0":
			b.mobile = up
		case "1":
			b.wifi = up
		default:
			return
		}
		d.linkIs(at)
	case "wifi_suppl":
		b.wifi = value == "completed"
		d.linkIs(at)
	case "top", "+top", "-top":
		d.topIs(at, key[0] != '-', value)
	case "active":
		if strings.HasSuffix(value, `"motion"`) {
			d.tell(at, "motion", "")
		}
	}
}

func (d *dump) linkIs(at int64) {
	b := &d.battery
	now, event := noLink, "network_none"
	switch {
	case b.wifi:
		now, event = wifi, "network_wifi"
	case b.mobile:
		now, event = cell, "network_cell"
	}
	if b.hasLink && b.told == now {
		return
	}
	b.told, b.hasLink = now, true
	d.tell(at, event, "")
}

// topIs is an app coming to the front, as u0a70:"com.example", or leaving it.
func (d *dump) topIs(at int64, opened bool, value string) {
	b := &d.battery
	_, name, _ := strings.Cut(value, ":")
	app := strings.Trim(name, "\"")
	if app == "" {
		return
	}
	if b.top != "" && (opened || b.top == app) {
		d.tell(at, "app_close", b.top)
		b.top = ""
	}
	if opened {
		b.top = app
		d.tell(at, "app_open", app)
	}
}
