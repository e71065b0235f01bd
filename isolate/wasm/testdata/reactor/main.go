// Command reactor is a library for GOOS=wasip1 -buildmode=c-shared: functions that take
// JSON and give JSON, and some that take numbers.
package main

import (
	"encoding/json"
	"os"
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

func give(v any) uint64 {
	output, _ = json.Marshal(v)
	return uint64(uintptr(unsafe.Pointer(&output[0])))<<32 | uint64(len(output))
}

type photo struct {
	Path string `json:"path"`
}

//go:wasmexport shout
func shout(_, size uint32) uint64 {
	var p photo
	if err := json.Unmarshal(input[:size], &p); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	calls++
	return give(map[string]any{"path": strings.ToUpper(p.Path), "calls": calls})
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
