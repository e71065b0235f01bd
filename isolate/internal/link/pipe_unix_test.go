//go:build unix

package link_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/lullwork/lull/isolate/internal/link"
	"github.com/lullwork/lull/isolate/internal/link/linktest"
)

const testMax = 65 << 20

func pipes(t testing.TB) (r1, w1, r2, w2 *os.File) {
	t.Helper()
	r1, w1, err1 := os.Pipe()
	r2, w2, err2 := os.Pipe()
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return r1, w1, r2, w2
}

func pipeKind() linktest.Kind {
	cfg := link.PipeConfig{MaxMessage: testMax}
	return linktest.Kind{
		Pair: func(t testing.TB) (a, b linktest.Link) {
			r1, w1, r2, w2 := pipes(t)
			return link.NewPipe(r1, w2, cfg), link.NewPipe(r2, w1, cfg)
		},
		Start: func(t testing.TB, cmd *exec.Cmd) linktest.Link {
			r1, w1, r2, w2 := pipes(t)
			startWith(t, cmd, "pipe", r2, w1)
			return link.NewPipe(r1, w2, cfg)
		},
		Held:       64<<10 + 64<<10, // the kernel's pipe, which counts pages, and our read-ahead
		MaxMessage: testMax,
	}
}

func openPipe() (linktest.Link, error) {
	var files [2]*os.File
	for i := range files {
		f, err := link.Inherited(3 + i)
		if err != nil {
			return nil, err
		}
		files[i] = f
	}
	return link.NewPipe(files[0], files[1], link.PipeConfig{MaxMessage: testMax}), nil
}

func TestPipe(t *testing.T) { linktest.Run(t, pipeKind()) }
