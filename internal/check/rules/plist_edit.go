package rules

import (
	"bytes"
	"html"
	"strings"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/plist"
)

// addStrings are the edits that put strings into the array under a key of a property list;
// none where that would not be safe.
func (p *Pass) addStrings(f *plist.File, key string, values ...string) []finding.Edit {
	if f == nil || !f.Lines || f.Root == nil || f.Root.Kind != plist.Dict || len(f.Root.Keys) == 0 {
		return nil
	}
	src, err := p.Files.Read(f.Path)
	if err != nil || !bytes.HasPrefix(bytes.TrimLeft(src, "\ufeff \t\r\n"), []byte("<")) {
		return nil
	}
	outer := indentAt(src, f.Root.Keys[0].KeyAt.Start)
	inner := outer + "\t"
	if strings.HasPrefix(outer, " ") {
		inner = outer + outer
	}
	array := f.Root.Get(key)
	if array == nil {
		last := f.Root.Keys[len(f.Root.Keys)-1].Value
		text := "\n" + outer + "<key>" + key + "</key>\n" + outer + "<array>" + stringLines(inner, values) + "\n" + outer + "</array>"
		return []finding.Edit{p.Insert(f.Path, last.At.End, text)}
	}
	if array.Kind != plist.Array {
		return nil
	}
	if n := len(array.Items); n > 0 {
		last := array.Items[n-1]
		return []finding.Edit{p.Insert(f.Path, last.At.End, stringLines(indentAt(src, last.At.Start), values))}
	}
	return []finding.Edit{p.Replace(array.At, "<array>"+stringLines(inner, values)+"\n"+outer+"</array>")}
}

func stringLines(indent string, values []string) string {
	var b strings.Builder
	for _, v := range values {
		b.WriteString("\n" + indent + "<string>" + html.EscapeString(v) + "</string>")
	}
	return b.String()
}

// indentAt is the white space at the beginning of the line around an offset; a tab where
// something else stands there.
func indentAt(src []byte, at int) string {
	line := src[bytes.LastIndexByte(src[:at], '\n')+1 : at]
	if len(bytes.TrimLeft(line, " \t")) > 0 {
		return "\t"
	}
	return string(line)
}
