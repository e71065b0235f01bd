package live

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestSystemClock holds the clock against the kernel's while no sleep happens, and
// then feigns one.
func TestSystemClock(t *testing.T) {
	made, err := SystemClock()
	if err != nil {
		t.Fatal(err)
	}
	defer made.Close()
	c := made.(*systemClock)
	last, slept := c.Boot(), c.Slept()
	for range 20_000 {
		before := read(unix.CLOCK_BOOTTIME)
		now := c.Boot()
		after := read(unix.CLOCK_BOOTTIME)
		if now < before-leastSleep || now > after+leastSleep || now < last {
			t.Fatalf("%d after %d, while the kernel went from %d to %d", now, last, before, after)
		}
		last = now
	}
	if c.Slept() != slept {
		t.Errorf("slept %d µs without a sleep", c.Slept()-slept)
	}
	const sleep = 5_000_000
	c.slept.Add(-sleep) // as if the kernel had counted so much more
	for end := time.Now().Add(patience); c.Slept() < slept-leastSleep && time.Now().Before(end); {
		time.Sleep(2 * time.Millisecond)
	}
	if got := c.Slept() - slept; got < -leastSleep || got > leastSleep {
		t.Errorf("a sleep of %d µs was told as %d", sleep, sleep+got)
	}
	c.Arm(c.Boot() + 2000)
	select {
	case <-c.C():
	case <-time.After(patience):
		t.Fatal("the timer never fired")
	}
	again := c.Boot()
	c.Arm(again) // due at once, and once more after it has fired
	<-c.C()
	c.Arm(again)
	select {
	case <-c.C():
	case <-time.After(patience):
		t.Fatal("the timer did not fire again for the same instant")
	}
}
