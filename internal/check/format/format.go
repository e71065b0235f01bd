// Package format prints what a check found, for people and for other tools. What comes
// from a project's files is untrusted: nothing of it reaches a terminal, a table or a
// command of a build server as anything but text.
package format

import (
	"fmt"
	"io"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lullwork/lull/internal/check"
)

// Options say how to print.
type Options struct {
	Prefix string // folder that the paths in the output begin with, "": as they are in the report
	Colour bool   // for a terminal
}

type printer struct {
	name  string
	write func(io.Writer, *check.Report, Options) error
}

func printers() []printer {
	return []printer{
		{"pretty", pretty},
		{"compact", compact},
		{"json", writeJSON},
		{"sarif", writeSARIF},
		{"github", github},
		{"gitlab", gitlab},
		{"markdown", markdown},
	}
}

// Names are the names of all formats.
func Names() []string {
	var names []string
	for _, p := range printers() {
		names = append(names, p.name)
	}
	return names
}

// Write prints a report in the format of that name.
func Write(w io.Writer, name string, r *check.Report, o Options) error {
	for _, p := range printers() {
		if p.name == name {
			return p.write(w, r, o)
		}
	}
	return fmt.Errorf("unknown format %q", name)
}

// path is a file's path as it is printed.
func (o Options) path(file string) string {
	if o.Prefix == "" || o.Prefix == "." {
		return file
	}
	return path.Join(o.Prefix, file)
}

// clean makes a text one line that does nothing to a terminal.
func clean(s string) string {
	plain := func(r rune) bool { return r != utf8.RuneError && (unicode.IsPrint(r) || r == '\t') }
	if strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case plain(r), strings.HasPrefix(s[i:], "\uFFFD"):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(" ")
		case r == '\r':
		case r == utf8.RuneError:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		default:
			fmt.Fprintf(&b, `\u{%x}`, r)
		}
	}
	return b.String()
}
