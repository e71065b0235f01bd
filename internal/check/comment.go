package check

import (
	"bytes"
	"path"
	"strings"

	"github.com/lullwork/lull/internal/check/island"
)

// span is a comment with its marks.
type span = island.Span

// commentsOf finds the comments of a file that can have any; ok is false for other files.
func commentsOf(file string, text []byte) (list []span, ok bool) {
	if l, ok := langOf(file); ok {
		f := island.Parse(l, text)
		for _, c := range f.Comments {
			list = append(list, c.Span)
		}
		return list, true
	}
	switch path.Ext(file) {
	case ".xml", ".plist", ".entitlements":
		return between(text, "<!--", "-->", "<![CDATA[", "]]>"), true
	case ".yaml", ".yml", ".toml", ".properties", ".lock", ".pro":
		return afterHash(text), true
	case ".xcconfig":
		return afterSlashes(text), true
	}
	if path.Base(file) == "Podfile" {
		return afterHash(text), true
	}
	return nil, false
}

// langOf is the language of a source file.
func langOf(file string) (island.Lang, bool) {
	switch path.Ext(file) {
	case ".dart":
		return island.Dart, true
	case ".kt", ".kts":
		return island.Kotlin, true
	case ".java":
		return island.Java, true
	case ".swift":
		return island.Swift, true
	case ".m", ".mm", ".h":
		return island.ObjC, true
	case ".gradle":
		return island.Groovy, true
	}
	return 0, false
}

// configured tells whether a file configures a project, and may hold comments.
func configured(file string) bool {
	switch name := path.Base(file); path.Ext(name) {
	case ".plist", ".entitlements", ".xcconfig", ".pro":
		return true
	default:
		return name == "AndroidManifest.xml" || name == "pubspec.yaml" || name == "gradle.properties" || name == "Podfile"
	}
}

// between finds what stands between two marks, outside of what two other marks enclose.
func between(text []byte, open, end, skip, skipEnd string) []span {
	var list []span
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte(open))
		if i < 0 {
			return list
		}
		if j := bytes.Index(text[at:at+i], []byte(skip)); j >= 0 {
			k := bytes.Index(text[at+j:], []byte(skipEnd))
			if k < 0 {
				return list
			}
			at += j + k + len(skipEnd)
			continue
		}
		begin := at + i
		k := bytes.Index(text[begin+len(open):], []byte(end))
		if k < 0 {
			return append(list, span{Start: begin, End: len(text)})
		}
		at = begin + len(open) + k + len(end)
		list = append(list, span{Start: begin, End: at})
	}
}

// afterHash finds comments from a # that stands at the start of a line or after white
// space, and outside of quotes, to the end of the line.
func afterHash(text []byte) []span {
	var list []span
	eachLine(text, func(start, end int) {
		quote := byte(0)
		for i := start; i < end; i++ {
			switch c := text[i]; {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '#' && (i == start || text[i-1] == ' ' || text[i-1] == '\t'):
				list = append(list, span{Start: i, End: end})
				return
			case (c == '"' || c == '\'') && (i == start || strings.IndexByte(" \t:[{,=", text[i-1]) >= 0):
				quote = c
			}
		}
	})
	return list
}

// afterSlashes finds comments from // to the end of the line, but not in addresses.
func afterSlashes(text []byte) []span {
	var list []span
	eachLine(text, func(start, end int) {
		for at := start; ; at += 2 {
			i := bytes.Index(text[at:end], []byte("//"))
			if i < 0 {
				return
			}
			if at += i; at == start || text[at-1] != ':' {
				list = append(list, span{Start: at, End: end})
				return
			}
		}
	})
	return list
}

// eachLine visits the lines of a text, without their ends.
func eachLine(text []byte, visit func(start, end int)) {
	for start := 0; start < len(text); {
		end, next := len(text), len(text)
		if i := bytes.IndexByte(text[start:], '\n'); i >= 0 {
			end, next = start+i, start+i+1
		}
		visit(start, end)
		start = next
	}
}
