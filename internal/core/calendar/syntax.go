package calendar

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNever marks an expression that is well formed and matches no date.
var ErrNever = errors.New("never happens")

// SyntaxError says what is wrong with an expression or a window, where, and what
// to write instead.
type SyntaxError struct {
	Input   string // as given, cut to 80 bytes
	Field   string // "minute", "hour", "day-of-month", "month", "day-of-week", "start", "end"; "" = the whole
	Column  int    // byte position in the input, from 1
	Problem string
	Hint    string // may be empty
	Err     error  // ErrNever or nil
}

func (e *SyntaxError) Error() string {
	text := fmt.Sprintf("%q, column %d: %s", e.Input, e.Column, e.Problem)
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}

func (e *SyntaxError) Unwrap() error { return e.Err }

func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}
