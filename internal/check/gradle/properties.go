package gradle

import (
	"strings"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/source"
)

// Properties is a properties file.
type Properties struct {
	Path    string
	Entries []Property
}

// Property is an entry of a properties file.
type Property struct {
	Key, Value string
	At         finding.Place // of the value
}

// ReadProperties reads a properties file.
func ReadProperties(path string, src []byte) *Properties {
	p := &Properties{Path: path}
	text := source.NewText(path, src)
	for n, at := 1, 0; at < len(src); n++ {
		start, end := text.Line(n)
		at = lineEnd(src, end)
		line := strings.TrimLeft(string(src[start:end]), " \t\f")
		if line == "" || line[0] == '#' || line[0] == '!' {
			continue
		}
		first := end - len(line)
		var whole strings.Builder
		for more := line; ; {
			rest, continued := strings.CutSuffix(more, `\`)
			if !continued || strings.HasSuffix(rest, `\`) || at >= len(src) {
				whole.WriteString(more)
				break
			}
			whole.WriteString(rest)
			n++
			start, end = text.Line(n)
			at = lineEnd(src, end)
			more = strings.TrimLeft(string(src[start:end]), " \t\f")
		}
		line = whole.String()
		i := strings.IndexAny(line, "=: \t")
		if i < 0 {
			i = len(line)
		}
		value := strings.TrimLeft(line[i:], " \t")
		if value != "" && (value[0] == '=' || value[0] == ':') {
			value = strings.TrimLeft(value[1:], " \t")
		}
		from := min(first+len(line)-len(value), len(src))
		p.Entries = append(p.Entries, Property{
			Key: unescape(line[:i]), Value: strings.TrimSpace(unescape(value)), At: text.Place(from, max(from, end)),
		})
	}
	return p
}

// lineEnd returns where the next line begins.
func lineEnd(src []byte, end int) int {
	if end < len(src) && src[end] == '\r' {
		end++
	}
	return end + 1
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
			switch s[i] {
			case 'n':
				b.WriteByte('\n')
				continue
			case 't':
				b.WriteByte('\t')
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Get returns a property: the last one wins.
func (p *Properties) Get(key string) (Property, bool) {
	if p != nil {
		for i := len(p.Entries) - 1; i >= 0; i-- {
			if p.Entries[i].Key == key {
				return p.Entries[i], true
			}
		}
	}
	return Property{}, false
}
