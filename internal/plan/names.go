package plan

import (
	"strings"
	"unicode"

	"github.com/lullwork/lull/work"
)

// maxTaskName keeps names short enough for file names, process titles and one
// line of a table.
const maxTaskName = 100

// checkName checks a task's name. It may become part of a path, so no part of it
// may begin with a dot.
func checkName(s string) *Error {
	const hint = "use letters, digits, - _ . and /, as photos/index"
	if len(s) > maxTaskName {
		return bad("", "a name has at most %d characters", maxTaskName)
	}
	for _, c := range s {
		if !isWordByte(c) && !strings.ContainsRune("-./", c) {
			return bad(hint, "a name cannot contain %q", c)
		}
	}
	for part := range strings.SplitSeq(s, "/") {
		if part == "" || !isWordByte(rune(part[0])) {
			return bad(hint, "a name, and each part after a /, begins with a letter, a digit or _")
		}
	}
	return nil
}

func isWordByte(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// checkLabel checks a tag, a group or a unique name.
func checkLabel(s string) *Error {
	switch {
	case strings.TrimSpace(s) == "":
		return bad("", "is empty")
	case len(s) > work.MaxName:
		return bad("", "longer than %d bytes", work.MaxName)
	case strings.IndexFunc(s, unicode.IsControl) >= 0:
		return bad("", "contains a control character")
	}
	return nil
}

// IsLabel tells whether a text can be a tag, a group, a unique name or an identifier of iOS.
func IsLabel(s string) bool { return checkLabel(s) == nil }

// checkVariable checks the name of an environment variable.
func checkVariable(s string) *Error {
	for i, c := range s {
		if !isWordByte(c) || i == 0 && c >= '0' && c <= '9' {
			return bad("use letters, digits and _", "%s cannot be the name of an environment variable", quoted(s))
		}
	}
	if strings.HasPrefix(s, "LULL_") {
		return bad("choose another name", "names that begin with LULL_ are set by lull")
	}
	return nil
}
