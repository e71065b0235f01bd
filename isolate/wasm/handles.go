package wasm

import (
	"context"
	"io/fs"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	expsys "github.com/tetratelabs/wazero/experimental/sys"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// maxOpen is how many files a guest may have open at a time: each takes a descriptor of
// this process, or memory.
const maxOpen = 1024

// bounded is a file system of which few files are open.
type bounded struct {
	expsys.FS
	left *int // of all file systems of the guest
}

func (b bounded) OpenFile(path string, flag expsys.Oflag, perm fs.FileMode) (expsys.File, expsys.Errno) {
	if *b.left == 0 {
		return nil, expsys.EIO // EMFILE is not among wazero's
	}
	f, errno := b.FS.OpenFile(path, flag, perm)
	if errno != 0 {
		return nil, errno
	}
	*b.left--
	return &counted{f, b.left}, 0
}

type counted struct {
	expsys.File
	left *int // nil when it is closed
}

func (c *counted) Close() expsys.Errno {
	if c.left != nil {
		*c.left++
		c.left = nil
	}
	return c.File.Close()
}

// instantiateWASI makes WASI's host module but for fd_renumber. wazero keeps descriptors in a
// table with a place for each number, so that a guest would choose how large it is: up to 17 GB.
func instantiateWASI(ctx context.Context, rt wazero.Runtime) (api.Module, error) {
	const notSupported = 58 // https://github.com/WebAssembly/WASI/blob/snapshot-01/phases/snapshot/docs.md#errno
	b := rt.NewHostModuleBuilder(wasi_snapshot_preview1.ModuleName)
	wasi_snapshot_preview1.NewFunctionExporter().ExportFunctions(b)
	b.NewFunctionBuilder().WithGoFunction(api.GoFunc(func(_ context.Context, stack []uint64) {
		stack[0] = notSupported
	}), []api.ValueType{i32, i32}, []api.ValueType{i32}).Export("fd_renumber")
	return b.Instantiate(ctx)
}
