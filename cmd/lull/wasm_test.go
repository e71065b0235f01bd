package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// guests are the WebAssembly modules of the scripts, built once.
var guests struct {
	sync.Mutex
	files map[string][]byte
}

// guest NAME FILE writes a module of isolate/wasm/testdata: add, which is there, or a Go
// program, which is built.
func guest(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: guest NAME FILE")
	}
	binary, err := buildGuest(args[0])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), binary, 0o600))
}

func buildGuest(name string) ([]byte, error) {
	guests.Lock()
	defer guests.Unlock()
	if b := guests.files[name]; b != nil {
		return b, nil
	}
	const testdata = "../../isolate/wasm/testdata/"
	if name == "add" {
		return os.ReadFile(testdata + "add.wasm")
	}
	dir, err := os.MkdirTemp("", "lull-guest-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, name)
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-o", file, testdata+name)
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build %s for wasip1: %w\n%s", name, err, out)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if guests.files == nil {
		guests.files = map[string][]byte{}
	}
	guests.files[name] = b
	return b, nil
}
