//go:build linux

package isolate_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"sync"
	"time"

	"github.com/lullwork/lull/isolate"
)

// The programs of docs/isolates.md. Their entry points are given to isolate.Main in
// TestMain.

// countPrimes is work for a processor.
func countPrimes(_ context.Context, below int) (int, error) {
	count := 0
	for n := 2; n < below; n++ {
		prime := true
		for d := 2; d*d <= n && prime; d++ {
			prime = n%d != 0
		}
		if prime {
			count++
		}
	}
	return count, nil
}

var Primes = isolate.Named[int, int]("primes")

func Example_oneShotGoroutine() {
	ctx := context.Background()
	result := make(chan int)
	go func() {
		n, _ := countPrimes(ctx, 100_000)
		result <- n
	}()
	fmt.Println(<-result)
	// Output: 9592
}

func Example_oneShotIsolate() {
	ctx := context.Background()
	n, err := isolate.Run(ctx, Primes, 100_000)
	fmt.Println(n, err)
	// Output: 9592 <nil>
}

func Example_longLivedGoroutine() {
	type add struct {
		n     int
		reply chan int
	}
	requests := make(chan add)
	go func() {
		total := 0
		for a := range requests {
			total += a.n
			a.reply <- total
		}
	}()
	reply := make(chan int)
	for n := range 3 {
		requests <- add{n + 1, reply}
		fmt.Println(<-reply)
	}
	close(requests)
	// Output:
	// 1
	// 3
	// 6
}

// Add is a request with the way back: a port can be sent over a port.
type Add struct {
	N     int
	Reply isolate.SendPort[int]
}

var Adder = isolate.Named[isolate.SendPort[isolate.SendPort[Add]], int]("adder")

func serveAdd(ctx context.Context, ready isolate.SendPort[isolate.SendPort[Add]]) (int, error) {
	requests := isolate.NewReceivePort[Add](ctx)
	if err := ready.Send(ctx, requests.SendPort()); err != nil {
		return 0, err
	}
	total := 0
	for a := range requests.All(ctx) {
		if a.N == 0 {
			requests.Close()
			break
		}
		total += a.N
		if err := a.Reply.Send(ctx, total); err != nil {
			return 0, err
		}
	}
	return total, requests.Err()
}

func Example_longLivedIsolate() {
	ctx := context.Background()
	ready := isolate.NewReceivePort[isolate.SendPort[Add]](ctx)
	defer ready.Close()
	reply := isolate.NewReceivePort[int](ctx)
	defer reply.Close()
	iso, err := isolate.Spawn(ctx, Adder, ready.SendPort(), isolate.SpawnConfig{})
	if err != nil {
		log.Fatal(err)
	}
	requests, err := ready.Receive(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for n := range 3 {
		if err := requests.Send(ctx, Add{n + 1, reply.SendPort()}); err != nil {
			log.Fatal(err)
		}
		total, _ := reply.Receive(ctx)
		fmt.Println(total)
	}
	_ = requests.Send(ctx, Add{})
	fmt.Println(iso.Result(ctx))
	// Output:
	// 1
	// 3
	// 6
	// 6 <nil>
}

// spin never looks at its context, like a decoder in a loop.
func spin(context.Context, int) (int, error) {
	for { //nolint:staticcheck // it spins on purpose
	}
}

var Spin = isolate.Named[int, int]("spin")

func Example_stopGoroutine() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		<-ctx.Done() // it ends because it looks; spin would go on for ever
	}()
	cancel()
	<-done
	fmt.Println("stopped, since it agreed")
	// Output: stopped, since it agreed
}

func Example_stopIsolate() {
	ctx := context.Background()
	iso, err := isolate.Spawn(ctx, Spin, 0, isolate.SpawnConfig{})
	if err != nil {
		log.Fatal(err)
	}
	time.Sleep(10 * time.Millisecond)
	_ = iso.Kill(isolate.Immediate)
	fmt.Println(iso.Wait().Outcome, "without being asked")
	// Output: stopped without being asked
}

func Example_limitsIsolate() {
	ctx := context.Background()
	iso, err := isolate.Spawn(ctx, Spin, 0, isolate.SpawnConfig{Spec: isolate.Spec{
		MemoryBytes: 256 << 20,
		Wall:        50 * time.Millisecond,
		Grace:       10 * time.Millisecond, // between the request to stop and the kill
		OutputLimit: 1 << 20,
	}})
	if err != nil {
		log.Fatal(err)
	}
	_, err = iso.Result(ctx)
	fmt.Println(err)
	// Output: isolate spin: stopped: budget: it may run for 50ms (killed)
}

var visits int

func visit(context.Context, int) (int, error) {
	visits++
	return visits, nil
}

var Visit = isolate.Named[int, int]("visit")

func Example_sharedGoroutine() {
	visits = 0
	var mu sync.Mutex // without it: a data race
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			_, _ = visit(context.Background(), 0)
		})
	}
	all.Wait()
	fmt.Println("here:", visits)
	// Output: here: 3
}

func Example_sharedIsolate() {
	visits = 0
	for range 3 {
		n, err := isolate.Run(context.Background(), Visit, 0)
		fmt.Println("there:", n, err)
	}
	fmt.Println("here:", visits)
	// Output:
	// there: 1 <nil>
	// there: 1 <nil>
	// there: 1 <nil>
	// here: 0
}

func ExampleUnsendableError() {
	ctx := context.Background()
	type job struct {
		Name string
		Done chan bool
	}
	port := isolate.NewReceivePort[job](ctx)
	defer port.Close()
	err := port.SendPort().Send(ctx, job{})
	var u *isolate.UnsendableError
	fmt.Println(errors.As(err, &u), u.Path)
	// Output: true job.Done
}
