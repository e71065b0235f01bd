package main

import (
	"bytes"
	"time"
	"unsafe"
)

// suite is the programs of package isolatetest.
func suite(program string) {
	switch program {
	case "echo":
		for {
			m, ok := hear()
			if !ok || !say(m) {
				return
			}
		}
	case "sum":
		for _, word := range []string{"1", "2", "3"} {
			say([]byte(word))
		}
	case "crash":
		m, _ := hear()
		say(m)
		recvAt(1<<32-16, 100) // outside of the memory: a trap, where a panic would be an exit
	case "spin":
		say([]byte("spinning"))
		for {
		}
	case "deaf":
		say([]byte("deaf"))
		for stopping() < 0 {
			time.Sleep(time.Millisecond)
		}
	case "flood":
		for m := make([]byte, 10_000); stopping() < 0 && say(m); {
		}
	case "hog":
		say([]byte("hungry"))
		for {
			sink = append(sink, bytes.Repeat([]byte{1}, 1<<20)...)
		}
	}
}

//go:wasmimport lull recv
func recvAt(at, room uint32) int32

// room is where messages are received.
var room = make([]byte, 1<<10)

// hear waits for a message; false: there is none, and will be none.
func hear() ([]byte, bool) {
	for {
		n := int(recv(unsafe.Pointer(unsafe.SliceData(room)), uint32(len(room))))
		if n < 0 {
			return nil, false
		}
		if n <= len(room) {
			return room[:n], true
		}
		room = make([]byte, n)
	}
}

func say(m []byte) bool {
	return send(unsafe.Pointer(unsafe.SliceData(m)), uint32(len(m))) == 0
}
