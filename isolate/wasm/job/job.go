// Package job describes a run of a WebAssembly module in a child process. It is apart from
// package wasm so that who only hands out such runs does not link a WebAssembly runtime.
package job

import (
	"encoding/json"

	"github.com/lullwork/lull/isolate"
)

// Entry is the name of the entry point that runs a [Job], made by wasm.Entry.
const Entry = "lull:wasm"

// Task is that entry point with its types, for [isolate.Run].
const Task = isolate.Named[Job, json.RawMessage](Entry)

// Job is the input of the entry point. Fields without a comment are those of wasm.Call
// and wasm.Config.
type Job struct {
	// File is the module.
	File string `json:"file"`
	// Export is the function to call. Default: _start.
	Export      string          `json:"export,omitempty"`
	Input       json.RawMessage `json:"input,omitempty"`
	Args        []string        `json:"args,omitempty"`
	Env         []string        `json:"env,omitempty"`
	Dirs        []Dir           `json:"dirs,omitempty"`
	MemoryBytes int64           `json:"memory,omitempty"`
	ResultLimit int             `json:"resultLimit,omitempty"`
	CacheDir    string          `json:"cache,omitempty"`
	RealTime    bool            `json:"realTime,omitempty"`
	RealRandom  bool            `json:"realRandom,omitempty"`
	// Check: the module is compiled and the export looked for; nothing is run.
	Check bool `json:"check,omitempty"`

	// Out is where the messages go that the guest sends. Default: nowhere, send returns -1.
	Out isolate.SendPort[[]byte] `json:"-"`
	// Ready is sent the port of the guest, before it runs; a nil message to that tells it that no
	// more come. Default: the guest has none, recv returns -1.
	Ready isolate.SendPort[isolate.SendPort[[]byte]] `json:"-"`
}

// Dir is a folder that the guest may use, see wasm.Dir.
type Dir struct {
	Host     string `json:"host"`
	Guest    string `json:"guest"`
	ReadOnly bool   `json:"readOnly,omitempty"`
}

// ProcessMemory is the memory of the whole process in which a guest may have so much:
// while a memory grows there are two of it for a moment, and the compiler needs some.
func ProcessMemory(guest int64) int64 { return 2*guest + 256<<20 }
