package world

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// The formats of two public collections. They give local times without a zone:
// TraceConfig.Shift says which.
const importTime = "2006-01-02 15:04:05"

// ignored is an event that says nothing here.
const ignored = "lock"

// flashEvents are the words of FLASH and ours. A network that it does not know is
// taken for none.
var flashEvents = map[string]string{
	"screen_on": "screen_on", "screen_off": "screen_off", "screen_lock": "lock", "screen_unlock": "unlock",
	"battery_charged_on": "charging_start", "battery_charged_off": "charging_stop",
	"battery_low": ignored, "battery_okay": ignored, // the level says it
	"wifi": "network_wifi", "2G": "network_cell", "3G": "network_cell", "4G": "network_cell", "5G": "network_cell",
	"Unknown": "network_none", "unknown": "network_none",
	"phone_on": "phone_on", "phone_off": "phone_off",
}

// ReadFLASH reads state traces of FLASH (github.com/PKU-Chengxu/FLASH): a JSON object
// whose members are devices, with lines of time, tab and event as "messages". The line
// of a fault counts the messages of its device.
func ReadFLASH(r io.Reader, file string, cfg TraceConfig) (*Trace, error) {
	b := newBuilder(file, cfg)
	in := json.NewDecoder(r)
	broken := func(err error) error {
		return b.error(1, "", "is not a trace of FLASH at byte %d: %v", in.InputOffset(), err)
	}
	if t, err := in.Token(); err != nil || t != json.Delim('{') {
		return nil, broken(errors.Join(err, errors.New("it does not begin with {")))
	}
	for in.More() {
		t, err := in.Token()
		if err != nil {
			return nil, broken(err)
		}
		var device struct {
			Messages string `json:"messages"`
		}
		if err := in.Decode(&device); err != nil {
			return nil, broken(err)
		}
		n := 0
		for line := range strings.SplitSeq(device.Messages, "\n") {
			if n++; strings.TrimSpace(line) == "" {
				continue
			}
			if err := b.flash(n, fmt.Sprint(t), line); err != nil {
				return nil, err
			}
		}
	}
	if _, err := in.Token(); err != nil {
		return nil, broken(err)
	}
	return b.finish()
}

func (b *builder) flash(n int, device, line string) error {
	stamp, event, ok := strings.Cut(line, "\t")
	if !ok {
		return b.fault(n, &b.Columns, "message of device %s without a tab", short(device))
	}
	event = strings.TrimSpace(event)
	value := ""
	if strings.HasSuffix(event, "%") {
		event, value = "battery_pct", event
	} else if ours, known := flashEvents[event]; known {
		event = ours
	}
	return b.local(n, device, stamp, event, value)
}

// local adds a row with a local time.
func (b *builder) local(line int, device, stamp, event, value string) error {
	t, err := time.Parse(importTime, strings.TrimSpace(stamp))
	if err != nil {
		return b.fault(line, &b.Times, "%s is not a time like %s", short(stamp), importTime)
	}
	return b.add(row{line, device, t.UnixMicro() - b.cfg.Shift, event, value})
}

var lsappEvents = map[string]string{
	"Opened": "app_open", "Closed": "app_close", "User Interaction": "app_interact", "Broken": ignored,
}

// ReadLSApp reads the app usage of LSApp (github.com/aliannejadi/LSApp): columns
// user_id, session_id, timestamp, app_name and event_type, separated by tabs, packed
// with gzip or not. It tells nothing of the screen, the charger or the network.
func ReadLSApp(r io.Reader, file string, cfg TraceConfig) (*Trace, error) {
	b := newBuilder(file, cfg)
	in, err := newLines(r)
	if err != nil {
		return nil, b.error(1, "", "%v", err)
	}
	var user, stamp, app, event, columns int
	for {
		text, _, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, b.error(in.n+1, "", "%v", err)
		}
		cells := strings.Split(text, "\t")
		if in.n == 1 {
			at := map[string]int{}
			for i, name := range cells {
				at[strings.TrimSpace(name)] = i + 1
			}
			user, stamp, app, event, columns = at["user_id"], at["timestamp"], at["app_name"], at["event_type"], len(cells)
			if min(user, stamp, app, event) == 0 {
				return nil, b.error(1, "", "the first line does not name user_id, timestamp, app_name and event_type")
			}
			continue
		}
		if text == "" {
			continue
		}
		if len(cells) != columns {
			if err := b.fault(in.n, &b.Columns, "%d columns, not %d", len(cells), columns); err != nil {
				return nil, err
			}
			continue
		}
		name := cells[event-1]
		if ours, known := lsappEvents[name]; known {
			name = ours
		}
		if err := b.local(in.n, cells[user-1], cells[stamp-1], name, cells[app-1]); err != nil {
			return nil, err
		}
	}
	return b.finish()
}
