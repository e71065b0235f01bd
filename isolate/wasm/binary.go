package wasm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrModule is wrapped by the errors of [Compile] that lie in the binary: compiling it
// again is useless.
var ErrModule = errors.New("not a module that can run here")

// pageSize is the unit of linear memory.
const pageSize = 64 << 10

// Tables live outside of the linear memory, so Config.MemoryBytes does not bound them.
const (
	maxTables    = 8
	maxTableSize = 1 << 20 // elements, of 8 bytes
)

// Sections that are looked into. https://www.w3.org/TR/wasm-core-2/#sections
const (
	sectionImport = 2
	sectionTable  = 4
	sectionMemory = 5
)

// shape is what must be known of a module before it is compiled.
type shape struct {
	binary []byte // the module, its tables bounded
	pages  uint64 // of memory at the start
}

// inspect refuses what is no core module, finds how much memory it wants, bounds its
// tables and checks its lengths. All else is left to the compiler.
func inspect(module []byte) (shape, error) {
	var s shape
	if err := checkHeader(module); err != nil {
		return s, err
	}
	s.binary = append(make([]byte, 0, len(module)+16), module[:8]...)
	r := &cursor{data: module, at: 8}
	for r.at < len(module) {
		start := r.at
		id := r.byte()
		size := r.number()
		body := r.take(size)
		if r.err != nil {
			return s, fmt.Errorf("%w: section at byte %d: %w", ErrModule, start, r.err)
		}
		var err error
		switch id {
		case sectionCustom:
			if !goodNames(body) {
				continue
			}
		case sectionImport:
			err = checkImports(body)
		case sectionMemory:
			s.pages, err = memoryPages(body)
		case sectionTable:
			body, err = boundTables(body)
		default:
			err = checkSection(id, body)
		}
		if err != nil {
			return s, fmt.Errorf("%w: section %d: %w", ErrModule, id, err)
		}
		s.binary = binary.AppendUvarint(append(s.binary, id), uint64(len(body)))
		s.binary = append(s.binary, body...)
	}
	return s, nil
}

// checkHeader tells what a file is that is no core module.
func checkHeader(b []byte) error {
	switch {
	case len(b) == 0:
		return fmt.Errorf("%w: the file is empty", ErrModule)
	case bytes.HasPrefix(bytes.TrimSpace(b[:min(len(b), 64)]), []byte("(module")):
		return fmt.Errorf("%w: this is the text format; assemble it first, as with wat2wasm", ErrModule)
	case len(b) < 8 || string(b[:4]) != "\x00asm":
		return fmt.Errorf("%w: it begins with %.16q, not with the magic number of WebAssembly", ErrModule, b[:min(len(b), 16)])
	case binary.LittleEndian.Uint16(b[6:]) == 1:
		// https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md: the layer field.
		return fmt.Errorf("%w: this is a component; build a core module instead, for WASI preview 1 (wasip1)", ErrModule)
	case binary.LittleEndian.Uint32(b[4:]) != 1:
		return fmt.Errorf("%w: version %d of the binary format is not known", ErrModule, binary.LittleEndian.Uint32(b[4:]))
	}
	return nil
}

// checkImports refuses what no host module gives: only functions can be imported.
func checkImports(body []byte) error {
	r := &cursor{data: body}
	for range r.count() {
		module, name := r.name(), r.name()
		kind := r.byte()
		if r.err != nil {
			return r.err
		}
		if kind != 0 {
			return fmt.Errorf("it imports %q %q, which is no function: there is nobody to share memory, tables or globals with", module, name)
		}
		r.number() // its type
	}
	return r.end()
}

func memoryPages(body []byte) (uint64, error) {
	r := &cursor{data: body}
	var pages uint64
	for range r.count() {
		low, _, _ := r.limits()
		pages += uint64(low)
	}
	return pages, r.end()
}

// boundTables returns the section with a maximum on each table. A growth beyond it
// gives -1, as the specification allows at any time.
func boundTables(body []byte) ([]byte, error) {
	r := &cursor{data: body}
	n := r.count()
	if n > maxTables {
		return nil, fmt.Errorf("%d tables: at most %d", n, maxTables)
	}
	out := binary.AppendUvarint(nil, uint64(n))
	for range n {
		kind := r.byte()
		if r.err == nil && kind != 0x70 && kind != 0x6f {
			return nil, fmt.Errorf("a table of type %#x is not supported, only funcref and externref", kind)
		}
		low, high, bounded := r.limits()
		if r.err != nil {
			return nil, r.err
		}
		if low > maxTableSize {
			return nil, fmt.Errorf("a table of %d elements: at most %d", low, maxTableSize)
		}
		if !bounded || high > maxTableSize {
			high = maxTableSize
		}
		out = append(out, kind, 1)
		out = binary.AppendUvarint(out, uint64(low))
		out = binary.AppendUvarint(out, uint64(high))
	}
	return out, r.end()
}

// cursor reads the binary format. After an error everything is zero.
type cursor struct {
	data []byte
	at   int
	err  error
}

var errTruncated = errors.New("the module is cut off")

func (r *cursor) byte() byte {
	if b := r.take(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

func (r *cursor) take(n uint32) []byte {
	if r.err != nil {
		return nil
	}
	if uint64(n) > uint64(len(r.data)-r.at) {
		r.err = errTruncated
		return nil
	}
	b := r.data[r.at : r.at+int(n)]
	r.at += int(n)
	return b
}

// number reads an unsigned number of at most 32 bits.
func (r *cursor) number() uint32 {
	if r.err != nil {
		return 0
	}
	v, n := binary.Uvarint(r.data[r.at:])
	switch {
	case n == 0:
		r.err = errTruncated
	case n < 0 || n > 5 || v > 1<<32-1:
		r.err = errors.New("a number has more than 32 bits")
	default:
		r.at += n
		return uint32(v)
	}
	return 0
}

// count reads the length of a list, each of whose elements has a byte at least.
func (r *cursor) count() uint32 {
	n := r.number()
	if r.err == nil && int64(n) > int64(len(r.data)-r.at) {
		r.err = errTruncated
		return 0
	}
	return n
}

func (r *cursor) name() string { return string(r.take(r.number())) }

// limits reads the bounds of a memory or a table.
func (r *cursor) limits() (low, high uint32, bounded bool) {
	flag := r.byte()
	if r.err == nil && flag > 1 {
		r.err = fmt.Errorf("limits of kind %d (shared or 64 bit) are not supported", flag)
	}
	low = r.number()
	if flag == 1 {
		high = r.number()
	}
	return low, high, flag == 1
}
