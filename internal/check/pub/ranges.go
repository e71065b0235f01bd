package pub

import (
	"strings"
)

// Range is a range of versions. The zero Range allows every version.
type Range struct {
	Min, Max                 Version
	HasMin, HasMax           bool
	IncludesMin, IncludesMax bool
}

// Exactly returns the range of just one version.
func Exactly(v Version) Range {
	return Range{Min: v, Max: v, HasMin: true, HasMax: true, IncludesMin: true, IncludesMax: true}
}

// ParseRange reads a constraint: "^1.2.3", ">=1.0.0 <2.0.0", "1.2.3", "any" or "". Builds count,
// and <2.0.0 does not allow 2.0.0-dev.
func ParseRange(s string) (Range, bool) {
	s = strings.TrimSpace(s)
	if s == "any" || s == "" {
		return Range{}, true
	}
	var r Range
	for s != "" {
		op := ""
		for _, o := range []string{">=", "<=", ">", "<", "^"} {
			if strings.HasPrefix(s, o) {
				op = o
				s = strings.TrimSpace(s[len(o):])
				break
			}
		}
		end := strings.IndexAny(s, " \t\r\n<>^")
		if end < 0 {
			end = len(s)
		}
		v, ok := ParseVersion(s[:end])
		if !ok {
			return Range{}, false
		}
		s = strings.TrimSpace(s[end:])
		switch op {
		case "":
			r = r.Intersect(Exactly(v))
		case "^":
			first := v.breaking()
			first.Pre = "0"
			r = r.Intersect(Range{Min: v, HasMin: true, IncludesMin: true, Max: first, HasMax: true})
		case ">", ">=":
			r = r.Intersect(Range{Min: v, HasMin: true, IncludesMin: op == ">="})
		case "<", "<=":
			r = r.Intersect(Range{Max: v, HasMax: true, IncludesMax: op == "<="})
		}
	}
	return r.withoutPreReleases(), true
}

// withoutPreReleases lets <2.0.0 end before 2.0.0-0, the first pre-release, unless the range begins in them.
func (r Range) withoutPreReleases() Range {
	if !r.HasMax || r.IncludesMax || r.Max.Pre != "" || r.Max.Build != "" {
		return r
	}
	if begin := r.Min; r.HasMin && begin.Pre != "" && begin.Major == r.Max.Major && begin.Minor == r.Max.Minor && begin.Patch == r.Max.Patch {
		return r
	}
	r.Max.Pre = "0"
	return r
}

// Intersect returns what both ranges allow.
func (r Range) Intersect(o Range) Range {
	if o.HasMin {
		if c := o.Min.Compare(r.Min); !r.HasMin || c > 0 || c == 0 && !o.IncludesMin {
			r.Min, r.HasMin, r.IncludesMin = o.Min, true, o.IncludesMin
		}
	}
	if o.HasMax {
		if c := o.Max.Compare(r.Max); !r.HasMax || c < 0 || c == 0 && !o.IncludesMax {
			r.Max, r.HasMax, r.IncludesMax = o.Max, true, o.IncludesMax
		}
	}
	return r
}

// Empty tells whether the range allows nothing.
func (r Range) Empty() bool {
	if !r.HasMin || !r.HasMax {
		return false
	}
	c := r.Min.Compare(r.Max)
	return c > 0 || c == 0 && !(r.IncludesMin && r.IncludesMax)
}

// Satisfies tells whether the range allows v.
func (r Range) Satisfies(v Version) bool {
	if r.HasMin {
		if c := v.Compare(r.Min); c < 0 || c == 0 && !r.IncludesMin {
			return false
		}
	}
	if r.HasMax {
		if c := v.Compare(r.Max); c > 0 || c == 0 && !r.IncludesMax {
			return false
		}
	}
	return true
}

// Answer is yes, no, or not known.
type Answer uint8

// The answers.
const (
	Maybe Answer = iota
	No
	Yes
)

// Within tells whether each version that r allows is in o (Yes), none (No), or some (Maybe).
func (r Range) Within(o Range) Answer {
	both := r.Intersect(o)
	switch {
	case r.Empty():
		return Maybe
	case both.Empty():
		return No
	case both == r:
		return Yes
	}
	return Maybe
}

func (r Range) String() string {
	var parts []string
	switch {
	case r.HasMin && r == Exactly(r.Min):
		return r.Min.String()
	case !r.HasMin && !r.HasMax:
		return "any"
	}
	if r.HasMin {
		op := ">"
		if r.IncludesMin {
			op = ">="
		}
		parts = append(parts, op+r.Min.String())
	}
	if r.HasMax {
		op, end := "<", r.Max
		if r.IncludesMax {
			op = "<="
		} else if end.Pre == "0" {
			end.Pre = ""
		}
		parts = append(parts, op+end.String())
	}
	return strings.Join(parts, " ")
}
