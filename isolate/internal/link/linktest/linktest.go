// Package linktest is the conformance suite of links.
package linktest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate/internal/link"
)

// Link is what every kind offers.
type Link interface {
	link.Taker
	link.Transferrer
}

// Kind is one kind of link.
type Kind struct {
	// Pair makes both ends in this process.
	Pair func(t testing.TB) (a, b Link)
	// Start adds the peer's end to the files that cmd inherits, starts it, and returns our
	// end. Nil: no tests with another process.
	Start func(t testing.TB, cmd *exec.Cmd) Link
	// Held is the bound of the bytes that were sent and not yet asked for.
	Held int
	// MaxMessage is the limit of Pair's links.
	MaxMessage int
	// Deaf is true if Interrupt cannot wake a blocked Recv.
	Deaf bool
}

// Run checks all that a link promises.
func Run(t *testing.T, k Kind) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Kind)
	}{
		{"Sizes", sizes},
		{"Parts", parts},
		{"ManySenders", manySenders},
		{"BothWays", bothWays},
		{"BackPressure", backPressure},
		{"CloseWakes", closeWakes},
		{"SentBeforeClose", sentBeforeClose},
		{"TooLong", tooLong},
		{"Into", into},
		{"Interrupt", interrupt},
		{"InterruptLosesNothing", interruptLosesNothing},
		{"Echo", echo},
		{"PeerExits", peerExits},
		{"PeerKilled", peerKilled},
		{"Transfer", transfer},
		{"TransferOnce", transferOnce},
		{"TransferBetweenLinks", transferBetweenLinks},
		{"TransferOutlivesLink", transferOutlivesLink},
		{"TransferBounce", transferBounce},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, k) })
	}
}

// Message is a message of size bytes that tells its number and is checkable.
func Message(number uint32, size int) []byte {
	msg := make([]byte, size)
	fill := rand.NewPCG(uint64(number), uint64(size))
	at := 0
	for ; at+8 <= size; at += 8 {
		binary.LittleEndian.PutUint64(msg[at:], fill.Uint64())
	}
	for ; at < size; at++ {
		msg[at] = byte(fill.Uint64())
	}
	if size >= 4 {
		binary.LittleEndian.PutUint32(msg, number)
	}
	return msg
}

// check tells whether msg is Message(number, size).
func check(msg []byte, number uint32, size int) error {
	if len(msg) != size {
		return fmt.Errorf("message %d has %d bytes, want %d", number, len(msg), size)
	}
	if !bytes.Equal(msg, Message(number, size)) {
		return fmt.Errorf("message %d of %d bytes has another content", number, size)
	}
	return nil
}

// sizeOf is the size of the n-th message of a mixed stream: mostly small, some large.
func sizeOf(n uint32) int {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	switch r.IntN(20) {
	case 0:
		return r.IntN(1 << 20)
	case 1, 2, 3:
		return r.IntN(64 << 10)
	}
	return r.IntN(200)
}

// within fails the test if f does not return: what should end hangs.
func within(t testing.TB, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	await(t, what, done)
}

func await(t testing.TB, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(60 * time.Second):
		t.Fatalf("%s: hangs", what)
	}
}

const envRole = "LINKTEST_ROLE"

// Main plays the peer's role in a process that Start started, and does not return from
// it. Call it first in TestMain.
func Main(open func() (Link, error)) {
	role := os.Getenv(envRole)
	if role == "" {
		return
	}
	if err := play(role, open); err != nil {
		fmt.Fprintln(os.Stderr, role+":", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func play(role string, open func() (Link, error)) error {
	l, err := open()
	if err != nil {
		return err
	}
	switch role {
	case "echo":
		return playEcho(l)
	case "source":
		return playSource(l)
	case "release":
		return playRelease(l)
	case "bounce":
		return playBounce(l)
	case "sink":
		return playSink(l)
	case "some":
		for n := range uint32(10) {
			if err := l.Send(Message(n, sizeOf(n))); err != nil {
				return err
			}
		}
		return nil // without Close
	}
	return fmt.Errorf("unknown role %q", role)
}

func playEcho(l Link) error {
	for {
		msg, err := l.Recv()
		if err != nil {
			return ignoreEnd(err)
		}
		if err := l.Send(msg); err != nil {
			return ignoreEnd(err)
		}
	}
}

// playSink answers an empty message.
func playSink(l Link) error {
	for {
		msg, err := l.Recv()
		if err == nil && len(msg) == 0 {
			err = l.Send()
		}
		if err != nil {
			return ignoreEnd(err)
		}
	}
}

func playSource(l Link) error {
	for n := uint32(0); ; n++ {
		if err := l.Send(Message(n, sizeOf(n))); err != nil {
			return ignoreEnd(err)
		}
	}
}

// Start starts this test binary as the peer of a link, in a role.
func Start(t testing.TB, k Kind, role string) (Link, *exec.Cmd) {
	t.Helper()
	if k.Start == nil {
		t.Skip("this kind is only tested within one process")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^$")
	cmd.Env = append(os.Environ(), envRole+"="+role, "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = os.Stderr
	l := k.Start(t, cmd)
	t.Cleanup(func() {
		_ = l.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return l, cmd
}
