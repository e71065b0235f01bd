// Package wasm runs WebAssembly modules as isolates: own memory, no way to this machine
// but what a call gives, ended at any time, with the outcomes of package isolate.
//
//	m, err := wasm.Compile(ctx, binary, wasm.Config{})            // once
//	exit, err := m.Run(ctx, wasm.Call{Export: "resize", Input: photo}) // a fresh instance each time
//
// It is the smallest and most portable kind of isolate: an instance costs microseconds and
// a module runs on every system. It contains faults of the guest; what the runtime itself
// does wrong is contained by a child process, see [Entry].
//
// # Two kinds of guests
//
// A command is a program for WASI preview 1 with an export _start: JSON comes on stdin, the
// result is the JSON file named by LULL_OUTPUT, exit code 0 is success, 75 asks for
// another run, any other is an error: what holds for programs in package isolate.
// Such are Go programs built with GOOS=wasip1 GOARCH=wasm.
//
// Any other export is called by its name, after _initialize if there is one. If the module
// exports lull_alloc (i32) -> i32, functions (i32, i32) -> i64 take and give JSON: the input
// is written to where lull_alloc(length) says, the function gets pointer and length, and
// returns pointer<<32 | length of the result, 0 for none. All other functions take
// numbers, from a JSON array, and give numbers. In Go (-buildmode=c-shared):
//
//	//go:wasmexport lull_alloc
//	func alloc(size uint32) uint32 {
//		input = make([]byte, max(size, 1))
//		return uint32(uintptr(unsafe.Pointer(&input[0])))
//	}
//
//	//go:wasmexport resize
//	func resize(_, size uint32) uint64 {
//		output = work(input[:size])
//		return uint64(uintptr(unsafe.Pointer(&output[0])))<<32 | uint64(len(output))
//	}
//
// # What a guest can see
//
// Nothing of this machine: no environment, no files but /lull in memory, no network. Its
// clock and its randomness are its own and the same in every run, unless Call.RealTime
// and Call.RealRandom ask for the real ones. It may import these functions of the
// module "lull", whose pointers and lengths are checked:
//
//	send(pointer, length i32) i32    // a message; waits while the port has no room
//	recv(pointer, room i32) i32      // the length of the next message; if it has no room, the message stays
//	progress(pointer, length i32) i32 // JSON
//	stopping() i64                   // milliseconds until the kill; -1 if nobody has asked
//
// They return -1 if the port is closed (or the run has none), and when the guest is asked
// to stop instead of waiting. They return -2 if the message is larger than isolate.MaxMessage, or
// the progress no JSON.
//
// # A conversation
//
// [Module.Spawn] starts a guest that stays. It receives from a port of its own, whose
// [Instance.SendPort] may be given to anybody: other guests, isolates, a registry; and it
// sends to one that it was given. In a child process, job.Job carries both.
//
//	answers := isolate.NewReceivePort[[]byte](ctx)
//	i, err := m.Spawn(ctx, wasm.Call{Export: "serve"}, wasm.SpawnConfig{Out: answers.SendPort()})
//	err = i.SendPort().Send(ctx, []byte("question"))
//	answer, err := answers.Receive(ctx)
//
// Messages are bytes: ports and Transfers do not travel to a guest.
//
// # How a guest is ended
//
// When the context or the budget ends, at the next loop or call of the guest. Nothing that a guest
// can call waits for longer: messages and sleeps end with the context, and pipes and
// devices cannot be opened. Only a message on its way to another process, if that is frozen,
// can hold a guest until it goes on. There is no count of instructions (fuel): wazero has none. A
// growth of memory beyond Config.MemoryBytes is refused; a guest that then ends badly is
// OutOfMemory. Tables are bounded to 8 of 1,048,576 elements. The stack of calls is
// outside of the memory: it ends with "stack overflow" at about 50 MB.
package wasm
