package wasm_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/wasm"
)

// TestRefused has what is no module, or none that can run here.
func TestRefused(t *testing.T) {
	table := func(tables ...[]byte) []byte { return text{tables: list(tables...)}.assemble() }
	for _, test := range []struct {
		name, binary, message string
	}{
		{"empty", "", "the file is empty"},
		{"text format", "(module\n  (func))", "this is the text format; assemble it first, as with wat2wasm"},
		{"program", "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02", `it begins with "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00", not with the magic number of WebAssembly`},
		{"short", "\x00asm", `it begins with "\x00asm", not with the magic number of WebAssembly`},
		{"component", "\x00asm\x0d\x00\x01\x00", "this is a component; build a core module instead, for WASI preview 1 (wasip1)"},
		{"version", "\x00asm\x02\x00\x00\x00", "version 2 of the binary format is not known"},
		{"cut off", string(adder.assemble()[:20]), "section at byte 17: the module is cut off"},
		{"section too long", "\x00asm\x01\x00\x00\x00\x01\xff\xff\xff\xff\x0f", "section at byte 8: the module is cut off"},
		{"number too long", "\x00asm\x01\x00\x00\x00\x01\xff\xff\xff\xff\xff\x0f", "section at byte 8: a number has more than 32 bits"},
		{
			"unknown host module",
			string(text{imports: []imported{{"env", "abort", nil, nil}, {"env", "log", nil, nil}}}.assemble()),
			`it imports what is not here: module "env"; there are "wasi_snapshot_preview1" and "lull"`,
		},
		{
			"unknown host functions",
			string(text{imports: []imported{{"lull", "sned", nil, nil}, {wsi, "proc_exit", []byte{i64}, nil}}}.assemble()),
			`it imports what is not here: function "sned" of "lull", function "proc_exit" of "wasi_snapshot_preview1" as (i64) -> (), which is (i32) -> (); there are "wasi_snapshot_preview1" and "lull"`,
		},
		{
			"memory of somebody else",
			"\x00asm\x01\x00\x00\x00" + string(section(2, list(code(str("env"), str("memory"), 2, 0, 1)))),
			`section 2: it imports "env" "memory", which is no function: there is nobody to share memory, tables or globals with`,
		},
		{"memory over the limit", string(text{pages: 17}.assemble()), "it wants 1114112 bytes of memory at the start, the limit is 1048576"},
		{"huge table", string(table(code(0x70, 0, leb(1<<27)))), "section 4: a table of 134217728 elements: at most 1048576"},
		{"many tables", string(table(code(0x70, 0, 1), code(0x70, 0, 1), code(0x70, 0, 1), code(0x70, 0, 1), code(0x70, 0, 1), code(0x70, 0, 1), code(0x70, 0, 1), code(0x70, 0, 1), code(0x70, 0, 1))), "section 4: 9 tables: at most 8"},
		{"odd table", string(table(code(0x40, 0, 0x70, 0, 1))), "section 4: a table of type 0x40 is not supported, only funcref and externref"},
		{"shared memory", "\x00asm\x01\x00\x00\x00" + string(section(5, list(code(3, 1, 1)))), "section 5: limits of kind 3 (shared or 64 bit) are not supported"},
		{"bad code", string(text{functions: []function{{code: code(opI32Add)}}}.assemble()), ""},
		{"start function with parameters", string(text{start: 1, functions: []function{{params: one}}}.assemble()), ""},
		{"start function that is not there", string(text{start: 8, functions: []function{{}}}.assemble()), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, err := wasm.Compile(context.Background(), []byte(test.binary), wasm.Config{MemoryBytes: 1 << 20})
			if m != nil || !errors.Is(err, wasm.ErrModule) {
				t.Fatal(err)
			}
			if got := strings.TrimPrefix(err.Error(), wasm.ErrModule.Error()+": "); test.message != "" && got != test.message {
				t.Errorf("got\n%s\nwant\n%s", got, test.message)
			}
		})
	}
}

// TestLengths: a list that says that it is long makes no room for what is not there.
func TestLengths(t *testing.T) {
	huge := binary.AppendUvarint(nil, 1<<32-1)
	for name, s := range map[string][]byte{
		"types":             section(1, huge),
		"parameters":        section(1, code(1, 0x60, huge)),
		"results":           section(1, code(1, 0x60, 0, huge)),
		"imports":           section(2, huge),
		"import name":       section(2, code(1, huge)),
		"functions":         section(3, huge),
		"tables":            section(4, huge),
		"memories":          section(5, huge),
		"globals":           section(6, huge),
		"exports":           section(7, huge),
		"export name":       section(7, code(1, huge)),
		"elements":          section(9, huge),
		"indexes":           section(9, code(1, 0, constant(0), end, huge)),
		"expressions":       section(9, code(1, 5, 0x70, huge)),
		"indexes of 2":      section(9, code(1, 2, 0, constant(0), end, 0, huge)),
		"expressions of 6":  section(9, code(1, 6, 0, constant(0), end, 0x70, huge)),
		"codes":             section(10, huge),
		"code":              section(10, code(1, huge)),
		"groups of locals":  section(10, code(1, leb(6), huge, 0)),
		"locals":            section(10, code(1, leb(8), 1, huge, i32, end)),
		"all locals":        section(10, slices.Concat(leb(200), bytes.Repeat(code(leb(6), 1, leb(50_000), i32, end), 200))),
		"data segments":     section(11, huge),
		"data":              section(11, code(1, 0, constant(0), end, huge)),
		"data of 2":         section(11, code(1, 2, 0, constant(0), end, huge)),
		"passive data":      section(11, code(1, 1, huge)),
		"type of a kind":    section(1, code(1, 0x4e, huge)),
		"endless constant":  section(6, code(1, i32, 0, opI32, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80)),
		"no end":            section(6, code(1, i32, 0, constant(0))),
		"instruction":       section(6, code(1, i32, 0, constant(0), constant(0), opI32Add, end)),
		"more than it says": section(3, code(1, 0, 0)),
		"unknown section":   section(14, nil),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := wasm.Compile(context.Background(), append([]byte("\x00asm\x01\x00\x00\x00"), s...), wasm.Config{})
			runtime.ReadMemStats(&after)
			if !errors.Is(err, wasm.ErrModule) {
				t.Errorf("%v", err)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
				t.Errorf("%d bytes were allocated: %v", n, err)
			}
		})
	}
	// Names are for messages: wrong ones are left out.
	good := append(adder.assemble(), section(0, code(str("name"), 1, leb(6), 1, 0, str("plus")))...)
	for name, names := range map[string][]byte{
		"names":           section(0, code(str("name"), 1, leb(5), huge)),
		"local names":     section(0, code(str("name"), 2, leb(5), huge)),
		"names of locals": section(0, code(str("name"), 2, leb(7), 1, 0, huge)),
		"module name":     section(0, code(str("name"), 0, leb(5), huge)),
		"part":            section(0, code(str("name"), 1, huge)),
		"good ones":       good[len(adder.assemble()):],
		"something else":  section(0, code(str("producers"), huge)),
	} {
		m := compile(t, append(adder.assemble(), names...), wasm.Config{})
		if e := run(t, m, wasm.Call{Export: "add", Input: []byte("[1,2]")}); string(e.Result) != "3" {
			t.Errorf("%s: %v", name, e)
		}
	}
}

func TestConfig(t *testing.T) {
	if _, err := wasm.Compile(context.Background(), adder.assemble(), wasm.Config{MemoryBytes: 1000}); err == nil || errors.Is(err, wasm.ErrModule) {
		t.Error(err)
	}
	for _, n := range []int64{-1, 1 << 40, 256 << 20} {
		m := compile(t, adder.assemble(), wasm.Config{MemoryBytes: n})
		want(t, run(t, m, wasm.Call{Export: "add", Input: []byte("[1,2]")}), isolate.Success, "")
	}
}

// TestCompileContext: compiling ends with the context, and blames nobody for it.
func TestCompileContext(t *testing.T) {
	binary, err := os.ReadFile(guest(t, "reactor"))
	if err != nil {
		t.Fatal(err)
	}
	gone := errors.New("the app closes")
	for _, after := range []time.Duration{0, time.Millisecond, 50 * time.Millisecond} {
		ctx, cancel := context.WithCancelCause(context.Background())
		if after == 0 {
			cancel(gone)
		} else {
			time.AfterFunc(after, func() { cancel(gone) })
		}
		m, err := wasm.Compile(ctx, binary, wasm.Config{})
		if m != nil { // this machine is fast
			err = errors.Join(m.Close(), gone)
		}
		if !errors.Is(err, gone) || errors.Is(err, wasm.ErrModule) {
			t.Errorf("after %v: %v", after, err)
		}
	}
}

// TestTableGrowth: tables are outside of the linear memory, and bounded all the same.
func TestTableGrowth(t *testing.T) {
	grow := func(n int64) []byte { return code(0xd0, 0x70, constant(n), 0xfc, 15, 0) } // ref.null func, table.grow 0
	binary := text{
		tables: list(code(0x70, 0, 1)),
		functions: []function{
			{export: "little", results: one, code: grow(1000)},
			{export: "much", results: one, code: grow(1 << 20)},
		},
	}.assemble()
	m := compile(t, binary, wasm.Config{})
	for export, result := range map[string]string{"little": "1", "much": "-1"} {
		if e := run(t, m, wasm.Call{Export: export}); string(e.Result) != result {
			t.Errorf("%s: %v %s", export, e, e.Result)
		}
	}
}

func TestCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "cache")
	once := func() isolate.Exit {
		t.Helper()
		m, err := wasm.Compile(context.Background(), adder.assemble(), wasm.Config{CacheDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		e := run(t, m, wasm.Call{Export: "add", Input: []byte("[1, 2]")})
		if err := m.Close(); err != nil {
			t.Error(err)
		}
		return e
	}
	entries := func() []string {
		found, _ := filepath.Glob(filepath.Join(dir, "*", "wazero-*", "*"))
		return found
	}
	want(t, once(), isolate.Success, "")
	first := entries()
	if len(first) != 1 {
		t.Fatal(first)
	}
	info, err := os.Stat(first[0])
	if err != nil {
		t.Fatal(err)
	}
	want(t, once(), isolate.Success, "") // from the cache
	if again, err := os.Stat(first[0]); err != nil || !os.SameFile(info, again) {
		t.Error("the entry was made again", err)
	}
	good, err := os.ReadFile(first[0])
	if err != nil {
		t.Fatal(err)
	}
	damaged := [][]byte{nil, good[:len(good)/2], []byte("nonsense that is long enough to look like a header")}
	for i := range good {
		if i < 64 || i%97 == 0 {
			flipped := bytes.Clone(good)
			flipped[i] ^= 0xff
			damaged = append(damaged, flipped)
		}
	}
	for _, bad := range damaged {
		if err := os.WriteFile(first[0], bad, 0o600); err != nil {
			t.Fatal(err)
		}
		want(t, once(), isolate.Success, "")
		if got := entries(); len(got) != 1 || got[0] != first[0] {
			t.Fatal(got)
		}
		if b, err := os.ReadFile(first[0]); err != nil || !bytes.Equal(b, good) {
			t.Fatal("the entry is not good again", err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "new-*")); left != nil {
		t.Error(left)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := wasm.Compile(context.Background(), adder.assemble(), wasm.Config{CacheDir: dir}); err == nil || !strings.Contains(err.Error(), "others may write what would be executed") {
		t.Error(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := wasm.Compile(context.Background(), adder.assemble(), wasm.Config{CacheDir: file}); err == nil || errors.Is(err, wasm.ErrModule) {
		t.Error(err)
	}
}
