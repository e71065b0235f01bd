package xcode

import (
	"fmt"
	"maps"
	"path"
	"strings"

	"github.com/lullwork/lull/internal/check/source"
)

const (
	maxIncludes = 64
)

// xcconfig is what a file sets, with what it includes.
type xcconfig struct {
	settings map[string]source.Value
	included map[string]bool
}

// isGenerated tells whether a file is made by tools, and so need not be there.
func isGenerated(file string) bool {
	base := path.Base(file)
	return base == "Generated.xcconfig" || base == "Flutter-Generated.xcconfig" ||
		strings.HasPrefix(file, "Pods/") || strings.Contains(file, "/Pods/") || strings.HasPrefix(base, "Pods-")
}

// readConfig reads an xcconfig file and what it includes. done has the files that were read before.
func readConfig(file string, files Files, done map[string]*xcconfig) (map[string]source.Value, []*source.Fault) {
	r := &configReader{files: files, done: done, open: map[string]bool{}}
	c := r.read(file, source.Value{})
	return c.settings, r.faults
}

type configReader struct {
	files  Files
	done   map[string]*xcconfig
	open   map[string]bool
	faults []*source.Fault
}

func (r *configReader) fault(file string, line int, format string, args ...any) {
	r.faults = append(r.faults, &source.Fault{File: file, Line: max(line, 1), Why: fmt.Sprintf(format, args...)})
}

func (r *configReader) read(file string, from source.Value) *xcconfig {
	if c := r.done[file]; c != nil {
		return c
	}
	c := &xcconfig{map[string]source.Value{}, map[string]bool{}}
	src, err := r.files.Read(file)
	if err != nil {
		if from.At.File == "" {
			r.fault(file, 1, "%v", why(err))
		} else {
			r.fault(from.At.File, from.At.Line, "includes %s, which %v", file, why(err))
		}
		r.done[file] = c
		return c
	}
	r.open[file] = true
	text := source.NewText(file, src)
	for n, at := 1, 0; at < len(src); n++ {
		start, end := text.Line(n)
		at = end + 1
		if end < len(src) && src[end] == '\r' {
			at++
		}
		line := string(src[start:end])
		if i := strings.Index(line, "//"); i >= 0 {
			line = line[:i]
		}
		trimmed := strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(trimmed, "#include"); ok {
			r.include(c, rest, source.Value{At: text.Place(start, end)})
			continue
		}
		key, value, ok := cut(line)
		if !ok {
			continue
		}
		value = strings.TrimSpace(strings.TrimRight(strings.TrimSpace(value), ";"))
		v := source.Value{Text: value, At: text.Place(start, end)}
		if i := strings.LastIndex(line, value); value != "" && i >= 0 {
			v.At = text.Place(start+i, start+i+len(value))
		}
		c.settings[key] = v
	}
	delete(r.open, file)
	r.done[file] = c
	return c
}

// cut splits KEY[sdk=a*] = value: the = of a condition does not count.
func cut(line string) (key, value string, ok bool) {
	depth := 0
	for i := range len(line) {
		switch line[i] {
		case '[':
			depth++
		case ']':
			depth--
		case '=':
			if depth <= 0 {
				key = strings.ReplaceAll(strings.TrimSpace(line[:i]), " ", "")
				return key, line[i+1:], key != ""
			}
		}
	}
	return "", "", false
}

// include adds what an included file sets.
func (r *configReader) include(c *xcconfig, rest string, at source.Value) {
	rest, optional := strings.CutPrefix(rest, "?")
	name := strings.Trim(strings.TrimSpace(rest), `"`)
	file := path.Join(path.Dir(at.At.File), name)
	switch {
	case name == "" || path.IsAbs(name) || strings.HasPrefix(name, "<") || file == ".." || strings.HasPrefix(file, "../"):
		if !optional {
			r.fault(at.At.File, at.At.Line, "includes %q, which is not in the checked folder", name)
		}
	case (optional || isGenerated(file)) && !r.files.Has(file):
	case r.open[file]:
		r.fault(at.At.File, at.At.Line, "includes %s, which includes this file", file)
	case len(r.open) == maxIncludes:
		r.fault(at.At.File, at.At.Line, "is included by more than %d files, one by another", maxIncludes)
	case !c.included[file]:
		c.included[file] = true
		maps.Copy(c.settings, r.read(file, at).settings)
	}
}

// why returns what is wrong with a file without its name.
func why(err error) string {
	if f, ok := err.(*source.Fault); ok {
		return f.Why
	}
	return err.Error()
}
