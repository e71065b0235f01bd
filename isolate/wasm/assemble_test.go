package wasm_test

import (
	"encoding/binary"
	"slices"
)

// What the modules of the tests are put together from, by hand: the binary format is
// small. https://www.w3.org/TR/wasm-core-2/#binary-format

// Types.
const (
	i32 = 0x7f
	i64 = 0x7e
	f32 = 0x7d
	f64 = 0x7c
)

// Instructions.
const (
	opUnreachable = 0x00
	opLoop        = 0x03 // then a block type: void
	opIf          = 0x04
	opBr          = 0x0c
	opCall        = 0x10
	opDrop        = 0x1a
	opGet         = 0x20 // local.get
	opSet         = 0x21
	opLoad8       = 0x2d // then align, offset
	opStore8      = 0x3a
	opGrow        = 0x40 // memory.grow 0
	opI32         = 0x41 // i32.const
	opI64         = 0x42
	opF64         = 0x44
	opI32Add      = 0x6a
	opI32DivS     = 0x6d
	opI64Add      = 0x7c
	opI64Or       = 0x84
	opI64Shl      = 0x86
	opI64ExtendU  = 0xad
	opF64Div      = 0xa3
	void          = 0x40
	end           = 0x0b
)

// function is one of a module; its export name may be empty.
type function struct {
	export          string
	params, results []byte
	locals          int // of type i32
	code            []byte
}

// imported is a function of the host.
type imported struct {
	module, name    string
	params, results []byte
}

// text is a module in our own hand.
type text struct {
	imports   []imported // numbered first
	functions []function
	pages     int // of memory; 0: none
	most      int // pages; 0: no maximum
	start     int // number of the start function, +1
	data      string
	tables    []byte // body of the table section
}

func leb(n int) []byte { return binary.AppendUvarint(nil, uint64(n)) }

// sleb writes a signed number.
func sleb(v int64) []byte {
	var out []byte
	for {
		b := byte(v & 0x7f)
		v >>= 7
		if v == 0 && b&0x40 == 0 || v == -1 && b&0x40 != 0 {
			return append(out, b)
		}
		out = append(out, b|0x80)
	}
}

func list(items ...[]byte) []byte {
	return slices.Concat(leb(len(items)), slices.Concat(items...))
}

func str(s string) []byte { return slices.Concat(leb(len(s)), []byte(s)) }

func section(id byte, body []byte) []byte { return slices.Concat([]byte{id}, leb(len(body)), body) }

// code joins instructions; numbers are single bytes.
func code(parts ...any) []byte {
	var out []byte
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			out = append(out, byte(p))
		case []byte:
			out = append(out, p...)
		}
	}
	return out
}

func constant(v int64) []byte   { return code(opI32, sleb(v)) }
func constant64(v int64) []byte { return code(opI64, sleb(v)) }

// assemble writes the module in the binary format.
func (m text) assemble() []byte {
	var types, imports, funcs, exports, bodies [][]byte
	newType := func(params, results []byte) []byte {
		types = append(types, slices.Concat([]byte{0x60}, leb(len(params)), params, leb(len(results)), results))
		return leb(len(types) - 1)
	}
	for _, i := range m.imports {
		imports = append(imports, slices.Concat(str(i.module), str(i.name), []byte{0}, newType(i.params, i.results)))
	}
	for n, f := range m.functions {
		funcs = append(funcs, newType(f.params, f.results))
		if f.export != "" {
			exports = append(exports, slices.Concat(str(f.export), []byte{0}, leb(len(m.imports)+n)))
		}
		locals := list()
		if f.locals > 0 {
			locals = list(slices.Concat(leb(f.locals), []byte{i32}))
		}
		body := slices.Concat(locals, f.code, []byte{end})
		bodies = append(bodies, slices.Concat(leb(len(body)), body))
	}
	out := []byte("\x00asm\x01\x00\x00\x00")
	add := func(id byte, items [][]byte) {
		if len(items) > 0 {
			out = append(out, section(id, list(items...))...)
		}
	}
	add(1, types)
	add(2, imports)
	add(3, funcs)
	if m.tables != nil {
		out = append(out, section(4, m.tables)...)
	}
	if m.pages > 0 {
		limits := slices.Concat([]byte{0}, leb(m.pages))
		if m.most > 0 {
			limits = slices.Concat([]byte{1}, leb(m.pages), leb(m.most))
		}
		add(5, [][]byte{limits})
		exports = append(exports, slices.Concat(str("memory"), []byte{2, 0}))
	}
	add(7, exports)
	if m.start > 0 {
		out = append(out, section(8, leb(m.start-1))...)
	}
	add(10, bodies)
	if m.data != "" {
		add(11, [][]byte{slices.Concat([]byte{0}, constant(0), []byte{end}, str(m.data))})
	}
	return out
}
