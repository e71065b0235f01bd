package wasm_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/wasm"
)

// pathOpen and what follows are as wide as WASI's types.
var (
	pathOpen   = imported{wsi, "path_open", []byte{i32, i32, i32, i32, i32, i64, i64, i32, i32}, []byte{i32}}
	fdRenumber = imported{wsi, "fd_renumber", []byte{i32, i32}, []byte{i32}}
	fdClose    = imported{wsi, "fd_close", []byte{i32}, []byte{i32}}
)

// opens is the code that opens, and makes, the file "f" below a descriptor.
func opens(fd int64) []byte {
	return code(constant(fd), constant(0), constant(0), constant(1), constant(1), constant64(-1), constant64(-1),
		constant(0), constant(16), opCall, 0)
}

// TestRenumber has a guest that wants a descriptor of an extreme number, for which the
// runtime would make a table of so many places.
func TestRenumber(t *testing.T) {
	m := compile(t, text{
		imports: []imported{pathOpen, fdRenumber, procExit}, pages: 1, data: "f",
		functions: []function{{export: wasm.Start, code: code(
			opens(3), opDrop, constant(4), constant(1<<26), opCall, 1, opCall, 2)}},
	}.assemble(), wasm.Config{})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	e := run(t, m, wasm.Call{})
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 64<<20 {
		t.Errorf("it took %d bytes of the host's memory", n)
	}
	if e.Outcome != isolate.Error || e.Code == 0 {
		t.Error(e)
	}
}

// TestOpenFiles has a guest that opens a file again and again, and exits with the number of
// an error.
func TestOpenFiles(t *testing.T) {
	again := func(fd int64, closes []byte) []byte {
		return code(opLoop, void, opens(fd), opSet, 0, opGet, 0, opIf, void, opGet, 0, opCall, 1, end,
			closes, opGet, 1, constant(1), opI32Add, opSet, 1,
			opGet, 1, constant(5000), opI32DivS, opIf, void, constant(0), opCall, 1, end,
			opBr, 0, end)
	}
	for _, test := range []struct {
		name   string
		closes []byte
		dirs   bool
		code   int
	}{
		{"in memory", nil, false, 29},
		{"of this machine", nil, true, 29},
		{"in memory, closed", code(constant(4), opCall, 2, opDrop), false, 0},
		{"of this machine, closed", code(constant(5), opCall, 2, opDrop), true, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir, fd := t.TempDir(), int64(3)
			call := wasm.Call{}
			if test.dirs {
				if err := os.WriteFile(filepath.Join(dir, "f"), nil, 0o600); err != nil {
					t.Fatal(err)
				}
				call.Dirs, fd = []wasm.Dir{{Host: dir, Guest: "/d"}}, 4
			}
			m := compile(t, text{
				imports: []imported{pathOpen, procExit, fdClose}, pages: 1, data: "f",
				functions: []function{{export: wasm.Start, locals: 2, code: again(fd, test.closes)}},
			}.assemble(), wasm.Config{})
			if e := run(t, m, call); e.Code != test.code {
				t.Error(e, fmt.Sprintf("%q", e.Tail))
			}
		})
	}
}
