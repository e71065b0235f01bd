//go:build linux

package isolate_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// What lies in store for the next start goes when the spawner does.
func TestCloseDropsTheSpare(t *testing.T) {
	useSpares(t) // what the first of them opens for good, as the poller, is no matter of theirs
	before := descriptors(t)
	useSpares(t)
	left := descriptors(t)
	for end := time.Now().Add(patience); left > before && time.Now().Before(end); left = descriptors(t) {
		time.Sleep(time.Millisecond) // one may be on its way into the store
	}
	if left > before {
		t.Errorf("%d descriptors, %d before", left, before)
	}
}

// useSpares starts isolates of a spawner until it has something in store, and closes it.
func useSpares(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	hello := isolate.NewReceivePort[bytesPort](ctx)
	defer hello.Close()
	s, err := isolate.NewSpawner(isolate.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // the later ones take what the ones before laid in store
		iso, err := isolate.Spawn(ctx, bencher, benchIn{Mine: hello.SendPort()}, isolate.SpawnConfig{Spawner: s})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := hello.Receive(ctx); err != nil {
			t.Fatal(err)
		}
		if err := iso.Kill(isolate.Immediate); err != nil {
			t.Fatal(err)
		}
		<-iso.Done()
	}
	for end := time.Now().Add(patience); !isolate.HasSpare(s); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nothing is in store")
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
