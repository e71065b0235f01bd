package format

import (
	"io"
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/check"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/page"
)

// markdown prints for a comment on a change, or a page of a build server.
func markdown(w io.Writer, r *check.Report, o Options) error {
	p := &page.Page{W: w}
	p.Line("# lull check")
	p.Line("")
	p.Line("%s", Summary(r))
	for _, c := range finding.Certainties() {
		if r.Count(c) == 0 {
			continue
		}
		p.Line("")
		p.Line("## %s", map[finding.Certainty]string{finding.Error: "Errors", finding.Warning: "Warnings", finding.Hint: "Hints"}[c])
		p.Line("")
		p.Cells("where", "what", "seen if it stays", "fix", "rule")
		p.Line("|---|---|---|---|---|")
		for _, f := range r.Findings {
			if f.Certainty == c {
				p.Cells(code(o.path(f.Place.File)+":"+strconv.Itoa(f.Place.Line)), prose(f.Message), prose(f.Seen), prose(f.Fix), code(f.Rule))
			}
		}
	}
	if len(r.Unchecked) == 0 {
		return p.Err
	}
	p.Line("")
	p.Line("## Not checked")
	p.Line("")
	p.Cells("where", "what", "why")
	p.Line("|---|---|---|")
	for _, u := range r.Unchecked {
		p.Cells(code(u.At(o.path)), prose(u.What), prose(u.Why))
	}
	return p.Err
}

// code writes a text as code. A backquote in it cannot end it.
func code(s string) string {
	s = strings.TrimSpace(clean(s))
	longest, run := 0, 0
	for _, r := range s {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if longest > 0 {
		s = " " + s + " "
	}
	return fence + s + fence
}

// marks are what Markdown makes something of.
var marks = strings.NewReplacer(`\`, `\\`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "#", `\#`, "@", "&#64;", "~", `\~`)

// prose writes a text that may hold code between backquotes, and nothing else of Markdown.
func prose(s string) string {
	parts := strings.Split(clean(s), "`")
	if len(parts)%2 == 0 { // a backquote without its partner
		return marks.Replace(strings.ReplaceAll(clean(s), "`", "'"))
	}
	var b strings.Builder
	for i, part := range parts {
		switch {
		case i%2 == 0:
			b.WriteString(marks.Replace(part))
		case part != "":
			b.WriteString(code(part))
		}
	}
	return b.String()
}
