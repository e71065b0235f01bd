package main

import (
	"strings"
	"testing"
	"time"
)

func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                                     "0ms",
		42 * time.Millisecond:                 "42ms",
		1500 * time.Millisecond:               "1.5s",
		9999 * time.Millisecond:               "9.9s",
		59*time.Second + 999*time.Millisecond: "59s",
		61 * time.Second:                      "1m01s",
		90 * time.Minute:                      "1h30m",
		50 * time.Hour:                        "2d02h",
		-61 * time.Second:                     "-1m01s",
	} {
		if got := short(d); got != want {
			t.Errorf("short(%v) = %s, want %s", d, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	var b strings.Builder
	table(&b, []string{"TASK", "STATE", "BECAUSE"}, []string{"日本", "OK", ""}, []string{"a-long-one", "FAILED", "x"})
	const want = "TASK        STATE   BECAUSE\n日本        OK\na-long-one  FAILED  x\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestPrintable(t *testing.T) {
	if got := printable("a\x1b[2J\tb\x00\u009bc"); got != "a\uFFFD[2J\tb\uFFFD\uFFFDc" {
		t.Errorf("%q", got)
	}
}
