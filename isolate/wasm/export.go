package wasm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/tetratelabs/wazero/api"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/internal/text"
)

// Alloc is the export by which a module says that its functions take and give bytes.
const Alloc = "lull_alloc"

const (
	i32 = api.ValueTypeI32
	i64 = api.ValueTypeI64
	f32 = api.ValueTypeF32
	f64 = api.ValueTypeF64
)

func hasType(f api.FunctionDefinition, params, results []api.ValueType) bool {
	return f != nil && slices.Equal(f.ParamTypes(), params) && slices.Equal(f.ResultTypes(), results)
}

// takesBytes is true for (pointer, length) -> pointer<<32 | length in a module with Alloc.
func (m *Module) takesBytes(f api.FunctionDefinition) bool {
	return hasType(m.exports[Alloc], []api.ValueType{i32}, []api.ValueType{i32}) &&
		hasType(f, []api.ValueType{i32, i32}, []api.ValueType{i64})
}

// bytesCall hands JSON over in the guest's memory. Whatever the guest returns is checked.
func (r *run) bytesCall(mod api.Module, input []byte) error {
	if err := r.initialize(mod); err != nil {
		return err
	}
	got, err := mod.ExportedFunction(Alloc).Call(r.ctx, uint64(len(input)))
	if err != nil {
		return err
	}
	at := uint32(got[0])
	if mem := r.memory(mod); mem == nil || !mem.Write(at, input) {
		r.blame("%s(%d) returned %d, where there is no room for so much", Alloc, len(input), at)
		return nil
	}
	got, err = mod.ExportedFunction(r.call.Export).Call(r.ctx, uint64(at), uint64(len(input)))
	if err != nil {
		return err
	}
	at, size := uint32(got[0]>>32), uint32(got[0])
	if size == 0 {
		return nil
	}
	result, ok := mod.Memory().Read(at, size)
	switch {
	case !ok:
		r.blame("%s returned %d bytes at %d, which is outside of its memory", r.call.Export, size, at)
	case int64(size) > int64(r.call.ResultLimit):
		r.blame("%s", text.TooLarge(int(size), r.call.ResultLimit))
	case !json.Valid(result):
		r.blame("the result of %s is not JSON", r.call.Export)
	default:
		r.result = bytes.Clone(bytes.TrimSpace(result))
	}
	return nil
}

// blame records that the guest broke the rules of a call.
func (r *run) blame(format string, args ...any) {
	r.fault, r.faultMsg = isolate.ProtocolError, fmt.Sprintf(format, args...)
}

// numbersIn turns a JSON array of numbers into the arguments of a function. A single
// number stands for an array of one.
func numbersIn(name string, f api.FunctionDefinition, input []byte) ([]uint64, error) {
	params := f.ParamTypes()
	for _, t := range slices.Concat(params, f.ResultTypes()) {
		if !slices.Contains([]api.ValueType{i32, i64, f32, f64}, t) {
			return nil, refuse(isolate.NotStarted, "%s has the type %s; only numbers can be passed, or bytes in a module that exports %s (i32) -> i32",
				name, signature(f), Alloc)
		}
	}
	misfit := func(format string, args ...any) error {
		return refuse(isolate.Failure, "input of %s %s: %s", name, signature(f), fmt.Sprintf(format, args...))
	}
	var list []json.Number
	if trimmed := bytes.TrimSpace(input); len(trimmed) > 0 && !bytes.Equal(trimmed, []byte("null")) {
		if trimmed[0] != '[' {
			trimmed = slices.Concat([]byte("["), trimmed, []byte("]"))
		}
		d := json.NewDecoder(bytes.NewReader(trimmed))
		d.UseNumber()
		var values []any
		if err := d.Decode(&values); err != nil && err != io.EOF {
			return nil, misfit("%v", err)
		}
		for i, v := range values {
			n, ok := v.(json.Number)
			if !ok {
				return nil, misfit("argument %d is no number", i+1)
			}
			list = append(list, n)
		}
	}
	if len(list) != len(params) {
		return nil, misfit("%d numbers are given, %d are wanted, as a JSON array", len(list), len(params))
	}
	args := make([]uint64, len(params))
	for i, t := range params {
		v, err := numberIn(t, string(list[i]))
		if err != nil {
			return nil, misfit("argument %d: %v", i+1, err)
		}
		args[i] = v
	}
	return args, nil
}

// numberIn reads one number. WebAssembly's integers have no sign: both ranges are taken.
func numberIn(t api.ValueType, s string) (uint64, error) {
	switch t {
	case f32:
		v, err := strconv.ParseFloat(s, 32)
		if err != nil {
			return 0, fmt.Errorf("%.40s does not fit f32", s)
		}
		return api.EncodeF32(float32(v)), nil
	case f64:
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return 0, fmt.Errorf("%.40s does not fit f64", s)
		}
		return api.EncodeF64(v), nil
	}
	signed, err := strconv.ParseInt(s, 10, 64)
	if t == i32 {
		if err != nil || signed < math.MinInt32 || signed > math.MaxUint32 {
			return 0, fmt.Errorf("%.40s does not fit i32", s)
		}
		return uint64(uint32(signed)), nil
	}
	if err == nil {
		return uint64(signed), nil
	}
	value, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%.40s does not fit i64", s)
	}
	return value, nil
}

// numbersCall passes numbers and makes JSON of those that come back: null, the number,
// or an array of them.
func (r *run) numbersCall(mod api.Module, f api.FunctionDefinition, args []uint64) error {
	if err := r.initialize(mod); err != nil {
		return err
	}
	got, err := mod.ExportedFunction(r.call.Export).Call(r.ctx, args...)
	if err != nil {
		return err
	}
	out := make([]any, len(got))
	for i, t := range f.ResultTypes() {
		switch t {
		case i32:
			out[i] = int32(got[i])
		case i64:
			out[i] = int64(got[i])
		case f32:
			out[i] = api.DecodeF32(got[i])
		default:
			out[i] = api.DecodeF64(got[i])
		}
	}
	var result []byte
	switch len(out) {
	case 0:
		return nil
	case 1:
		result, err = json.Marshal(out[0])
	default:
		result, err = json.Marshal(out)
	}
	if err != nil { // NaN and the infinities
		r.blame("the result of %s is not JSON: %v", r.call.Export, err)
		return nil
	}
	r.result = result
	return nil
}
