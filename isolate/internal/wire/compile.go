package wire

import (
	"hash/fnv"
	"io"
	"reflect"
	"strconv"
	"unsafe"
)

// op is the plan of one type. Plans of recursive types hold themselves, so what reads
// an op of another type does so when it runs.
type op struct {
	typ  reflect.Type
	enc  func(w *writer, p unsafe.Pointer) error
	dec  func(r *reader, p unsafe.Pointer) error
	min  int  // the least bytes of an encoding, never 0
	flat bool // memory and encoding are equal, and every bit pattern is a value

	form  string // how it is encoded, for the fingerprint
	parts []*op
	names []string // of parts that are fields
}

type compiler struct {
	native bool // numbers are little endian in memory
	ops    map[reflect.Type]*op
	order  []reflect.Type // in which ops were begun
}

func compile(t reflect.Type, native bool) (*Codec, error) {
	c := compiler{native: native, ops: map[reflect.Type]*op{}}
	root, err := c.plan(t)
	if err != nil {
		return nil, named(err, t)
	}
	return &Codec{root: root, print: fingerprint(root)}, nil
}

// plan returns the op of a type. It is not filled yet if the type is being compiled
// further up.
func (c *compiler) plan(t reflect.Type) (*op, error) {
	if o := c.ops[t]; o != nil {
		return o, nil
	}
	o := &op{typ: t}
	mark := len(c.order)
	c.ops[t] = o
	c.order = append(c.order, t)
	err := c.fill(o, mark+1)
	if err != nil {
		c.forget(mark)
		return nil, err
	}
	return o, nil
}

// forget drops the ops that were begun since mark: they may hold one that came to nothing.
func (c *compiler) forget(mark int) {
	for _, t := range c.order[mark:] {
		delete(c.ops, t)
	}
	c.order = c.order[:mark]
}

func (c *compiler) fill(o *op, mark int) error {
	t := o.typ
	if isHandle(t) {
		handleOp(o)
		return nil
	}
	if isHandle(reflect.PointerTo(t)) && t.Kind() != reflect.Pointer {
		return refuse(t, "only a pointer to it travels, since there is one of it; use a *"+t.Name())
	}
	if why := refusal(t); why != "" {
		return refuse(t, why)
	}
	err := c.fillKind(o)
	if err == nil {
		return nil
	}
	// What its fields cannot do, it may do itself.
	c.forget(mark)
	*o = op{typ: t}
	if ownOp(o) {
		return nil
	}
	return err
}

func (c *compiler) fillKind(o *op) error {
	switch k := o.typ.Kind(); k {
	case reflect.Bool:
		boolOp(o)
	case reflect.String:
		stringOp(o)
	case reflect.Pointer:
		return c.pointer(o)
	case reflect.Struct:
		return c.record(o)
	case reflect.Array:
		return c.array(o)
	case reflect.Slice:
		return c.list(o)
	case reflect.Map:
		return c.mapping(o)
	case reflect.Interface: // any: the others are refused
		anyOp(o)
	default:
		if k < reflect.Int || k > reflect.Complex128 {
			return kindRefusal(o.typ)
		}
		c.number(o)
	}
	return nil
}

// formatVersion is part of every fingerprint.
const formatVersion = "lull wire 1\n"

func fingerprint(root *op) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, formatVersion) // a hash takes all
	describe(h, root, map[*op]int{})
	return h.Sum64()
}

// describe writes the shape of a plan; what was described before is a number.
func describe(h io.Writer, o *op, seen map[*op]int) {
	if n, ok := seen[o]; ok {
		_, _ = io.WriteString(h, "^"+strconv.Itoa(n)+" ")
		return
	}
	seen[o] = len(seen)
	_, _ = io.WriteString(h, o.form+"(")
	for i, part := range o.parts {
		if o.names != nil {
			_, _ = io.WriteString(h, o.names[i]+" ")
		}
		describe(h, part, seen)
	}
	_, _ = io.WriteString(h, ")")
}
