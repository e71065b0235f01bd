package plan

import (
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/record"
)

// FactsOf reads one statement about the device: a key and a value as they stand
// in the plan's assume and on the command line. The keys are those of needs, and
// the names of the signals themselves. The error is an *Error without a place.
func FactsOf(key, value string) ([]record.Fact, error) {
	if choices, ok := factWords(key); ok {
		for _, c := range choices {
			if c.word == value {
				return c.facts, nil
			}
		}
		words := make([]string, len(choices))
		for i, c := range choices {
			words[i] = c.word
		}
		return nil, bad(DidYouMean(value, words), "unknown value %s", quoted(value))
	}
	signal, ok := signalOf(key)
	switch {
	case !ok:
		return nil, bad(DidYouMean(key, factKeys()), "unknown key %s", quoted(key))
	case signal == record.BatteryLevel:
		n, err := strconv.Atoi(strings.TrimSuffix(value, "%"))
		if err != nil || n < 0 || n > 100 {
			return nil, bad("", "must be a whole number from 0 to 100, not %s", quoted(value))
		}
		return []record.Fact{{Signal: signal, Value: int64(n)}}, nil
	}
	v, ok := parseYes(value)
	if !ok {
		return nil, bad("write yes or no", "%s is neither yes nor no", quoted(value))
	}
	if v {
		return is(signal, 1), nil
	}
	return is(signal, 0), nil
}

// choice is one word and what it says.
type choice struct {
	word  string
	facts []record.Fact
}

// factWords returns the words that a key of needs is described with.
func factWords(key string) ([]choice, bool) {
	switch key {
	case "network":
		up := append(is(record.Connected, 1), is(record.Validated, 1)...)
		and := func(s record.Signal, v int64) []record.Fact { return append(up[:2:2], is(s, v)...) }
		return []choice{
			{"none", append(is(record.Connected, 0), is(record.Validated, 0)...)},
			{"connected", up},
			{"unmetered", and(record.Metered, 0)},
			{"metered", and(record.Metered, 1)},
			{"not-roaming", and(record.Roaming, 0)},
			{"roaming", and(record.Roaming, 1)},
		}, true
	case "battery":
		return []choice{{"not-low", is(record.BatteryLow, 0)}, {"low", is(record.BatteryLow, 1)}}, true
	case "storage":
		return []choice{{"not-low", is(record.StorageLow, 0)}, {"low", is(record.StorageLow, 1)}}, true
	case "load":
		return []choice{{"low", is(record.LoadHigh, 0)}, {"high", is(record.LoadHigh, 1)}}, true
	}
	return nil, false
}

func is(s record.Signal, v int64) []record.Fact { return []record.Fact{{Signal: s, Value: v}} }

func signalOf(key string) (record.Signal, bool) {
	if key == "power-saver" {
		return record.LowPower, true
	}
	return record.SignalByName(key)
}

func factKeys() []string {
	keys := []string{"network", "battery", "storage", "load", "power-saver"}
	for s := range record.Signals {
		keys = append(keys, s.String())
	}
	return keys
}

// assumed reads the plan's own word on signals that cannot be read.
func (f field) assumed() map[record.Signal]int64 {
	entries, ok := f.entries()
	if !ok {
		return nil
	}
	out := make(map[record.Signal]int64)
	by := make(map[record.Signal]string)
	for _, e := range entries {
		s, ok := e.text()
		if !ok {
			continue
		}
		facts, err := FactsOf(e.keyName(), s)
		if err != nil {
			at := e.val
			if _, known := signalOf(e.keyName()); !known {
				if _, known = factWords(e.keyName()); !known {
					at, e.name = e.key, f.name
				}
			}
			e.report(at, err.(*Error))
			continue
		}
		for _, fact := range facts {
			if v, set := out[fact.Signal]; set && v != fact.Value {
				e.refuse("remove one of them", "contradicts %s: %s is both", quoted(by[fact.Signal]), fact.Signal)
				break
			}
			out[fact.Signal], by[fact.Signal] = fact.Value, e.keyName()
		}
	}
	return out
}
