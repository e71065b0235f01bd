package calendar

import (
	"strconv"
	"strings"
)

// Expr is a parsed cron expression: one bit for each allowed value. It is
// comparable; two expressions with the same fields are equal however they were
// written. The zero value matches nothing.
type Expr struct {
	minute uint64 // bits 0-59
	hour   uint64 // bits 0-23
	dom    uint64 // bits 1-31
	month  uint64 // bits 1-12
	dow    uint64 // bits 0-6, 0 = Sunday
	// Whether the field starts with a star, which decides between "both day
	// fields" and "either".
	domStar, dowStar bool
}

// IsZero reports whether the expression is the zero value, that is, was not parsed.
func (e Expr) IsZero() bool { return e == Expr{} }

// hourly decides between the two columns of the package's table of rules.
func (e Expr) hourly() bool { return e.hour == 1<<24-1 }

// String returns the canonical form: five fields, numbers, Sunday = 0. Parsing it
// gives an equal expression.
func (e Expr) String() string {
	if e.IsZero() {
		return ""
	}
	f := fields()
	return strings.Join([]string{
		format(e.minute, f[minuteField]),
		format(e.hour, f[hourField]),
		formatDay(e.dom, f[domField], e.domStar),
		format(e.month, f[monthField]),
		formatDay(e.dow, f[dowField], e.dowStar),
	}, " ")
}

// format writes a field in which a star has no meaning of its own.
func format(set uint64, f field) string {
	for step := 1; step <= f.max; step++ {
		if f.every(step) != set {
			continue
		}
		if step == 1 {
			return "*"
		}
		if count(set) >= 3 {
			return "*/" + strconv.Itoa(step)
		}
	}
	return list(set, f)
}

// formatDay writes a day field, which must keep its star or lack of one.
func formatDay(set uint64, f field, star bool) string {
	if !star {
		return list(set, f)
	}
	step := 1
	for f.every(step)&^set != 0 {
		step++
	}
	text := "*"
	if step > 1 {
		text += "/" + strconv.Itoa(step)
	}
	if rest := set &^ f.every(step); rest != 0 {
		text += "," + list(rest, f)
	}
	return text
}

func list(set uint64, f field) string {
	var b strings.Builder
	for v := next(set, f.min); v >= 0; {
		end := v
		for has(set, end+1) {
			end++
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(v))
		if end > v {
			sep := byte('-')
			if end == v+1 {
				sep = ','
			}
			b.WriteByte(sep)
			b.WriteString(strconv.Itoa(end))
		}
		v = next(set, end+1)
	}
	return b.String()
}

func has(set uint64, v int) bool { return set>>v&1 == 1 }

// next returns the smallest member >= v, or -1.
func next(set uint64, v int) int {
	for rest := set >> v; rest != 0; rest >>= 1 {
		if rest&1 == 1 {
			return v
		}
		v++
	}
	return -1
}

// previous returns the largest member <= v, or -1.
func previous(set uint64, v int) int {
	for ; v >= 0; v-- {
		if has(set, v) {
			return v
		}
	}
	return -1
}

func count(set uint64) int64 {
	var n int64
	for ; set != 0; set &= set - 1 {
		n++
	}
	return n
}
