package wasm_test

import (
	"encoding/binary"

	"github.com/lullwork/lull/isolate/isolatetest"
)

// Where the programs have what.
const (
	atWords    = 0 // what they say
	atNap      = 64
	atEvent    = 128
	atCount    = 192
	atMessages = 1024
	page       = 65536
)

var (
	lullStopping = imported{"lull", "stopping", nil, []byte{i64}}
	pollOneoff   = imported{wsi, "poll_oneoff", []byte{i32, i32, i32, i32}, one}
)

// Numbers of what they import.
const (
	callRecv = iota
	callSend
	callStopping
	callPoll
)

// programs exports those of package isolatetest, by their names: a few hundred bytes, where
// a Go program has millions, which each process loads.
func programs() text {
	const (
		words     = "123spinningdeafhungry"
		block     = 0x02
		brIf      = 0x0d
		opEqz     = 0x45
		opLess    = 0x48
		opGreater = 0x4a
		opLess64  = 0x53
		opSub     = 0x6b
		opShl     = 0x74
		opShr     = 0x76
		opEqual   = 0x46
	)
	say := func(at int64, word string) []byte {
		return code(constant(at), constant(int64(len(word))), opCall, callSend)
	}
	unlessAsked := code(opCall, callStopping, constant64(0), opLess64)
	// A clock's event, a millisecond from now, of the monotonic clock.
	nap := make([]byte, 48)
	nap[16] = 1
	binary.LittleEndian.PutUint64(nap[24:], 1_000_000)
	data := make([]byte, atNap, atNap+len(nap))
	copy(data, words)
	const length, room = 0, 1 // locals

	echo := code(
		constant(page-atMessages), opSet, room,
		block, void, opLoop, void,
		constant(atMessages), opGet, room, opCall, callRecv, opSet, length,
		opGet, length, constant(0), opLess, brIf, 1, // no more
		opGet, length, opGet, room, opGreater, opIf, void, // it does not fit: it waits until there is room
		opGet, length, opGet, room, opSub, constant(16), opShr, constant(1), opI32Add, opGrow, 0, opDrop,
		opGet, length, opSet, room,
		opBr, 1,
		end,
		constant(atMessages), opGet, length, opCall, callSend, opEqz, brIf, 0,
		end, end,
	)
	return text{
		imports: []imported{callRecv: lullRecv, callSend: lullSend, callStopping: lullStopping, callPoll: pollOneoff},
		pages:   1,
		data:    string(append(data, nap...)),
		functions: []function{
			{export: string(isolatetest.Echo), locals: 2, code: echo},
			{export: string(isolatetest.Sum), code: code(say(0, "1"), opDrop, say(1, "2"), opDrop, say(2, "3"), opDrop)},
			{export: string(isolatetest.Crash), locals: 1, code: code(
				constant(atMessages), constant(100), opCall, callRecv, opSet, length,
				constant(atMessages), opGet, length, opCall, callSend, opDrop,
				constant(-16), opLoad8, 0, 0, opDrop, // outside of the memory
			)},
			{export: string(isolatetest.Spin), code: code(say(3, "spinning"), opDrop, loops)},
			{export: string(isolatetest.Deaf), code: code(
				say(11, "deaf"), opDrop,
				opLoop, void,
				constant(atNap), constant(atEvent), constant(1), constant(atCount), opCall, callPoll, opDrop,
				unlessAsked, brIf, 0,
				end,
			)},
			{export: string(isolatetest.Flood), code: code(
				block, void, opLoop, void,
				unlessAsked, opEqz, brIf, 1,
				constant(atMessages), constant(isolatetest.FloodSize), opCall, callSend, opEqz, brIf, 0,
				end, end,
			)},
			{export: string(isolatetest.Hog), locals: 1, code: code(
				say(15, "hungry"), opDrop,
				opLoop, void,
				constant(16), opGrow, 0, opSet, 0,
				opGet, 0, constant(-1), opEqual, opIf, void, opUnreachable, end,
				opGet, 0, constant(16), opShl, constant(1), constant(16*page), 0xfc, 11, 0, // memory.fill
				opBr, 0,
				end,
			)},
		},
	}
}
