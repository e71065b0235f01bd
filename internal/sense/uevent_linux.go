package sense

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// sift keeps a socket of kernel events from waking for what is no power supply: every
// mount and every network interface of a container makes a virtual device. It is the
// kernel that looks, at "action@path"; what it lets through is read in full. Without the
// filter there are only more wake-ups.
func sift(fd int) {
	filter := virtual()
	_ = unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
		&unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]})
}

// virtual is a filter that drops the events of virtual devices but power supplies and
// USB-C ports (classic BPF, see the kernel's networking/filter.rst).
func virtual() []unix.SockFilter {
	const (
		accept, drop = 1 << 18, 0
		prefix       = "/devices/virtual" // as long as four words
		loadByte     = unix.BPF_LD | unix.BPF_B | unix.BPF_ABS
		loadWord     = unix.BPF_LD | unix.BPF_W | unix.BPF_IND
		equal        = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		jump         = unix.BPF_JMP | unix.BPF_JA
		at           = unix.BPF_LDX | unix.BPF_IMM
		give         = unix.BPF_RET | unix.BPF_K
	)
	word := func(s string) uint32 { return binary.BigEndian.Uint32([]byte(s)) } // as the filter loads it
	return []unix.SockFilter{
		{Code: loadByte},
		{Code: equal, K: 'a', Jt: 3}, // add@
		{Code: equal, K: 'r', Jt: 4}, // remove@
		{Code: equal, K: 'c', Jt: 3}, // change@
		{Code: give, K: accept},
		{Code: at, K: uint32(len("add@"))},
		{Code: jump, K: 1},
		{Code: at, K: uint32(len("remove@"))},
		{Code: loadWord, K: 0},
		{Code: equal, K: word(prefix[0:4]), Jf: 9},
		{Code: loadWord, K: 4},
		{Code: equal, K: word(prefix[4:8]), Jf: 7},
		{Code: loadWord, K: 8},
		{Code: equal, K: word(prefix[8:12]), Jf: 5},
		{Code: loadWord, K: 12},
		{Code: equal, K: word(prefix[12:16]), Jf: 3},
		{Code: loadWord, K: 16},
		{Code: equal, K: word("/pow"), Jt: 1},
		{Code: equal, K: word("/typ"), Jf: 1},
		{Code: give, K: accept},
		{Code: give, K: drop},
	}
}
