package main

import (
	"os"
	"strconv"
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
			tell("no more messages after " + strconv.Itoa(n) + " stopping " + strconv.FormatBool(stopping() >= 0))
			return
		}
		if int(size) > len(buf) {
			buf = make([]byte, size)
			n--
			continue
		}
		answer := append(strconv.AppendInt(nil, int64(n), 10), ':')
		answer = append(answer, buf[:size]...)
		if send(unsafe.Pointer(&answer[0]), uint32(len(answer))) < 0 {
			tell("nobody listens")
			return
		}
		report := strconv.AppendInt(nil, int64(n), 10)
		progress(unsafe.Pointer(&report[0]), uint32(len(report)))
	}
}

func tell(line string) { os.Stdout.WriteString(line + "\n") }
