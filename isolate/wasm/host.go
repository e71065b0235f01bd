package wasm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// hostModule is the name under which a guest imports what is below. All of it is
// optional; a guest that imports nothing needs nothing.
const hostModule = "lull"

// What send, recv and progress return instead of a length or 0.
const (
	hostClosed   = -1 // the other side is gone, or there is none
	hostTooLarge = -2 // more than a message may have, or no JSON for progress
)

var hostFunctions = []struct {
	name            string
	params, results []api.ValueType
	call            func(r *run, mem api.Memory, stack []uint64) error
}{
	{"send", []api.ValueType{i32, i32}, []api.ValueType{i32}, (*run).hostSend},
	{"recv", []api.ValueType{i32, i32}, []api.ValueType{i32}, (*run).hostReceive},
	{"progress", []api.ValueType{i32, i32}, []api.ValueType{i32}, (*run).hostProgress},
	{"stopping", nil, []api.ValueType{i64}, (*run).hostStopping},
}

// instantiateHost makes the host module.
func instantiateHost(ctx context.Context, rt wazero.Runtime) (api.Module, error) {
	b := rt.NewHostModuleBuilder(hostModule)
	for _, f := range hostFunctions {
		b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(ctx context.Context, mod api.Module, stack []uint64) {
			r, ok := ctx.Value(runKey{}).(*run)
			if !ok {
				panic(errors.New("called outside of a run"))
			}
			if err := f.call(r, r.memory(mod), stack); err != nil {
				panic(fmt.Errorf("%s.%s: %w", hostModule, f.name, err))
			}
		}), f.params, f.results).Export(f.name)
	}
	return b.Instantiate(ctx)
}

// memory returns that of the instance; nil if it has none, which wazero does not tell.
func (r *run) memory(mod api.Module) api.Memory {
	if r.mem.buf == nil {
		return nil
	}
	return mod.Memory()
}

// guestBytes is a range of the guest's memory, which it chose. It is valid until the
// guest goes on.
func guestBytes(mem api.Memory, at, size uint64) ([]byte, error) {
	if mem == nil {
		return nil, errors.New("the module has no memory")
	}
	b, ok := mem.Read(uint32(at), uint32(size))
	if !ok {
		return nil, fmt.Errorf("%d bytes at %d are outside of the memory", uint32(size), uint32(at))
	}
	return b, nil
}

// hostProgress is progress(pointer, length) -> 0.
func (r *run) hostProgress(mem api.Memory, stack []uint64) error {
	b, err := guestBytes(mem, stack[0], stack[1])
	if err != nil {
		return err
	}
	if len(b) > r.call.ResultLimit || !json.Valid(b) {
		stack[0] = api.EncodeI32(hostTooLarge)
		return nil
	}
	if f := r.call.OnProgress; f != nil {
		f(bytes.Clone(b))
	}
	stack[0] = 0
	return nil
}

// hostStopping is stopping() -> milliseconds until the kill, -1 if nobody has asked.
func (r *run) hostStopping(_ api.Memory, stack []uint64) error {
	stack[0] = api.EncodeI64(-1)
	if _, left, ok := r.asked(); ok {
		stack[0] = api.EncodeI64(max(0, left.Milliseconds()))
	}
	return nil
}
