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
