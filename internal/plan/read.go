package plan

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// What a plan may cost to read. Aliases make a small file big, so what they
// expand to is counted, not the file alone.
const (
	maxFile  = 1 << 20
	maxDepth = 64
	maxRead  = 4 << 20 // nodes visited plus bytes of their text
)

// reader reads one plan and collects its mistakes.
type reader struct {
	file string
	errs []Error
	more bool // errors were left out
	left int  // of maxRead
}

// field is one value of the plan and the words to name it by.
type field struct {
	r     *reader
	scope string // as `task "index"`; may be empty
	name  string // as "needs.network"; may be empty
	key   *yaml.Node
	val   *yaml.Node // no alias
}

// fail records a mistake in the value.
func (f field) fail(hint, format string, args ...any) { f.report(f.val, bad(hint, format, args...)) }

// refuse records a mistake in the key's being there at all.
func (f field) refuse(hint, format string, args ...any) {
	f.report(f.key, bad(hint, format, args...))
}

func (f field) report(at *yaml.Node, e *Error) {
	for _, s := range []string{f.name, f.scope} {
		if s != "" {
			e.Msg = s + ": " + e.Msg
		}
	}
	if at == nil || at.Line == 0 {
		at = f.key
	}
	f.r.add(at, e)
}

// inner returns a field inside f.
func (f field) inner(name string, key, val *yaml.Node) field {
	if len(name) > maxTaskName || strings.ContainsFunc(name, func(c rune) bool { return !isWordByte(c) && c != '-' }) {
		name = quoted(name)
	}
	const longPath = 80
	switch {
	case strings.HasSuffix(f.name, "..."):
		name = f.name
	case len(f.name) > longPath:
		name = f.name + "..."
	case f.name != "":
		name = f.name + "." + name
	}
	return field{f.r, f.scope, name, key, val}
}

// load parses the text into its top mapping. It reports false if there is none.
func (r *reader) load(data []byte) (field, bool) {
	top := field{r: r}
	if len(data) > maxFile {
		r.add(nil, bad("", "larger than 1 MiB"))
		return top, false
	}
	if e := notText(data); e != nil {
		r.errs = append(r.errs, Error{File: r.file, Line: e.Line, Msg: e.Msg, Hint: e.Hint})
		return top, false
	}
	doc, err := document(data)
	switch {
	case err != nil:
		r.syntax(err, data)
	case doc == nil || len(doc.Content) == 0 || follow(doc.Content[0]).Tag == "!!null":
		r.add(nil, bad("write tasks: and below it one key for each task", "the plan is empty"))
	default:
		top.val = follow(doc.Content[0])
		top.key = top.val
		return top, r.pay(top.val)
	}
	return top, false
}

// document parses exactly one document. The parser panics on some inputs of
// which it says itself that they are its own mistakes; a plan must not end the
// program.
func document(data []byte) (doc *yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			doc, err = nil, fmt.Errorf("not understood: %v", p)
		}
	}()
	l, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxDepth))))
	if err != nil {
		return nil, err
	}
	doc = new(yaml.Node)
	if err := l.Load(doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, err
	}
	second := new(yaml.Node)
	switch err := l.Load(second); {
	case errors.Is(err, io.EOF):
		return doc, nil
	case err != nil:
		return nil, err
	}
	return nil, &Error{Line: second.Line, Msg: "a second document begins here", Hint: "a plan is one document: remove the line ---"}
}

// syntax records why the text is no YAML.
func (r *reader) syntax(err error, data []byte) {
	e := &Error{Msg: err.Error()}
	var own *Error
	var load *yaml.LoadError
	switch {
	case errors.As(err, &own):
		e = own
	case errors.As(err, &load):
		e = &Error{Line: load.Mark.Line, Col: load.Mark.Column, Msg: "yaml: " + load.Message, Hint: syntaxHint(load, data)}
	}
	e.File = r.file
	r.errs = append(r.errs, *e)
}

// syntaxHint guesses what was meant, by the message and the character at which
// the parser gave up.
func syntaxHint(e *yaml.LoadError, data []byte) string {
	at := byte(0)
	if i := e.Mark.Index; i >= 0 && i < len(data) {
		at = data[i]
	}
	switch {
	case strings.Contains(e.Message, "max depth"):
		return fmt.Sprintf("a plan is nested at most %d deep", maxDepth)
	case at == '\t':
		return "indent with spaces, not tabs"
	case strings.Contains(e.Message, "cannot start any token"), strings.Contains(e.Message, "alphabetic or numeric"),
		strings.Contains(e.Message, "unknown anchor"):
		return "put a value that begins with @, *, &, %, ! or ` in quotes"
	case strings.Contains(e.Message, "mapping values are not allowed"):
		return "put a value that contains ': ' in quotes, or check the indentation"
	}
	return "check the indentation and the brackets above this line"
}

// notText finds the first byte that makes the file no text, for which the parser
// knows no place.
func notText(data []byte) *Error {
	line := 1
	for rest := data; len(rest) > 0; {
		c, n := utf8.DecodeRune(rest)
		switch {
		case c == '\n':
			line++
		case c == utf8.RuneError && n == 1:
			return &Error{Line: line, Msg: "not UTF-8 text", Hint: "save the file as UTF-8"}
		case c < ' ' && c != '\t' && c != '\r', c == 0x7f:
			return &Error{Line: line, Msg: fmt.Sprintf("control character %#U", c), Hint: "remove it"}
		}
		rest = rest[n:]
	}
	return nil
}

// follow returns what an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// pay counts a visit. False: the plan is too large, which is recorded.
func (r *reader) pay(n *yaml.Node) bool {
	if r.left < 0 {
		return false
	}
	if r.left -= 1 + len(n.Value); r.left < 0 {
		r.more = false
		r.errs = append(r.errs, Error{
			File: r.file, Line: n.Line, Col: n.Column,
			Msg: "the plan is too large once its aliases are followed", Hint: "use fewer aliases (*name)",
		})
		return false
	}
	return true
}

// entries returns the fields of a mapping in their order, those merged in with
// << after its own. It reports false if the value is no mapping.
func (f field) entries() ([]field, bool) { return f.entriesOr(nil) }

// entriesOr is entries of a mapping that has the keys of keys alone, for the hint.
func (f field) entriesOr(keys func() []string) ([]field, bool) {
	if f.val.Kind != yaml.MappingNode {
		hint := ""
		if keys != nil {
			hint = allKeys
			if names := keys(); len(names) <= 12 {
				hint = "its keys are " + strings.Replace(orList(names), " or ", " and ", 1)
			}
		}
		f.fail(hint, "must be a mapping, not %s", kindOf(f.val))
		return nil, false
	}
	var out []field
	f.collect(f.val, map[string]int{}, &out, 0)
	return out, f.r.left >= 0
}

func (f field) collect(m *yaml.Node, seen map[string]int, out *[]field, depth int) {
	if !f.tagged(m) {
		return
	}
	inherited := len(*out)
	var merged []*yaml.Node
	for i := 0; i+1 < len(m.Content); i += 2 {
		key, val := follow(m.Content[i]), follow(m.Content[i+1])
		if !f.r.pay(key) || !f.r.pay(val) {
			return
		}
		switch at, dup := seen[key.Value]; {
		case key.Tag == "!!merge":
			merged = append(merged, val)
		case key.Kind != yaml.ScalarNode || key.Tag == "!!null" || key.Value == "":
			f.report(m.Content[i], bad("a key is a plain word", "%s cannot be a key", kindOf(key)))
		case dup && at >= inherited:
			f.report(m.Content[i], bad("remove one of them", "duplicate key %s (first in line %d)", quoted(key.Value), (*out)[at].key.Line))
		case !dup:
			seen[key.Value] = len(*out)
			*out = append(*out, f.inner(key.Value, m.Content[i], val))
		}
	}
	for _, val := range merged {
		sources := []*yaml.Node{val}
		if val.Kind == yaml.SequenceNode {
			sources = val.Content
		}
		for _, s := range sources {
			s = follow(s)
			switch {
			case !f.r.pay(s):
				return
			case s.Kind != yaml.MappingNode:
				f.report(s, bad("write <<: *name, where &name marks a mapping", "<< merges a mapping, not %s", kindOf(s)))
			case depth >= maxDepth:
				f.report(s, bad("", "a mapping merges itself"))
			default:
				f.collect(s, seen, out, depth+1)
			}
		}
	}
}

// items returns the elements of a list; a single value counts as a list of one.
func (f field) items() ([]field, bool) {
	if !f.tagged(f.val) {
		return nil, false
	}
	if f.val.Kind == yaml.ScalarNode && f.val.Tag != "!!null" {
		return []field{f}, true
	}
	if f.val.Kind != yaml.SequenceNode {
		f.fail("", "must be a list, not %s", kindOf(f.val))
		return nil, false
	}
	out := make([]field, 0, len(f.val.Content))
	for _, n := range f.val.Content {
		n = follow(n)
		if !f.r.pay(n) {
			return nil, false
		}
		out = append(out, field{f.r, f.scope, f.name, n, n})
	}
	return out, true
}

// text returns a scalar as it is written, whatever YAML takes it for.
func (f field) text() (string, bool) {
	switch {
	case !f.tagged(f.val):
		return "", false
	case f.val.Kind != yaml.ScalarNode:
		f.fail("", "must be a single value, not %s", kindOf(f.val))
		return "", false
	case f.val.Tag == "!!null":
		f.fail("", "has no value")
		return "", false
	case strings.ContainsRune(f.val.Value, 0):
		f.fail("", "contains a NUL character")
		return "", false
	}
	return f.val.Value, true
}

// word returns one of the allowed words.
func (f field) word(allowed ...string) (string, bool) {
	s, ok := f.text()
	if ok && !slices.Contains(allowed, s) {
		f.fail(DidYouMean(s, allowed), "unknown value %s", quoted(s))
		return "", false
	}
	return s, ok
}

// label returns text that names something the user made up.
func (f field) label() (string, bool) {
	s, ok := f.text()
	if !ok {
		return "", false
	}
	if e := checkLabel(s); e != nil {
		f.report(f.val, e)
		return "", false
	}
	return s, true
}

// tagged reports whether the node's type is one that plans know.
func (f field) tagged(n *yaml.Node) bool {
	switch n.Tag {
	case "", "!", "!!str", "!!int", "!!float", "!!bool", "!!null", "!!timestamp", "!!map", "!!seq", "!!merge":
		return true
	}
	f.report(n, bad("remove the tag", "tag %s is not known", quoted(n.Tag)))
	return false
}

func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null", n.Value == "":
		return "nothing"
	}
	return quoted(n.Value)
}

// quoted shows text of the plan in an error, cut where it is long.
func quoted(s string) string {
	const most = 60
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return fmt.Sprintf("%q", s)
}

// keyOf says how one key of a mapping is read.
type keyOf[T any] struct {
	name string
	read func(into T, f field)
}

// readKeys reads a mapping by a table of its keys.
func readKeys[T any](f field, into T, keys []keyOf[T]) ([]field, bool) {
	names := func() []string {
		out := make([]string, len(keys))
		for i, k := range keys {
			out[i] = k.name
		}
		return out
	}
	entries, ok := f.entriesOr(names)
	if !ok {
		return nil, false
	}
	for _, e := range entries {
		i := slices.IndexFunc(keys, func(k keyOf[T]) bool { return k.name == e.keyName() })
		if i >= 0 {
			keys[i].read(into, e)
			continue
		}
		f.unknown(e, names)
	}
	return entries, true
}

func (f field) keyName() string { return follow(f.key).Value }

// allKeys is the hint where there are too many keys to name them.
const allKeys = "docs/plan.md has all keys"

// unknown records a key that is not known inside f.
func (f field) unknown(e field, allowed func() []string) {
	hint := ""
	if !f.r.full() {
		hint = cmp.Or(DidYouMean(e.keyName(), allowed()), allKeys)
	}
	f.report(e.key, bad(hint, "unknown key %s", quoted(e.keyName())))
}
