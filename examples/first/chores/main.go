// Command chores does what the plan beside it asks for: it makes an inventory of
// the Go toolchain's source, archives it, verifies the archive, and reports.
//
// It is an ordinary program: lull hands it input on stdin and takes a result from
// the file that LULL_OUTPUT names, and it does not have to care about either.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// out is the folder of everything that the chores make, beside the plan.
const out = "out"

func main() {
	chores := map[string]func() (any, error){
		"inventory": inventory, "archive": archive, "verify": verify, "report": report, "duplicates": duplicates,
	}
	if len(os.Args) != 2 || chores[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: chores inventory|archive|verify|report|duplicates")
		os.Exit(2)
	}
	result, err := chores[os.Args[1]]()
	if err == nil {
		err = hand(result)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "chores:", err)
		os.Exit(1)
	}
}

// hand gives the result to lull, which hands it on to the task that comes after.
func hand(result any) error {
	b, err := json.Marshal(result)
	if err != nil {
		return err
	}
	fmt.Println(string(b))
	if name := os.Getenv("LULL_OUTPUT"); name != "" {
		return os.WriteFile(name, b, 0o600)
	}
	return nil
}
