package plan

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// Wasm is a WebAssembly module that a task stands for.
type Wasm struct {
	File   string `json:"file,omitempty"`
	Export string `json:"export,omitempty"` // "": the module is a command
	Clock  bool   `json:"clock,omitempty"`  // it gets this machine's time
	Random bool   `json:"random,omitempty"` // it gets randomness
}

var wasmKeys = []keyOf[*Wasm]{
	{"module", func(w *Wasm, f field) { w.readModule(f) }},
	{"clock", func(w *Wasm, f field) { w.Clock, _ = f.yes() }},
	{"random", func(w *Wasm, f field) { w.Random, _ = f.yes() }},
}

const wasmHint = "write wasm: sync.wasm#sync, the file and the export; the export is left out for a command"

// readWasm reads file#export, or a mapping with that and what the module may see.
func (t *taskDraft) readWasm(f field) {
	if f.val.Kind != yaml.MappingNode {
		t.Wasm.readModule(f)
		return
	}
	entries, ok := readKeys(f, &t.Wasm, wasmKeys)
	for _, e := range entries {
		if e.keyName() == "module" {
			return
		}
	}
	if ok {
		f.refuse("write wasm: {module: sync.wasm#sync, clock: true}", "has no module")
	}
}

func (w *Wasm) readModule(f field) {
	s, ok := f.text()
	if !ok {
		return
	}
	file, export := s, ""
	i := strings.LastIndexByte(s, '#')
	if i >= 0 {
		file, export = s[:i], s[i+1:]
	}
	switch {
	case strings.TrimSpace(file) == "":
		f.fail(wasmHint, "names no file")
	case i >= 0 && strings.TrimSpace(export) == "":
		f.fail(wasmHint, "names no export after #")
	default:
		w.File, w.Export = file, export
	}
}

// checkWasm refuses what a module cannot have.
func (t *taskDraft) checkWasm() {
	if t.Limits.Processes > 0 {
		t.at["limits"].refuse("remove processes", "processes: a module starts none")
	}
	if t.Sandbox != nil {
		t.at["sandbox"].refuse("remove sandbox, and name the one folder that it may use in dir", "a module reaches nothing that it is not given")
	}
}
