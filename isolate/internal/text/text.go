// Package text makes what isolates say fit for people and logs.
package text

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Line makes text from an isolate safe for a log: one line, valid UTF-8, no
// control characters, at most 500 bytes.
func Line(s string) string {
	const most = 500
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case r < ' ' || r == utf8.RuneError || r >= 0x7f && r < 0xa0:
			return '?'
		}
		return r
	}, strings.TrimSpace(s))
	if len(s) > most {
		cut := most
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "..."
	}
	return s
}

// TooLarge says that a result is.
func TooLarge(size, limit int) string {
	return fmt.Sprintf("output too large: %d bytes, the limit is %d; pass a file name or a key instead", size, limit)
}
