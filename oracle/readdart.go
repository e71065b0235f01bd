package oracle

import sitter "github.com/tree-sitter/go-tree-sitter"

// dart reads Dart's nodes. A call is no node of this grammar: it is arguments behind
// what is called, beside it.
func (r *reader) dart(n *sitter.Node) bool {
	switch n.Kind() {
	case "function_signature":
		r.add(function, n.ChildByFieldName("name"))
	case "constructor_signature", "constant_constructor_signature", "factory_constructor_signature",
		"redirecting_factory_constructor_signature":
		r.dartConstructor(n)
	case "annotation":
		if !is(n.Parent(), "formal_parameter", "type_parameter", "representation_declaration", "formal_parameter_list", "optional_formal_parameters") {
			r.add(annotation, n.ChildByFieldName("name"))
			return true
		}
		return false
	case "arguments":
		r.dartCall(n)
	case "assertion":
		r.named(call, "assert", n)
	case "object_pattern": // island reads it as the call it looks like
		r.add(call, child(n, "type_identifier"))
	case "relational_expression":
		r.dartGeneric(n)
	}
	return true
}

// dartGeneric adds a<b>(c) and a<b, c>(d), which the grammar reads as two comparisons, in
// one argument or in two. Dart has no chained comparison, and reads both as calls.
func (r *reader) dartGeneric(n *sitter.Node) {
	op := child(n, "relational_operator")
	if op == nil || op.Utf8Text(r.src) != ">" || !is(op.NextNamedSibling(), "parenthesized_expression", "record_literal") {
		return
	}
	left := n.NamedChild(0)
	at := n
	if is(n.Parent(), "argument", "named_argument") {
		at = n.Parent()
	}
	for !is(left, "relational_expression") { // the comparison before, at the end of what is there
		if at = at.PrevNamedSibling(); at == nil {
			return
		}
		left = at
		for is(left, "argument", "named_argument", "function_expression", "function_expression_body") {
			left = left.NamedChild(left.NamedChildCount() - 1)
		}
	}
	if op = child(left, "relational_operator"); op != nil && op.Utf8Text(r.src) == "<" {
		r.dartCallee(op.PrevNamedSibling())
	}
}

// dartConstructor adds Class.name as name, and Class as "".
func (r *reader) dartConstructor(n *sitter.Node) {
	var names []*sitter.Node
	for i := range n.NamedChildCount() {
		c := n.NamedChild(i)
		if c.Kind() == "formal_parameter_list" {
			break
		}
		if c.Kind() == "identifier" || c.Kind() == "qualified" {
			names = append(names, c)
		}
	}
	switch len(names) {
	case 0:
	case 1:
		if r.dartClass(n) == names[0].Utf8Text(r.src) {
			r.named(function, "", names[0])
		} else { // a method without a type, which the grammar takes for a constructor
			r.add(function, names[0])
		}
	default:
		r.add(function, names[len(names)-1])
	}
}

// dartClass is the name of the class around a node.
func (r *reader) dartClass(n *sitter.Node) string {
	for n = n.Parent(); n != nil; n = n.Parent() {
		if name := n.ChildByFieldName("name"); name != nil {
			return name.Utf8Text(r.src)
		}
	}
	return ""
}

// dartCall adds the name before arguments.
func (r *reader) dartCall(n *sitter.Node) {
	switch of := n.Parent(); of.Kind() {
	case "argument_part":
		at := of
		if is(of.Parent(), "selector") {
			at = of.Parent()
		}
		r.dartCallee(at.PrevNamedSibling())
	case "new_expression", "const_object_expression", "constructor_invocation", "initializer_list_entry", "redirection":
		r.dartCallee(before(n))
	}
}

// before is the named node before one that is not made of type arguments.
func before(n *sitter.Node) *sitter.Node {
	n = n.PrevNamedSibling()
	for is(n, "type_arguments", "comment", "documentation_comment") {
		n = n.PrevNamedSibling()
	}
	return n
}

func (r *reader) dartCallee(n *sitter.Node) {
	for is(n, "comment", "documentation_comment", "type_arguments") {
		n = n.PrevNamedSibling()
	}
	if n == nil || is(n.Parent(), "enum_constant") {
		return
	}
	switch n.Kind() {
	case "identifier", "type_identifier":
		r.add(call, n)
	case "selector", "cascade_selector", "unconditional_assignable_selector", "conditional_assignable_selector":
		if n.NamedChildCount() == 0 {
			return
		}
		c := n.NamedChild(n.NamedChildCount() - 1)
		if n.Kind() == "selector" && !is(c, "unconditional_assignable_selector", "conditional_assignable_selector") {
			return // a(b)(c), a!(b)
		}
		r.dartCallee(c)
	case "function_expression", "function_expression_body", "cascade_section", // (x) => y..z(x): arguments behind the function
		"unary_expression", "await_expression":
		r.dartCallee(n.NamedChild(n.NamedChildCount() - 1))
	}
}
