package oracle

import (
	"strings"

	sitter "github.com/tree-sitter/go-tree-sitter"
)

// reader collects what tree-sitter sees.
type reader struct {
	src []byte
	out facts
}

// treeFacts tells what tree-sitter sees; ok is false where a part of the file is an
// error to it.
func treeFacts(g *grammar, l *sitter.Language, src []byte) (out facts, ok bool, err error) {
	p := sitter.NewParser()
	defer p.Close()
	if err := p.SetLanguage(l); err != nil {
		return nil, false, err
	}
	tree := p.Parse(src, nil)
	defer tree.Close()
	if tree.RootNode().HasError() {
		return nil, false, nil
	}
	r := &reader{src: src, out: facts{}}
	r.walk(tree.RootNode(), g.read)
	return r.out, true, nil
}

func (r *reader) walk(n *sitter.Node, read func(*reader, *sitter.Node) bool) {
	if !read(r, n) {
		return
	}
	for i := range n.NamedChildCount() {
		r.walk(n.NamedChild(i), read)
	}
}

// add adds what is named by a node; of a.b.c, c.
func (r *reader) add(k kind, name *sitter.Node) {
	if name != nil {
		r.named(k, last(name.Utf8Text(r.src)), name)
	}
}

func (r *reader) named(k kind, name string, at *sitter.Node) {
	r.out[fact{k, strings.Trim(name, "`"), int(at.StartPosition().Row) + 1}] = true
}

// child is the last child of one of the kinds, nil without.
func child(n *sitter.Node, kinds ...string) *sitter.Node {
	for i := n.NamedChildCount(); i > 0; i-- {
		if c := n.NamedChild(i - 1); is(c, kinds...) {
			return c
		}
	}
	return nil
}

func is(n *sitter.Node, kinds ...string) bool {
	if n == nil {
		return false
	}
	for _, k := range kinds {
		if n.Kind() == k {
			return true
		}
	}
	return false
}

func (r *reader) java(n *sitter.Node) bool {
	switch n.Kind() {
	case "method_declaration", "constructor_declaration", "compact_constructor_declaration", "annotation_type_element_declaration":
		r.add(function, n.ChildByFieldName("name"))
	case "annotation", "marker_annotation":
		if of := n.Parent(); is(of, "modifiers") && !is(of.Parent(), "formal_parameter", "spread_parameter", "catch_formal_parameter", "resource") {
			r.add(annotation, n.ChildByFieldName("name"))
			return true
		}
		return false
	case "method_invocation":
		r.add(call, n.ChildByFieldName("name"))
	case "object_creation_expression":
		of := n.ChildByFieldName("type")
		if is(of, "generic_type") {
			of = of.NamedChild(0)
		}
		r.add(call, of)
	case "assert_statement":
		r.named(call, "assert", n)
	}
	return true
}

func (r *reader) kotlin(n *sitter.Node) bool {
	switch n.Kind() {
	case "function_declaration":
		for i := range n.NamedChildCount() {
			if c := n.NamedChild(i); c.Kind() == "simple_identifier" {
				r.add(function, c)
				break
			}
		}
	case "secondary_constructor":
		for i := range n.ChildCount() {
			if c := n.Child(i); c.Kind() == "constructor" {
				r.named(function, "constructor", c)
			}
		}
	case "annotation":
		if of := n.Parent(); is(of, "modifiers") && !is(of.Parent(), "class_parameter", "primary_constructor", "anonymous_function", "getter", "setter") {
			r.named(annotation, r.lastType(n), n)
			return true
		}
		return false
	case "call_expression":
		switch callee := n.NamedChild(0); callee.Kind() {
		case "simple_identifier":
			r.add(call, callee)
		case "navigation_expression":
			if suffix := child(callee, "navigation_suffix"); suffix != nil {
				r.add(call, child(suffix, "simple_identifier"))
			}
		}
	}
	return true
}

// lastType is the last name of an annotation's type.
func (r *reader) lastType(n *sitter.Node) string {
	if c := child(n, "constructor_invocation"); c != nil {
		n = c
	}
	if u := child(n, "user_type"); u != nil {
		if id := child(u, "type_identifier"); id != nil {
			return id.Utf8Text(r.src)
		}
	}
	return ""
}

func (r *reader) swift(n *sitter.Node) bool {
	switch n.Kind() {
	case "function_declaration", "protocol_function_declaration":
		if name := n.ChildByFieldName("name"); is(name, "simple_identifier") { // operators have none
			r.add(function, name)
		}
	case "init_declaration":
		for i := range n.ChildCount() {
			if c := n.Child(i); c.Kind() == "init" {
				r.add(function, c)
			}
		}
	case "attribute":
		if r.swiftDeclares(n) {
			r.named(annotation, r.lastType(n), n)
			return true
		}
		return false
	case "call_expression":
		r.swiftCall(n)
	case "constructor_expression":
		if of := n.ChildByFieldName("constructed_type"); is(of, "user_type") {
			r.add(call, child(of, "type_identifier"))
		}
	case "selector_expression": // the function in it is named, not called
		r.named(call, "selector", n)
		return false
	case "macro_invocation":
		r.add(call, child(n, "simple_identifier"))
	case "availability_condition":
		name, _, _ := strings.Cut(strings.TrimPrefix(n.Utf8Text(r.src), "#"), "(")
		r.named(call, strings.TrimSpace(name), n)
	case "simple_identifier": // island reads the pattern .name(let x) as the call it looks like
		if next := n.NextSibling(); n.StartByte() > 0 && r.src[n.StartByte()-1] == '.' && next != nil && r.src[next.StartByte()] == '(' {
			r.add(call, n)
		}
	}
	return true
}

// swiftDeclares tells whether an attribute is one of a declaration, and not of a
// parameter, a type, an import or a case.
func (r *reader) swiftDeclares(n *sitter.Node) bool {
	of := n.Parent()
	if is(of, "modifiers") {
		return !is(of.Parent(), "import_declaration", "switch_entry")
	}
	name := of.ChildByFieldName("name") // of a local function it stands beside the name
	return is(of, "function_declaration") && name != nil && n.EndByte() <= name.StartByte()
}

// swiftCall adds a call. The grammar takes subscripts, defer and names of functions with
// their labels for calls.
func (r *reader) swiftCall(n *sitter.Node) {
	suffix := child(n, "call_suffix")
	if suffix == nil || r.src[suffix.StartByte()] == '[' {
		return
	}
	if args := child(suffix, "value_arguments"); args != nil {
		if first := child(args, "value_argument"); first != nil && first.ChildByFieldName("reference_specifier") != nil {
			return
		}
	}
	if callee := n.NamedChild(0); callee.Utf8Text(r.src) != "defer" {
		r.swiftCallee(callee)
	}
}

func (r *reader) swiftCallee(n *sitter.Node) {
	switch n.Kind() {
	case "simple_identifier":
		r.add(call, n)
	case "navigation_expression":
		if suffix := n.ChildByFieldName("suffix"); suffix != nil {
			if name := suffix.ChildByFieldName("suffix"); is(name, "simple_identifier") {
				r.add(call, name)
			}
		}
	case "prefix_expression": // .name(), and to this grammar !name()
		if name := n.ChildByFieldName("target"); name != nil {
			r.swiftCallee(name)
		}
	default: // a + b(c) is (a + b)(c) to this grammar
		if right := n.ChildByFieldName("rhs"); right != nil {
			r.swiftCallee(right)
		}
	}
}
