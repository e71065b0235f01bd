// Command reactor is a library for GOOS=wasip1 -buildmode=c-shared: functions that take
// JSON and give JSON, and some that take numbers.
package main

import (
	"os"
	"strconv"
	"strings"
	"unsafe"
)

func main() {}

var (
	input  []byte // what the host writes into
	output []byte // kept until the next call
	calls  int
)

//go:wasmexport lull_alloc
func alloc(size uint32) uint32 {
	input = make([]byte, max(size, 1))
	return uint32(uintptr(unsafe.Pointer(&input[0])))
}

// shout reads the JSON of its tests only: package encoding/json would be a third of the
// module.
//
//go:wasmexport shout
func shout(_, size uint32) uint64 {
	_, value, ok := strings.Cut(string(input[:size]), `{"path":`)
	path, err := strconv.Unquote(strings.Trim(value, " }"))
	if !ok || err != nil {
		os.Stderr.WriteString("no object with a path: " + string(input[:size]) + "\n")
		os.Exit(1)
	}
	calls++
	output = []byte(`{"calls":` + strconv.Itoa(calls) + `,"path":` + strconv.Quote(strings.ToUpper(path)) + "}")
	return uint64(uintptr(unsafe.Pointer(&output[0])))<<32 | uint64(len(output))
}

//go:wasmexport later
func later(_, _ uint32) uint64 {
	os.Exit(75)
	return 0
}

//go:wasmexport nothing
func nothing(_, _ uint32) uint64 { return 0 }

//go:wasmexport add
func add(a, b int32) int32 { return a + b }
