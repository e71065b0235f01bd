package plan

import (
	"strconv"
	"strings"
	"time"
)

// longest is the longest duration of a plan: ten years.
const longest = 3650 * 24 * time.Hour

type unit struct {
	name string
	size int64
}

// Durations name their units from the largest to the smallest.
var timeUnits = []unit{
	{"w", int64(7 * 24 * time.Hour)},
	{"d", int64(24 * time.Hour)},
	{"h", int64(time.Hour)},
	{"m", int64(time.Minute)},
	{"s", int64(time.Second)},
	{"ms", int64(time.Millisecond)},
}

var sizeUnits = []unit{
	{"B", 1},
	{"kB", 1e3},
	{"KB", 1e3},
	{"MB", 1e6},
	{"GB", 1e9},
	{"TB", 1e12},
	{"KiB", 1 << 10},
	{"MiB", 1 << 20},
	{"GiB", 1 << 30},
	{"TiB", 1 << 40},
}

// ParseDuration reads 30s, 15m, 1h30m or 2d: whole numbers, each with a unit,
// the larger units first.
func ParseDuration(s string) (time.Duration, error) {
	const hint = "write a number with a unit, as 30s, 15m, 1h30m or 2d"
	if s == "" {
		return 0, bad(hint, "is empty")
	}
	if strings.HasPrefix(s, "-") {
		return 0, bad(hint, "%s is negative", quoted(s))
	}
	var total int64
	next := 0 // first unit that may still come
	for rest := s; rest != ""; {
		n, u, tail := cutUnit(rest)
		i := indexUnit(timeUnits, u)
		switch {
		case n == "" || strings.HasPrefix(tail, "."):
			return 0, bad(hint, "%s is not a duration", quoted(s))
		case u == "" && rest == s:
			return 0, bad("write "+short(n)+"s, "+short(n)+"m, "+short(n)+"h or "+short(n)+"d", "%s has no unit", quoted(s))
		case u == "":
			return 0, bad(hint, "%s has a number without a unit", quoted(s))
		case i < 0:
			return 0, bad("the units are w, d, h, m, s and ms", "%s has the unknown unit %s", quoted(s), quoted(u))
		case i < next:
			return 0, bad("write each unit once, the larger ones first, as 1h30m", "%s has its units in the wrong order", quoted(s))
		}
		v, ok := times(n, timeUnits[i].size, int64(longest)-total)
		if !ok {
			return 0, bad("at most 3650d", "%s is too long", quoted(s))
		}
		total, next, rest = total+v, i+1, tail
	}
	return time.Duration(total), nil
}

// ParseSize reads 512MiB or 10MB: a whole number and a unit of bytes.
func ParseSize(s string) (int64, error) {
	const hint = "write a whole number with a unit, as 512MiB or 10MB"
	if strings.HasPrefix(s, "-") {
		return 0, bad(hint, "%s is negative", quoted(s))
	}
	n, u, tail := cutUnit(s)
	if n == "" || tail != "" {
		return 0, bad(hint, "%s is not a size", quoted(s))
	}
	if u == "" {
		return 0, bad("write "+short(n)+"MiB, "+short(n)+"KiB or "+short(n)+"B", "%s has no unit", quoted(s))
	}
	i := indexUnit(sizeUnits, u)
	if i < 0 {
		near := "the units are B, KB, MB, GB, TB and KiB, MiB, GiB, TiB"
		for _, k := range sizeUnits {
			if strings.EqualFold(k.name, u) || strings.EqualFold(k.name, u+"iB") {
				near = "did you mean " + short(n) + k.name + "?"
			}
		}
		return 0, bad(near, "%s has the unknown unit %s", quoted(s), quoted(u))
	}
	const most = 1 << 50
	v, ok := times(n, sizeUnits[i].size, most)
	if !ok {
		return 0, bad("at most 1024TiB", "%s is too large", quoted(s))
	}
	return v, nil
}

// cutUnit splits "1h30m" into "1", "h" and "30m".
func cutUnit(s string) (number, unit, rest string) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	j := i
	for j < len(s) && (s[j] < '0' || s[j] > '9') && s[j] != '.' {
		j++
	}
	return s[:i], s[i:j], s[j:]
}

func indexUnit(units []unit, name string) int {
	for i, u := range units {
		if u.name == name {
			return i
		}
	}
	return -1
}

// times returns number*size if that is at most limit.
func times(number string, size, limit int64) (int64, bool) {
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n > limit/size {
		return 0, false
	}
	return n * size, true
}

// short keeps a number in a hint readable.
func short(number string) string {
	if len(number) > 12 {
		return "1"
	}
	return number
}

// duration reads a duration that is at least shortest.
func (f field) duration(shortest time.Duration) (time.Duration, bool) {
	s, ok := f.text()
	if !ok {
		return 0, false
	}
	d, err := ParseDuration(s)
	switch {
	case err != nil:
		f.report(f.val, err.(*Error))
	case d < shortest && shortest >= time.Second:
		f.fail("", "%s is too short: at least %s", quoted(s), shortest)
	case d < shortest:
		f.fail("", "must be more than 0")
	default:
		return d, true
	}
	return 0, false
}

// size reads a size that is at least smallest.
func (f field) size(smallest int64, least string) (int64, bool) {
	s, ok := f.text()
	if !ok {
		return 0, false
	}
	n, err := ParseSize(s)
	switch {
	case err != nil:
		f.report(f.val, err.(*Error))
	case n < smallest:
		f.fail("", "%s is too small: at least %s", quoted(s), least)
	default:
		return n, true
	}
	return 0, false
}

// count reads a whole number from 1 to most.
func (f field) count(most int) (int, bool) {
	s, ok := f.text()
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > most {
		f.fail("", "must be a whole number from 1 to %d, not %s", most, quoted(s))
		return 0, false
	}
	return n, true
}

// yes reads true or false, yes or no, on or off.
func (f field) yes() (bool, bool) {
	s, ok := f.text()
	if !ok {
		return false, false
	}
	v, ok := parseYes(s)
	if !ok {
		f.fail("write true or false", "%s is neither true nor false", quoted(s))
	}
	return v, ok
}

func parseYes(s string) (v, ok bool) {
	switch strings.ToLower(s) {
	case "true", "yes", "on":
		return true, true
	case "false", "no", "off":
		return false, true
	}
	return false, false
}
