//go:build linux

package isolate_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

var stamp = isolate.Named[isolate.SendPort[[3]int64], int]("stamp")

func doStamp(ctx context.Context, in isolate.SendPort[[3]int64]) (int, error) {
	a := time.Now().UnixNano()
	rp := isolate.NewReceivePort[[]byte](ctx)
	defer rp.Close()
	b := time.Now().UnixNano()
	return 0, in.Send(ctx, [3]int64{a, b})
}

func TestZZ(t *testing.T) {
	s := newSpawner(t, isolate.Config{Warm: 4})
	ctx := context.Background()
	p := isolate.NewReceivePort[[3]int64](ctx)
	var d [5][]int64
	for range 200 {
		isolate.AwaitWarm(s)
		time.Sleep(5 * time.Millisecond)
		t0 := time.Now().UnixNano()
		iso, err := isolate.Spawn(ctx, stamp, p.SendPort(), isolate.SpawnConfig{Spawner: s})
		if err != nil {
			t.Fatal(err)
		}
		t1 := time.Now().UnixNano()
		v, _ := p.Receive(ctx)
		t2 := time.Now().UnixNano()
		for i, x := range []int64{t1 - t0, v[0] - t0, v[1] - v[0], t2 - v[1], t2 - t0} {
			d[i] = append(d[i], x/1000)
		}
		<-iso.Done()
	}
	for i := range d {
		slices.Sort(d[i])
		fmt.Println(i, d[i][10], d[i][50], d[i][100], d[i][180])
	}
}
