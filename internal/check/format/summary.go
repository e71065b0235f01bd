package format

import (
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/check"
	"github.com/lullwork/lull/internal/check/finding"
)

// Summary says in one line what was looked at and what was found.
func Summary(r *check.Report) string {
	var parts []string
	for _, c := range finding.Certainties() {
		if n := r.Count(c); n > 0 {
			parts = append(parts, count(n, c.String()))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing found"}
	}
	text := strings.Join(parts, ", ") + " in " + count(len(r.Projects), "project")
	if len(r.Projects) == 0 {
		text = "no Flutter, Android or iOS project found"
	}
	text += "; " + count(len(r.Rules), "rule") + " looked"
	suppressed, known := 0, 0
	for _, f := range r.Hidden {
		if f.Known {
			known++
		} else {
			suppressed++
		}
	}
	if suppressed > 0 {
		text += "; " + strconv.Itoa(suppressed) + " suppressed by comments"
	}
	if known > 0 {
		text += "; " + strconv.Itoa(known) + " known by the baseline"
	}
	if n := len(r.Unchecked); n > 0 {
		text += "; " + count(n, "thing") + " not checked"
	}
	return text
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
