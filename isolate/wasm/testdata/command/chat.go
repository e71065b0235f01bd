package main

import (
	"fmt"
	"unsafe"
)

//go:wasmimport lull send
func send(at unsafe.Pointer, size uint32) int32

//go:wasmimport lull recv
func recv(at unsafe.Pointer, room uint32) int32

//go:wasmimport lull progress
func progress(at unsafe.Pointer, size uint32) int32

//go:wasmimport lull stopping
func stopping() int64

// chat answers each message.
func chat() {
	buf := make([]byte, 16) // too small for some: recv says how much it needs
	for n := 0; ; n++ {
		size := recv(unsafe.Pointer(&buf[0]), uint32(len(buf)))
		if size < 0 {
			fmt.Println("no more messages after", n, "stopping", stopping() >= 0)
			return
		}
		if int(size) > len(buf) {
			buf = make([]byte, size)
			n--
			continue
		}
		answer := fmt.Appendf(nil, "%d:%s", n, buf[:size])
		if send(unsafe.Pointer(&answer[0]), uint32(len(answer))) < 0 {
			fmt.Println("nobody listens")
			return
		}
		report := fmt.Appendf(nil, "%d", n)
		progress(unsafe.Pointer(&report[0]), uint32(len(report)))
	}
}
