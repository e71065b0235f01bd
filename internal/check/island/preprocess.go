package island

import "strings"

// directive reads a line that is for the compiler, such as #if and #import, and tells
// whether it was one. All branches of an #if are read where they are whole.
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
	case "warning", "error", "sourceLocation":
	case "if":
		x.branches = append(x.branches, len(x.stack))
	case "elseif", "else":
		x.otherBranch()
	case "endif":
		x.branches = x.branches[:max(0, len(x.branches)-1)]
	case "import", "include":
		if x.lang != ObjC {
			return false
		}
		x.include(rest[end:])
	case "ifdef", "ifndef", "elif", "define", "undef", "pragma", "line":
		switch {
		case x.lang != ObjC:
			return false
		case word == "elif":
			x.otherBranch()
		case strings.HasPrefix(word, "if"):
			x.branches = append(x.branches, len(x.stack))
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

// otherBranch passes over the rest of a conditional part up to its #endif if the branch
// before left brackets open: the other ones would open them once more.
func (x *lexer) otherBranch() {
	n := len(x.branches) - 1
	if n < 0 || x.branches[n] == len(x.stack) {
		return
	}
	from := x.at
	defer func() { x.skipped = append(x.skipped, Span{from, x.at}) }()
	for depth := 0; ; x.at++ {
		x.toLineEnd()
		if x.at == len(x.src) {
			return
		}
		line := strings.TrimLeft(x.rest(64), " \t")
		switch {
		case strings.HasPrefix(line, "#if"):
			depth++
		case strings.HasPrefix(line, "#endif"):
			if depth == 0 {
				return
			}
			depth--
		}
	}
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
