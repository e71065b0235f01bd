package main

import "slices"

// guest has one export, serve, which sends each message back. A message of one byte tells it to count bytes from now on, and
// to tell the count (8 bytes) at each empty message.
//
//	(module
//	  (import "lull" "recv" (func $recv (param i32 i32) (result i32)))
//	  (import "lull" "send" (func $send (param i32 i32) (result i32)))
//	  (memory (export "memory") 2)
//	  (func (export "serve") (local $n i32) (local $room i32) (local $counts i32) (local $count i64)
//	    (loop $next
//	      (local.set $room (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 16)))
//	      (local.set $n (call $recv (i32.const 16) (local.get $room)))
//	      (if (i32.lt_s (local.get $n) (i32.const 0)) (then (return)))
//	      (if (i32.gt_u (local.get $n) (local.get $room)) (then ;; the message waits
//	        (if (i32.lt_s (memory.grow (i32.add (i32.shr_u (i32.sub (local.get $n) (local.get $room)) (i32.const 16))
//	                                            (i32.const 1)))
//	                      (i32.const 0)) (then unreachable))
//	        (br $next)))
//	      (if (i32.eq (local.get $n) (i32.const 1)) (then (local.set $counts (i32.const 1)) (br $next)))
//	      (if (local.get $counts) (then
//	        (if (local.get $n) (then
//	          (local.set $count (i64.add (local.get $count) (i64.extend_i32_u (local.get $n))))
//	          (br $next)))
//	        (i64.store (i32.const 0) (local.get $count))
//	        (drop (call $send (i32.const 0) (i32.const 8)))
//	        (br $next)))
//	      (drop (call $send (i32.const 16) (local.get $n)))
//	      (br $next))))
var guest = module(
	section(1, vec(
		[]byte{0x60, 2, i32, i32, 1, i32}, // 0: (i32, i32) -> i32
		[]byte{0x60, 0, 0},                // 1: () -> ()
	)),
	section(2, vec(
		join(text("lull"), text("recv"), []byte{0, 0}),
		join(text("lull"), text("send"), []byte{0, 0}),
	)),
	section(3, []byte{1, 1}),
	section(5, []byte{1, 0, 2}),
	section(7, vec(
		join(text("memory"), []byte{2, 0}),
		join(text("serve"), []byte{0, 2}),
	)),
	section(10, vec(
		sized(join(
			[]byte{2, 3, i32, 1, i64, loop, empty},
			[]byte{memorySize, 0, constI32, 16, shlI32, constI32, 16, subI32, localSet, 1},
			[]byte{constI32, 16, localGet, 1, call, 0, localSet, 0},
			[]byte{localGet, 0, constI32, 0, ltS, ifThen, empty, ret, end},
			[]byte{localGet, 0, localGet, 1, gtU, ifThen, empty},
			[]byte{localGet, 0, localGet, 1, subI32, constI32, 16, shrU, constI32, 1, addI32, memoryGrow, 0},
			[]byte{constI32, 0, ltS, ifThen, empty, unreachable, end, br, 1, end},
			[]byte{localGet, 0, constI32, 1, eqI32, ifThen, empty, constI32, 1, localSet, 2, br, 1, end},
			[]byte{localGet, 2, ifThen, empty},
			[]byte{localGet, 0, ifThen, empty, localGet, 3, localGet, 0, extendU, addI64, localSet, 3, br, 2, end},
			[]byte{constI32, 0, localGet, 3, storeI64, 3, 0, constI32, 0, constI32, 8, call, 1, drop, br, 1, end},
			[]byte{constI32, 16, localGet, 0, call, 1, drop, br, 0, end, end},
		)),
	)),
)

const (
	i32 = 0x7f
	i64 = 0x7e

	unreachable = 0x00
	loop        = 0x03
	ifThen      = 0x04
	empty       = 0x40
	end         = 0x0b
	br          = 0x0c
	ret         = 0x0f
	call        = 0x10
	drop        = 0x1a
	localGet    = 0x20
	localSet    = 0x21
	storeI64    = 0x37
	memorySize  = 0x3f
	memoryGrow  = 0x40
	constI32    = 0x41
	eqI32       = 0x46
	ltS         = 0x48
	gtU         = 0x4b
	addI32      = 0x6a
	subI32      = 0x6b
	shlI32      = 0x74
	shrU        = 0x76
	addI64      = 0x7c
	extendU     = 0xad
)

func module(sections ...[]byte) []byte {
	return join(append([][]byte{{0, 'a', 's', 'm', 1, 0, 0, 0}}, sections...)...)
}

func section(id byte, body []byte) []byte { return join([]byte{id}, sized(body)) }

func vec(items ...[]byte) []byte { return join(append([][]byte{{byte(len(items))}}, items...)...) }

func text(s string) []byte { return sized([]byte(s)) }

// sized puts the length before a body, as LEB128 of two bytes where one does not do.
func sized(body []byte) []byte {
	if n := len(body); n >= 0x80 {
		return join([]byte{byte(n&0x7f | 0x80), byte(n >> 7)}, body)
	}
	return join([]byte{byte(len(body))}, body)
}

func join(parts ...[]byte) []byte { return slices.Concat(parts...) }
