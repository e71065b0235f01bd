package plist

import (
	"path"
	"strings"
)

// maxText is how long an expanded text may get.
const maxText = 64 << 10

// Expand replaces $(NAME), ${NAME} and $(NAME:modifier) by what lookup returns for a name,
// as Xcode does; a name may itself have variables. What lookup does not know stays as it is,
// and known is false.
func Expand(s string, lookup func(name string) (string, bool)) (text string, known bool) {
	return expand(s, lookup, 0)
}

func expand(s string, lookup func(string) (string, bool), depth int) (text string, known bool) {
	i := variable(s)
	if i < 0 {
		return s, true
	}
	var b strings.Builder
	known = true
	for ; i >= 0; i = variable(s) {
		b.WriteString(s[:i])
		end := closing(s[i:])
		if end < 0 || depth == maxDepth || b.Len() > maxText {
			known = false
			break
		}
		name, all := expand(s[i+2:i+end], lookup, depth+1)
		name, modifiers, _ := strings.Cut(name, ":")
		value, ok := "", false
		if name = strings.TrimSpace(name); name == "" && all {
			ok = true // $() keeps characters apart
		} else if all {
			value, ok = lookup(name)
		}
		if ok || modifiers != "" {
			value, ok = modify(value, ok, modifiers)
		}
		if ok {
			b.WriteString(value)
		} else {
			b.WriteString(s[i : i+end+1])
			known = false
		}
		s = s[i+end+1:]
	}
	b.WriteString(s[max(i, 0):])
	return b.String(), known
}

// variable returns where the first variable begins, -1 without.
func variable(s string) int {
	for at := 0; ; at++ {
		i := strings.IndexByte(s[at:], '$')
		if i < 0 || at+i+1 >= len(s) {
			return -1
		}
		at += i
		if s[at+1] == '(' || s[at+1] == '{' {
			return at
		}
	}
}

// closing returns where the bracket that follows the $ is closed, -1 if it is not. Only its
// own kind counts, as elsewhere: $(A_${B}) ends at the last one.
func closing(s string) int {
	open, end := s[1], byte(')')
	if open == '{' {
		end = '}'
	}
	depth := 0
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case open:
			depth++
		case end:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// modify applies the modifiers to a value, which is not there if ok is false.
func modify(s string, ok bool, modifiers string) (string, bool) {
	for modifiers != "" {
		var m string
		m, modifiers, _ = strings.Cut(modifiers, ":")
		if byDefault, is := strings.CutPrefix(m, "default="); is {
			if s == "" {
				s, ok = byDefault, true
			}
			continue
		}
		switch m {
		case "lower":
			s = strings.ToLower(s)
		case "upper":
			s = strings.ToUpper(s)
		case "rfc1034identifier":
			s = identifier(s, '-')
		case "c99extidentifier", "identifier":
			s = identifier(s, '_')
		case "base":
			s = strings.TrimSuffix(path.Base(s), path.Ext(s))
		case "file":
			s = path.Base(s)
		case "dir":
			s = path.Dir(s)
		case "suffix":
			s = path.Ext(s)
		case "quote", "standardizepath":
		default:
			return "", false
		}
	}
	return s, ok
}

// identifier replaces what may not stand in one.
func identifier(s string, with rune) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
			return c
		case c == '.' && with == '-', c >= 0x80 && with == '_':
			return c
		}
		return with
	}, s)
}
