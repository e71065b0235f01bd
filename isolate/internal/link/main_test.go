//go:build unix

package link_test

import (
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/lullwork/lull/isolate/internal/link/linktest"
)

// envKind tells a peer which kind of link it has inherited.
const envKind = "LINK_TEST_KIND"

func TestMain(m *testing.M) {
	linktest.Main(func() (linktest.Link, error) {
		open, ok := openers()[os.Getenv(envKind)]
		if !ok {
			return nil, errors.New("unknown kind of link")
		}
		return open()
	})

	os.Exit(m.Run())
}

// startWith starts cmd with files as its descriptors from 3 on, and closes them here.
func startWith(t testing.TB, cmd *exec.Cmd, kind string, files ...*os.File) {
	t.Helper()
	cmd.Env = append(cmd.Env, envKind+"="+kind)
	cmd.ExtraFiles = files
	err := cmd.Start()
	for _, f := range files {
		f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}
