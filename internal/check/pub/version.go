// Package pub reads what Dart packages say of themselves: pubspec.yaml, pubspec.lock, and
// versions and ranges of versions as pub compares them.
package pub

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Version is a version, as in semantic versioning; pub compares builds too.
type Version struct {
	Major, Minor, Patch int
	Pre, Build          string // without their - and +
}

// ParseVersion reads a version.
func ParseVersion(s string) (Version, bool) {
	var v Version
	s, v.Build, _ = strings.Cut(s, "+")
	s, v.Pre, _ = strings.Cut(s, "-")
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return Version{}, false
	}
	for i, to := range []*int{&v.Major, &v.Minor, &v.Patch} {
		n, err := strconv.ParseUint(parts[i], 10, 31)
		if err != nil {
			return Version{}, false
		}
		*to = int(n)
	}
	return v, tags(v.Pre) && tags(v.Build)
}

// tags tells whether s may follow a - or +.
func tags(s string) bool {
	for _, c := range []byte(s) {
		if c != '.' && c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// Compare returns a number below, equal to or above 0.
func (v Version) Compare(w Version) int {
	return cmp.Or(
		cmp.Compare(v.Major, w.Major), cmp.Compare(v.Minor, w.Minor), cmp.Compare(v.Patch, w.Patch),
		-cmp.Compare(min(len(v.Pre), 1), min(len(w.Pre), 1)), // a pre-release comes before its release
		compareTags(v.Pre, w.Pre), compareTags(v.Build, w.Build),
	)
}

// compareTags compares part by part: numbers come before words, and fewer parts before more.
func compareTags(a, b string) int {
	for a != "" && b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		m, errX := strconv.Atoi(x)
		n, errY := strconv.Atoi(y)
		c := 0
		switch {
		case errX == nil && errY == nil:
			c = cmp.Compare(m, n)
		case errX == nil:
			c = -1
		case errY == nil:
			c = 1
		default:
			c = cmp.Compare(x, y)
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

func (v Version) String() string {
	s := fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch)
	if v.Pre != "" {
		s += "-" + v.Pre
	}
	if v.Build != "" {
		s += "+" + v.Build
	}
	return s
}

// breaking returns the next version that may break what v allows.
func (v Version) breaking() Version {
	if v.Major == 0 {
		return Version{Minor: v.Minor + 1}
	}
	return Version{Major: v.Major + 1}
}
