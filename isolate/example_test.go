//go:build linux

package isolate_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/lullwork/lull/isolate"
)

// The entry points "double" and "behave" are given to isolate.Main in TestMain.
func Example() {
	n, err := isolate.Run(context.Background(), double, 21)
	fmt.Println(n, err)
	// Output: 42 <nil>
}

func ExampleRun_crash() {
	// A nil pointer in the isolate is an error here, not the end.
	_, err := isolate.Run(context.Background(), behave, "nil")
	var exit *isolate.ExitError
	if errors.As(err, &exit) {
		fmt.Println(exit.Exit.Outcome)
	}
	// Output: crashed
}

// The providers, and the entry point "listed" with its Needs("pair", "lazy"), are given
// to isolate.Main in TestMain.
func ExampleVerify() {
	report, err := isolate.Verify(context.Background(), "listed", "forgotten")
	if err != nil {
		log.Fatal(err)
	}
	for _, entry := range report.Entries {
		for _, plugin := range entry.Plugins {
			fmt.Println(entry.Name, plugin.Name, plugin.Problem == "")
		}
	}
	fmt.Println(report.Findings())
	// Output:
	// listed pair true
	// listed counter true
	// listed lazy true
	// [entry point "forgotten": no such entry point: pass it to isolate.Main]
}

func ExampleSpawner_Start() {
	s, err := isolate.NewSpawner(isolate.Config{Instance: "example"})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	p, err := s.Start(isolate.Spec{
		Shell: `read input; echo "got $input"; echo '{"files": 3}' > "$LULL_OUTPUT"`,
		Input: []byte(`{"dir": "photos"}`),
	})
	if err != nil {
		log.Fatal(err)
	}
	exit := p.Wait()
	fmt.Println(exit)
	fmt.Printf("%s\n%s", exit.Result, exit.Tail)
	// Output:
	// success
	// {"files": 3}
	// got {"dir": "photos"}
}

func ExampleProcess_Stop() {
	s, err := isolate.NewSpawner(isolate.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	p, err := s.Start(isolate.Spec{Shell: "setsid sleep 1000 & sleep 1000"})
	if err != nil {
		log.Fatal(err)
	}
	p.Stop("the budget is over", 10*time.Second)
	exit := p.Wait() // both sleeps are gone, although one has a session of its own
	fmt.Println(exit)
	// Output: stopped: the budget is over
}

// summer adds what it is sent, until its port is closed by the message 0.
var summer = isolate.Named[isolate.SendPort[isolate.SendPort[int]], int]("summer")

func doSummer(ctx context.Context, hello isolate.SendPort[isolate.SendPort[int]]) (int, error) {
	numbers := isolate.NewReceivePort[int](ctx)
	defer numbers.Close()
	if err := hello.Send(ctx, numbers.SendPort()); err != nil {
		return 0, err
	}
	sum := 0
	for n := range numbers.All(ctx) {
		if n == 0 {
			return sum, nil
		}
		sum += n
	}
	return sum, numbers.Err()
}

func ExampleSpawn() {
	ctx := context.Background()
	hello := isolate.NewReceivePort[isolate.SendPort[int]](ctx)
	defer hello.Close()
	iso, err := isolate.Spawn(ctx, summer, hello.SendPort(), isolate.SpawnConfig{})
	if err != nil {
		log.Fatal(err)
	}
	numbers, err := hello.Receive(ctx) // the isolate's own port
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range []int{1, 2, 39, 0} {
		if err := numbers.Send(ctx, n); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(iso.Result(ctx))
	// Output: 42 <nil>
}

func ExampleNewTransfer() {
	ctx := context.Background()
	port := isolate.NewReceivePort[isolate.Transfer](ctx)
	defer port.Close()
	t, err := isolate.NewTransfer(port.SendPort(), 3)
	if err != nil {
		log.Fatal(err)
	}
	copy(t.Bytes(), "abc")
	fmt.Println(port.SendPort().Send(ctx, t))
	fmt.Println(port.SendPort().Send(ctx, t) != nil) // it has left
	got, err := port.Receive(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", got.Bytes())
	_ = got.Release()
	// Output:
	// <nil>
	// true
	// abc
}

func ExampleSandbox() {
	s, err := isolate.NewSpawner(isolate.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	p, err := s.Start(isolate.Spec{
		Shell:   `cat /etc/shadow 2> /dev/null || echo refused; echo x > "$TMPDIR/x" && echo written`,
		Sandbox: &isolate.Sandbox{NoNetwork: true},
		CPUTime: time.Minute,
		Require: []isolate.LayerName{isolate.LayerFiles, isolate.LayerNetwork},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", p.Wait().Tail)
	// It prints "refused" and "written". On a host that cannot enforce a layer that is
	// required, Start says which one, and why.
}
