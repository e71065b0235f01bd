// Package trial takes the figures of isolates that a Go program starts: what is timed stands here once, and a kind of
// isolate is only told to start one and to pass messages.
//
// A program does one trial and exits. It is asked by arguments of the form key=value, which a program in any language
// reads in a few lines, and answers in lines of JSON on its standard output.
package trial

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Measures.
const (
	Spawn     = "spawn"     // start one, exchange 64 bytes; NS
	Lives     = "lives"     // the same and its end, again and again; Amount and Seconds
	RoundTrip = "roundtrip" // Size bytes there and back; NS
	OneWay    = "oneway"    // Size bytes there; Amount (bytes) and Seconds
	Transfer  = "transfer"  // a buffer of Size bytes handed over, until the small answer; NS
	Memory    = "memory"    // N alive at once, between two barriers
	Leaks     = "leaks"     // N started and ended, between two barriers
)

// MinSamples are taken even if For is over before that.
const MinSamples = 20

// FirstMessage is the size of the message whose answer ends a spawn.
const FirstMessage = 64

// A Request is one trial. Sampling ends with N samples or with For, whichever comes first.
type Request struct {
	Measure  string
	Size     int           // of a message, in bytes
	N        int           // samples, isolates or rounds
	WarmUp   int           // samples (or rounds) before those that count
	Spawners int           // that start isolates at the same time
	For      time.Duration // how long to go on
}

// Args is r as a program's arguments.
func (r Request) Args() []string {
	return []string{
		"measure=" + r.Measure,
		"size=" + strconv.Itoa(r.Size),
		"n=" + strconv.Itoa(r.N),
		"warmup=" + strconv.Itoa(r.WarmUp),
		"spawners=" + strconv.Itoa(r.Spawners),
		"ms=" + strconv.FormatInt(r.For.Milliseconds(), 10),
	}
}

// ParseRequest reads what Args wrote. All keys are needed.
func ParseRequest(args []string) (Request, error) {
	var r Request
	numbers := map[string]*int{"size": &r.Size, "n": &r.N, "warmup": &r.WarmUp, "spawners": &r.Spawners}
	var ms int
	numbers["ms"] = &ms
	for _, arg := range args {
		key, value, _ := strings.Cut(arg, "=")
		if key == "measure" && r.Measure == "" {
			r.Measure = value
			continue
		}
		to, ok := numbers[key]
		if !ok {
			return Request{}, fmt.Errorf("argument %q is unknown or given twice", arg)
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 {
			return Request{}, fmt.Errorf("argument %q: a whole number of zero or more is needed", arg)
		}
		*to = n
		delete(numbers, key)
	}
	if r.Measure == "" || len(numbers) > 0 {
		return Request{}, fmt.Errorf("arguments are missing: %q", args)
	}
	r.For = time.Duration(ms) * time.Millisecond
	return r, nil
}

// A Line is one line of a program's answer. At a barrier the program waits for a line on its standard input.
type Line struct {
	NS      []int64 `json:"ns,omitempty"`      // samples, in the order taken
	Amount  float64 `json:"amount,omitempty"`  // lives or bytes
	Seconds float64 `json:"seconds,omitempty"` // that it took

	Barrier    string `json:"barrier,omitempty"` // Before or After
	Goroutines int    `json:"goroutines,omitempty"`
}

// Barriers: what is counted at After and was not there at Before belongs to the isolates.
const (
	Before = "before"
	After  = "after"
)
