package isolatetest_test

import (
	"os"
	"testing"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/isolatetest"
)

func TestMain(m *testing.M) {
	isolate.Main(isolatetest.Entries()...)
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // children built with -race would stay a second
	os.Exit(m.Run())
}

func TestPorts(t *testing.T) {
	warm, err := isolate.NewSpawner(isolate.Config{Warm: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := warm.Close(); err != nil {
			t.Error(err)
		}
	}()
	isolatetest.Run(t, isolatetest.Ports("process", isolate.Child, nil))
	isolatetest.Run(t, isolatetest.Ports("warm process", isolate.Child, warm))
	isolatetest.Run(t, isolatetest.Ports("inline", isolate.Inline, nil))
}
