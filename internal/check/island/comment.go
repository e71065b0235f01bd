package island

import "strings"

// slash reads a comment, a pattern or an operator.
func (x *lexer) slash() {
	switch rest := x.src[x.at:]; {
	case strings.HasPrefix(rest, "//"):
		x.lineComment()
	case strings.HasPrefix(rest, "/*"):
		x.blockComment()
	case x.g.slashy && x.pattern():
	default:
		x.operator()
	}
}

func (x *lexer) toLineEnd() {
	if n := strings.IndexByte(x.src[x.at:], '\n'); n >= 0 {
		x.at += n
	} else {
		x.at = len(x.src)
	}
}

// lineComment joins a comment to the one on the line above if nothing else is on the
// two lines.
func (x *lexer) lineComment() {
	start := x.at
	x.toLineEnd()
	x.flags |= afterSpace
	doc := isDoc(x.src[start:x.at])
	if n := len(x.comments) - 1; n >= 0 && x.alone && x.joins && x.comments[n].Doc == doc {
		last := &x.comments[n]
		between := x.src[last.End:start]
		if len(between) < 256 && strings.Count(between, "\n") == 1 && strings.TrimSpace(between) == "" {
			last.End = x.at
			return
		}
	}
	x.joins = x.alone
	x.comments = append(x.comments, Comment{Span: Span{start, x.at}, Doc: doc})
}

func isDoc(line string) bool {
	return strings.HasPrefix(line, "///") && !strings.HasPrefix(line, "////")
}

func (x *lexer) blockComment() {
	start := x.at
	at := start + 2
	for depth := 1; depth > 0; {
		n := strings.IndexByte(x.src[at:], '/')
		if n < 0 {
			at = len(x.src)
			x.skipped = append(x.skipped, Span{start, at})
			break
		}
		at += n
		switch {
		case x.src[at-1] == '*' && at-1 > start+1:
			depth--
			at++
		case x.g.nested && strings.HasPrefix(x.src[at:], "/*"):
			depth++
			at += 2
		default:
			at++
		}
	}
	x.flags |= afterSpace
	if strings.Contains(x.src[start:at], "\n") {
		x.flags |= afterLine
	}
	x.at, x.joins = at, false
	doc := strings.HasPrefix(x.src[start:at], "/**") && at-start > len("/**/")
	x.comments = append(x.comments, Comment{Span: Span{start, at}, Doc: doc})
}

// describe takes the marks off the comments.
func describe(comments []Comment, src string) {
	for i := range comments {
		c := &comments[i]
		text := strings.TrimSpace(src[c.Start:c.End])
		line := strings.HasPrefix(text, "//")
		if !line {
			text = strings.TrimSuffix(strings.TrimPrefix(text, "/*"), "*/")
		}
		if !strings.Contains(text, "\n") {
			c.Text = unmarked(text, line)
			continue
		}
		var b strings.Builder
		for text := range strings.SplitSeq(text, "\n") {
			b.WriteString(unmarked(text, line))
			b.WriteByte('\n')
		}
		c.Text = strings.Trim(b.String(), "\n")
	}
}

func unmarked(text string, line bool) string {
	text = strings.TrimSpace(text)
	if line {
		return strings.TrimSpace(strings.TrimLeft(text, "/"))
	}
	return strings.TrimSpace(strings.TrimLeft(text, "*"))
}
