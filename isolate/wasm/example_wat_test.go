package wasm_test

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "rewrite testdata/add.wasm")

// addText is testdata/add.wat.
var addText = text{imports: []imported{lullRecv, lullSend}, pages: 1, functions: []function{
	{export: "add", params: []byte{i32, i32}, results: one, code: code(opGet, 0, opGet, 1, opI32Add)},
	{export: "forever", code: loops},
	{export: "echo", locals: 1, code: code(
		opLoop, void,
		constant(0), constant(65536), opCall, 0, opSet, 0,
		opGet, 0, constant(0), 0x4e, // i32.ge_s
		opIf, void,
		constant(0), opGet, 0, opCall, 1, opDrop,
		opBr, 1,
		end,
		end,
	)},
}}

func TestAdd(t *testing.T) {
	const file = "testdata/add.wasm"
	binary := addText.assemble()
	if *rewrite {
		if err := os.WriteFile(file, binary, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, binary) {
		t.Errorf("%s is not what it was made from: %v", file, err)
	}
}
