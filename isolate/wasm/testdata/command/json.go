package main

import (
	"os"
	"strconv"
	"strings"
)

// read understands orders, which are flat objects of plain strings and numbers. Package
// encoding/json would be a large part of the module, which each test compiles or loads.
func read(input string) (o order) {
	for in := strings.Trim(input, "{} \n"); in != ""; {
		name, rest, ok := strings.Cut(strings.TrimLeft(in, `, "`), `":`)
		if !ok {
			malformed(input)
		}
		rest = strings.TrimLeft(rest, " ")
		var value string
		if strings.HasPrefix(rest, `"`) {
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				malformed(input)
			}
			value, _ = strconv.Unquote(quoted)
			in = rest[len(quoted):]
		} else {
			value, in, _ = strings.Cut(rest, ",")
		}
		switch name {
		case "do":
			o.Do = value
		case "path":
			o.Path = value
		case "n":
			n, err := strconv.Atoi(value)
			if err != nil {
				malformed(input)
			}
			o.N = n
		}
	}
	return o
}

func malformed(input string) {
	os.Stderr.WriteString("no order: " + input + "\n")
	os.Exit(1)
}

func quote(s string) string { return strconv.Quote(s) }

func list(all []string) string {
	var b strings.Builder
	for i, s := range all {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quote(s))
	}
	return "[" + b.String() + "]"
}
