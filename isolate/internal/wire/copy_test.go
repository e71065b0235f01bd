package wire

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

type (
	level   int8
	words   []string
	chapter struct {
		Title string
		Kids  []chapter
		Next  *chapter
		Index map[string]*chapter
	}
	inner struct {
		A int
		B []byte
	}
	Shown struct{ C string }
	outer struct {
		inner
		*Shown
		Level level
		Words words
		_     [3]byte
		Tail  uint16
	}
	mixed struct {
		A bool
		B int16
		C uint8
		D complex128
		E [3]uint32
		F [2][]int32
		G struct{}
		H [0]string
		I **int
		J map[[2]int8]struct{ X, Y float32 }
		K any
		L []any
		M time.Time
		N *big.Int
		O url.URL
		P netip.Addr
		Q net.IP
		R map[netip.Addr]time.Duration
		S []struct{}
		T map[struct{}]struct{}
		U map[any]any
	}
	private struct{ n int } // encodes itself
	wordy   struct{ s string }
)

func (p private) MarshalBinary() ([]byte, error) {
	if p.n < 0 {
		return nil, errors.New("negative")
	}
	return bytes.Repeat([]byte{7}, p.n), nil
}

func (p *private) UnmarshalBinary(b []byte) error {
	p.n = len(b)
	return nil
}

func (w wordy) AppendText(b []byte) ([]byte, error) { return append(b, w.s...), nil }
func (w *wordy) UnmarshalText(b []byte) error       { w.s = string(b); return nil }

// UnmarshalBinary has no counterpart: the text form is taken.
func (w *wordy) UnmarshalBinary([]byte) error { return errors.New("not this one") }

func ptr[T any](v T) *T { return &v }

func mixedValue() mixed {
	return mixed{
		A: true, B: -2, C: 200, D: complex(1, math.Copysign(0, -1)), E: [3]uint32{1, 2, 1 << 31},
		F: [2][]int32{nil, {}}, I: ptr(ptr(-7)), J: map[[2]int8]struct{ X, Y float32 }{{1, -1}: {1.5, 2}},
		K: map[string]any{"a": []any{1, "x", nil, 2.5, true, []byte{1}, int8(3)}, "d": time.Second},
		L: []any{nil, map[string]int{"x": 1}, []float64{1, 2}, map[any]any{1: "one", "two": 2.0}},
		M: time.Date(2026, 11, 25, 1, 2, 3, 4, time.UTC), N: big.NewInt(-1 << 62),
		O: url.URL{Scheme: "https", User: url.UserPassword("a", "b"), Host: "x", Path: "/p"},
		P: netip.MustParseAddr("fe80::1%eth0"), Q: net.IPv4(1, 2, 3, 4),
		R: map[netip.Addr]time.Duration{netip.MustParseAddr("::1"): 5}, S: make([]struct{}, 3),
		T: map[struct{}]struct{}{{}: {}}, U: map[any]any{true: false},
	}
}

// values are one of everything. Their names are also those of the fuzz corpus.
func values() []any {
	next := &chapter{Title: "two"}
	return []any{
		true, 1, int8(-1), int16(-300), int32(1 << 30), int64(math.MinInt64), uint(math.MaxUint), uint8(255), uint16(65535),
		uint32(1), uint64(math.MaxUint64), float32(-1.5), math.Inf(-1), complex64(complex(1, 2)), complex(3, 4),
		"", "text ü", strings.Repeat("long", 100), "\xff not UTF-8",
		[]byte(nil),
		[]byte{},
		[]byte("bytes"),
		[]int{1, -1},
		[]uint16{1, 2, 3},
		[]float32{1, 2},
		[]complex128{1i},
		[]benchPoint{{1, 2}, {3, 4}},
		[3]uint16{1, 2, 3},
		[2]string{"a", ""},
		[]string{"", "x"},
		[][]byte{nil, {}, {1}},
		[]bool{true, false},
		map[string]string(nil),
		map[string]string{},
		map[string]string{"a": "b"},
		map[int][]string{1: {"x"}, 2: nil},
		map[level]words{3: {"three"}},
		map[string]any{"x": nil},
		map[string]float64{"x": 1},
		map[string]int{"x": 1},
		(*int)(nil), ptr(0), ptr([]string{"p"}),
		struct{}{},
		[0]int{},
		level(-3),
		words{"a"},
		chapter{Title: "one", Kids: []chapter{{Title: "a"}, {Title: "b", Kids: []chapter{{}}}}, Next: next, Index: map[string]*chapter{"x": next, "nil": nil}},
		outer{inner: inner{A: 1, B: []byte{2}}, Shown: &Shown{"c"}, Level: 3, Words: words{"w"}, Tail: 4},
		mixedValue(), nested(),
		private{3},
		private{300},
		wordy{"w"},
		[]wordy{{"a"}, {""}},
		struct{ W *wordy }{&wordy{"x"}},
		time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("", 3600)), *big.NewInt(12),
		struct{ Any any }{nil},
	}
}

// copied sends v through a codec made by compile or For.
func copied(t testing.TB, c *Codec, v any) any {
	t.Helper()
	prefix := []byte("before")
	buf, err := c.Append(prefix, reflect.ValueOf(v), nil)
	if err != nil {
		t.Fatalf("%#v: %v", v, err)
	}
	if !bytes.HasPrefix(buf, prefix) {
		t.Fatalf("%#v: what was in the buffer is gone", v)
	}
	msg := buf[len(prefix):]
	into := reflect.New(c.Type())
	if err := c.Decode(msg, into.Elem(), nil); err != nil {
		t.Fatalf("%#v: %v", v, err)
	}
	for i := range msg { // the copy must not lean on the message
		msg[i] = 0xee
	}
	return into.Elem().Interface()
}

func codec(t testing.TB, typ reflect.Type) *Codec {
	t.Helper()
	c, err := For(typ)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCopyEquals(t *testing.T) {
	for _, v := range values() {
		if got := copied(t, codec(t, reflect.TypeOf(v)), v); !reflect.DeepEqual(got, v) {
			t.Errorf("%T: got %#v, want %#v", v, got, v)
		}
	}
}

// The portable way, for big-endian machines, makes the same bytes and reads them.
func TestByteOrders(t *testing.T) {
	for _, v := range values() {
		portable, err := compile(reflect.TypeOf(v), false)
		if err != nil {
			t.Fatal(err)
		}
		if got := copied(t, portable, v); !reflect.DeepEqual(got, v) {
			t.Errorf("%T: got %#v, want %#v", v, got, v)
		}
		native := codec(t, reflect.TypeOf(v))
		if portable.Fingerprint() != native.Fingerprint() {
			t.Errorf("%T: two fingerprints", v)
		}
		b, _ := native.Append(nil, reflect.ValueOf(v), nil)
		into := reflect.New(reflect.TypeOf(v)).Elem()
		if err := portable.Decode(b, into, nil); err != nil || !reflect.DeepEqual(into.Interface(), v) {
			t.Errorf("%T: %v, %#v", v, err, into)
		}
	}
	for _, v := range []any{uint16(0x0102), int32(0x01020304), int64(0x0102030405060708), -5, float32(1), complex64(1i), []uint64{1 << 40}} {
		portable, _ := compile(reflect.TypeOf(v), false)
		a, _ := portable.Append(nil, reflect.ValueOf(v), nil)
		b, _ := codec(t, reflect.TypeOf(v)).Append(nil, reflect.ValueOf(v), nil)
		if !bytes.Equal(a, b) {
			t.Errorf("%T: % x and % x", v, a, b)
		}
	}
}

func TestBitsAreKept(t *testing.T) {
	type bits struct {
		F float64
		G []float64
		M map[float64]int
	}
	odd := math.Float64frombits(0x7ff8_0000_dead_beef)
	v := bits{odd, []float64{math.Copysign(0, -1), math.NaN()}, map[float64]int{math.NaN(): 1, odd: 2}}
	got := copied(t, codec(t, reflect.TypeFor[bits]()), v).(bits)
	if math.Float64bits(got.F) != math.Float64bits(odd) || !math.Signbit(got.G[0]) || !math.IsNaN(got.G[1]) || len(got.M) != 2 {
		t.Errorf("%#v", got)
	}
}

func TestSharedPointersAreCopiedTwice(t *testing.T) {
	n := 1
	got := copied(t, codec(t, reflect.TypeFor[[]*int]()), []*int{&n, &n}).([]*int)
	if *got[0] != 1 || *got[1] != 1 || got[0] == got[1] || got[0] == &n {
		t.Error(got)
	}
}

func TestDeepListsTravel(t *testing.T) {
	var list *chapter
	for range MaxDepth - 1 {
		list = &chapter{Next: list}
	}
	got := copied(t, codec(t, reflect.TypeFor[*chapter]()), list).(*chapter)
	n := 0
	for ; got != nil; got = got.Next {
		n++
	}
	if n != MaxDepth-1 {
		t.Error(n)
	}
}

func TestGenericForms(t *testing.T) {
	check := func(name string, err error, same bool) {
		if err != nil || !same {
			t.Errorf("%s: %v %t", name, err, same)
		}
	}
	for _, v := range [][]byte{nil, {}, {1, 2}, make([]byte, 1000)} {
		b, err := Encode([]byte("x"), v, nil)
		slow, _ := codec(t, reflect.TypeOf(v)).Append([]byte("x"), reflect.ValueOf(v), nil)
		check("bytes", err, bytes.Equal(b, slow))
		got, err := Decode[[]byte](b[1:], nil)
		check("bytes", err, bytes.Equal(got, v) && (got == nil) == (v == nil))
	}
	for _, v := range []string{"", "abc", strings.Repeat("x", 300)} {
		b, err := Encode(nil, v, nil)
		slow, _ := codec(t, reflect.TypeOf(v)).Append(nil, reflect.ValueOf(v), nil)
		check("string", err, bytes.Equal(b, slow))
		got, err := Decode[string](b, nil)
		check("string", err, got == v)
	}
	b, err := Encode(nil, -5, nil)
	got, err2 := Decode[int](b, nil)
	check("int", errors.Join(err, err2), got == -5)
	b, err = Encode(nil, int64(-6), nil)
	got64, err2 := Decode[int64](b, nil)
	check("int64", errors.Join(err, err2), got64 == -6)
	b, err = Encode(nil, uint64(7), nil)
	gotU, err2 := Decode[uint64](b, nil)
	check("uint64", errors.Join(err, err2), gotU == 7)
	b, err = Encode(nil, mixedValue(), nil)
	gotM, err2 := Decode[mixed](b, nil)
	check("mixed", errors.Join(err, err2), reflect.DeepEqual(gotM, mixedValue()))
	b, err = Encode[any](nil, "in an any", nil)
	gotA, err2 := Decode[any](b, nil)
	check("any", errors.Join(err, err2), gotA == "in an any")
	if _, err := Encode(nil, make(chan int), nil); err == nil {
		t.Error("a channel was encoded")
	}
	if _, err := Decode[func()](nil, nil); err == nil {
		t.Error("a function was decoded")
	}
	for _, src := range []string{"", "\x05", "\x01x", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"} {
		_, err1 := Decode[[]byte]([]byte(src), nil)
		_, err2 := Decode[int]([]byte(src), nil)
		if err1 == nil || err2 == nil {
			t.Errorf("%q: %v, %v", src, err1, err2)
		}
	}
}

func TestDecodeReusesNumbersOnly(t *testing.T) {
	type message struct {
		Data  []byte
		Names []string
		Next  *message
	}
	c := codec(t, reflect.TypeFor[message]())
	msg, _ := Encode(nil, message{[]byte("ab"), []string{"n"}, &message{Data: []byte("c")}}, nil)
	old := message{make([]byte, 5, 8), []string{"keep"}, &message{Data: []byte("keep")}}
	into, memory := old, old.Data
	if err := c.Decode(msg, reflect.ValueOf(&into).Elem(), nil); err != nil {
		t.Fatal(err)
	}
	if &into.Data[0] != &memory[0] || cap(into.Data) != 8 || string(into.Data) != "ab" {
		t.Error("the memory for bytes was not reused")
	}
	if old.Names[0] != "keep" || string(old.Next.Data) != "keep" {
		t.Error("memory behind a pointer or a slice of strings was written to")
	}
	// Elements of a map and of a slice never share what was decoded before.
	got := copied(t, codec(t, reflect.TypeFor[map[int][]byte]()), map[int][]byte{1: []byte("one"), 2: []byte("two"), 3: nil}).(map[int][]byte)
	if string(got[1]) != "one" || string(got[2]) != "two" || got[3] != nil {
		t.Errorf("%v", got)
	}
}

func TestFingerprint(t *testing.T) {
	type a struct {
		X int
		Y []string
	}
	type sameAsA struct {
		X int
		Y []string
	}
	type swapped struct {
		Y []string
		X int
	}
	type renamed struct {
		X int
		Z []string
	}
	type wider struct {
		X int
		Y []string
		Z bool
	}
	type deeper struct {
		X int
		Y [][]string
	}
	type named struct {
		X level
		Y words
	}
	type loop struct{ Next *loop }
	type loop2 struct{ Next **loop2 }
	if print(t, a{}) != print(t, sameAsA{}) {
		t.Error("one shape, two fingerprints")
	}
	seen := map[uint64]string{}
	for _, v := range []any{
		a{},
		swapped{},
		renamed{},
		wider{},
		deeper{},
		named{},
		loop{},
		loop2{},
		1, int64(1), "",
		[]byte{},
		[1]byte{},
		[2]byte{},
		private{},
		wordy{},
		map[string]int{},
		map[int]string{},
		struct{}{},
		[0]int{},
		struct{ A any }{},
		time.Time{},
	} {
		p := print(t, v)
		if other, ok := seen[p]; ok {
			t.Errorf("%T and %s have one fingerprint", v, other)
		}
		seen[p] = fmt.Sprintf("%T", v)
	}
	// Two processes compare theirs, so it must not depend on this one.
	if got, want := print(t, a{}), uint64(0x278dcb7b3d7787e6); got != want {
		t.Errorf("the fingerprint is %#x, was %#x: change formatVersion if the format changed", got, want)
	}
}

func print(t testing.TB, v any) uint64 { return codec(t, reflect.TypeOf(v)).Fingerprint() }
