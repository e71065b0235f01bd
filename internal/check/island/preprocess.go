package island

import "strings"

// directive reads a line that is for the compiler, such as #if and #import, and tells
// whether it was one. All branches of an #if are read.
func (x *lexer) directive() bool {
	if !x.alone {
		return false
	}
	rest := strings.TrimLeft(x.rest(256), " \t")
	end := 0
	for end < len(rest) && classes[rest[end]] == cName {
		end++
	}
	switch word := rest[:end]; word {
	case "if", "elseif", "else", "endif", "warning", "error", "sourceLocation":
	case "import", "include":
		if x.lang != ObjC {
			return false
		}
		x.include(rest[end:])
	case "define", "undef", "ifdef", "ifndef", "elif", "pragma", "line":
		if x.lang != ObjC {
			return false
		}
	default:
		return false
	}
	for {
		x.toLineEnd()
		if x.lang != ObjC || x.at == len(x.src) || !strings.HasSuffix(strings.TrimRight(x.src[x.at-2:x.at], "\r"), "\\") {
			break
		}
		x.at++
	}
	x.flags |= afterLine | afterSpace
	return true
}

// include takes "a.h" or <a/b.h> down.
func (x *lexer) include(rest string) {
	rest, _, _ = strings.Cut(rest, "\n")
	rest = strings.TrimSpace(rest)
	if len(rest) < 2 {
		return
	}
	closer := rest[0]
	if closer == '<' {
		closer = '>'
	}
	if end := strings.IndexByte(rest[1:], closer); end >= 0 {
		lineEnd := x.at + 1 + max(0, strings.IndexByte(x.rest(512)+"\n", '\n'))
		x.imports = append(x.imports, Import{Span: Span{x.at, min(lineEnd, len(x.src))}, URI: rest[1 : 1+end]})
	}
}
