//go:build linux

package isolate_test

import (
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

// TestStopWhileNobodyHearsErrors has an isolate that waits to tell of an error to somebody
// who does not listen, and is asked to stop.
func TestStopWhileNobodyHearsErrors(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		heard := isolate.NewReceivePort[isolate.Uncaught](t.Context())
		defer heard.Close()
		c := hire(t, k, isolate.SpawnConfig{ErrorsNotFatal: true, OnError: []isolate.SendPort[isolate.Uncaught]{heard.SendPort()}})
		for range isolate.PortMessages + 100 {
			c.order(order{Do: "error"})
		}
		for isolate.Room(heard) {
			time.Sleep(time.Millisecond)
		}
		c.Stop("enough", time.Hour)
		select {
		case <-c.Done():
		case <-time.After(patience):
			t.Error("it is not over")
			heard.Close()
		}
	})
}
