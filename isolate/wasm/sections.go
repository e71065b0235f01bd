package wasm

import (
	"errors"
	"fmt"
)

// What follows reads the module as wazero will, for the lengths alone: wazero makes room
// for as many elements as a list says that it has, before it looks for the first, so that
// a module of 20 bytes could ask for 200 GB and end the process.
// https://www.w3.org/TR/wasm-core-2/#binary-modules

// Variables of a function, and of all functions together: two bytes can stand for any
// number, and wazero keeps 8 bytes for each.
const (
	maxLocals    = 50_000 // https://www.w3.org/TR/wasm-js-api-2/#limits
	maxAllLocals = 8 << 20
)

// Kinds of sections that are read for their lengths only.
const (
	sectionCustom    = 0
	sectionType      = 1
	sectionFunction  = 3
	sectionGlobal    = 6
	sectionExport    = 7
	sectionStart     = 8
	sectionElement   = 9
	sectionCode      = 10
	sectionData      = 11
	sectionDataCount = 12
)

// checkSection reads a section that is none of those that inspect looks into.
func checkSection(id byte, body []byte) error {
	r := &cursor{data: body}
	switch id {
	case sectionType:
		r.each(func() {
			if kind := r.byte(); r.err == nil && kind != 0x60 {
				r.err = fmt.Errorf("a type of kind %#x is not supported, only functions", kind)
			}
			r.each(r.valueType)
			r.each(r.valueType)
		})
	case sectionFunction:
		r.each(func() { r.number() })
	case sectionGlobal:
		r.each(func() {
			r.valueType()
			r.byte()
			r.expression()
		})
	case sectionExport:
		r.each(func() {
			r.name()
			r.byte()
			r.number()
		})
	case sectionStart, sectionDataCount:
		r.number()
	case sectionElement:
		r.each(r.element)
	case sectionCode:
		all := uint64(0)
		r.each(func() { all += r.function() })
		if all > maxAllLocals {
			r.fail("functions with %d variables together: at most %d", all, maxAllLocals)
		}
	case sectionData:
		r.each(r.segment)
	default:
		return errors.New("sections of this kind are not supported")
	}
	return r.end()
}

// end is the error of a reader that should have read everything.
func (r *cursor) end() error {
	if r.err == nil && r.at != len(r.data) {
		r.err = fmt.Errorf("%d bytes too many", len(r.data)-r.at)
	}
	return r.err
}

// each reads a list.
func (r *cursor) each(read func()) {
	for range r.count() {
		if read(); r.err != nil {
			return
		}
	}
}

// valueType reads a type of one byte; references to types of one's own have more.
func (r *cursor) valueType() {
	if t := r.byte(); r.err == nil && (t < 0x6f || t > 0x7f) {
		r.err = fmt.Errorf("a value of type %#x is not supported", t)
	}
}

// signed skips a signed number.
func (r *cursor) signed() {
	for range 10 {
		if r.byte()&0x80 == 0 {
			return
		}
	}
	r.err = errors.New("a number has more than 64 bits")
}

// expression reads a constant expression, to its end.
func (r *cursor) expression() {
	for r.err == nil {
		switch op := r.byte(); op {
		case 0x0b: // end
			return
		case 0x41, 0x42: // i32.const, i64.const
			r.signed()
		case 0x43: // f32.const
			r.take(4)
		case 0x44: // f64.const
			r.take(8)
		case 0x23, 0xd2: // global.get, ref.func
			r.number()
		case 0xd0: // ref.null
			r.valueType()
		case 0xfd: // v128.const is the one with 12
			if r.byte() != 12 {
				r.fail("a constant expression with a vector instruction")
			}
			r.take(16)
		default:
			r.fail("a constant expression with the instruction %#x", op)
		}
	}
}

func (r *cursor) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// element reads an element segment. Of its kind, bit 0 says that it is passive or declarative,
// bit 1 that it names its table, bit 2 that it holds expressions.
func (r *cursor) element() {
	kind := r.number()
	if kind > 7 {
		r.fail("an element segment of kind %d", kind)
	}
	active, explicit, expressions := kind&1 == 0, kind&2 != 0, kind&4 != 0
	if active && explicit {
		r.number() // the table
	}
	if active {
		r.expression()
	}
	if !active || explicit {
		if expressions {
			r.valueType()
		} else {
			r.byte()
		}
	}
	if expressions {
		r.each(r.expression)
	} else {
		r.each(func() { r.number() })
	}
}

// function reads the variables of a function and returns their number; its code is for
// the compiler.
func (r *cursor) function() uint64 {
	body := &cursor{data: r.take(r.number()), err: r.err}
	locals := uint64(0)
	body.each(func() {
		locals += uint64(body.number())
		body.valueType()
	})
	if r.err = body.err; locals > maxLocals {
		r.fail("a function with %d variables: at most %d", locals, maxLocals)
	}
	return locals
}

// segment reads a data segment.
func (r *cursor) segment() {
	switch kind := r.number(); kind {
	case 2:
		r.number() // the memory
		r.expression()
	case 0:
		r.expression()
	case 1:
	default:
		r.fail("a data segment of kind %d", kind)
	}
	r.take(r.number())
}

// goodNames is true for a custom section that may stay: any but a section of names that
// is not in order. Names are for messages only.
func goodNames(body []byte) bool {
	r := &cursor{data: body}
	if r.name() != "name" {
		return r.err == nil
	}
	names := func(r *cursor) {
		r.each(func() {
			r.number()
			r.name()
		})
	}
	for r.err == nil && r.at < len(r.data) {
		id := r.byte()
		part := &cursor{data: r.take(r.number()), err: r.err}
		switch id {
		case 0:
			part.name()
		case 1:
			names(part)
		case 2:
			part.each(func() {
				part.number()
				names(part)
			})
		default:
			continue
		}
		r.err = part.end()
	}
	return r.err == nil
}
