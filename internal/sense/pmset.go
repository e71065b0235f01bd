package sense

import (
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/record"
)

// parsePmset reads the output of macOS's "pmset -g ps":
//
//	Now drawing from 'Battery Power'
//	 -InternalBattery-0 (id=4653155)	83%; discharging; 4:12 remaining present: true
func parsePmset(s string) (out readings) {
	first, rest, _ := strings.Cut(s, "\n")
	_, from, _ := strings.Cut(first, "'")
	from, _, closed := strings.Cut(from, "'")
	source := "pmset drawing from " + from
	switch {
	case !closed:
		out[record.Charging] = unknown("pmset", "pmset does not name the power source; "+assume(record.Charging, "yes"))
	default:
		// The others are 'Battery Power' and 'UPS Power'.
		out[record.Charging] = yes(from == "AC Power", source)
	}
	present, level := false, int64(record.Unknown)
	for line := range strings.Lines(rest) {
		name, state, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || !strings.HasPrefix(name, "-InternalBattery") || strings.Contains(state, "present: false") {
			continue
		}
		present = true
		number, _, ok := strings.Cut(state, "%")
		if n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 8); ok && err == nil && n <= 100 {
			level = int64(n)
			break
		}
	}
	out[record.BatteryLevel], out[record.BatteryLow] = wholeBattery(present, level, out[record.Charging].value, "pmset battery charge")
	return out
}

// wholeBattery is for systems that describe all batteries as one.
func wholeBattery(present bool, level, charging int64, source string) (reading, reading) {
	switch {
	case !present:
		return batteries(nil, charging)
	case level == record.Unknown:
		return unknown(source, "the system does not tell the charge; "+assume(record.BatteryLevel, "80")),
			unknown(source, "the system does not tell the charge; "+assume(record.BatteryLow, "no"))
	}
	return known(level, source), lowBattery(level, charging, source)
}

// notBuilt answers for signals that this version cannot read on a system.
func notBuilt(system string, signals ...record.Signal) (out readings) {
	for _, s := range signals {
		value := "no"
		if good[s] == 1 {
			value = "yes"
		}
		out[s] = unknown("", "lull cannot read this on "+system+" yet: "+assume(s, value))
	}
	return out
}
