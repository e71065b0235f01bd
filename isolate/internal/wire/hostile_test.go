package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

// hostileTypes are what the fuzzer decodes, by the first byte of its input.
var hostileTypes = []reflect.Type{
	reflect.TypeFor[mixed](), reflect.TypeFor[chapter](), reflect.TypeFor[any](), reflect.TypeFor[map[any]any](),
	reflect.TypeFor[benchNested](), reflect.TypeFor[[]struct {
		T time.Time
		B *big.Int
		U url.URL
		A netip.Addr
	}](),
	reflect.TypeFor[map[string][]byte](), reflect.TypeFor[[][2]bool](), reflect.TypeFor[struct {
		P *port
		S *oneShot
		A any
	}](),
}

func hostileSeeds(t testing.TB) map[string][]byte {
	seeds := map[string][]byte{}
	add := func(name string, i int, v any) {
		into := reflect.New(hostileTypes[i]).Elem()
		into.Set(reflect.ValueOf(v))
		msg, err := codec(t, hostileTypes[i]).Append([]byte{byte(i)}, into, &office{})
		if err != nil {
			t.Fatal(err)
		}
		seeds[name] = msg
	}
	add("mixed", 0, mixedValue())
	add("chapter", 1, chapter{Title: "t", Kids: []chapter{{}}, Next: &chapter{}})
	add("any", 2, []any{1, "x", map[string]any{"t": time.Unix(1, 0), "b": []byte("b")}})
	add("map of anys", 3, map[any]any{1: 2, "x": []string{"y"}})
	add("nested", 4, nested())
	add("map of bytes", 6, map[string][]byte{"a": nil, "b": {1}})
	add("bools", 7, [][2]bool{{true, false}})
	add("handles", 8, struct {
		P *port
		S *oneShot
		A any
	}{&port{1}, &oneShot{}, port{2}})
	seeds["own encodings"] = []byte("\x05\x02\x0f\x01\x00\x00\x00\x0e\xbb\x4b\x37\xe5\x00\x00\x00\x00\xff\xff\x01\x03-12\x04/a?b\x04\x7f\x00\x00\x01")
	seeds["length of everything"] = append([]byte{7}, binary.AppendUvarint(nil, 1<<63)...)
	seeds["deep"] = append([]byte{2}, strings.Repeat("\x38\x02", 200)...)
	return seeds
}

// FuzzDecode: bytes are an error or a value that can be sent again.
func FuzzDecode(f *testing.F) {
	for _, msg := range hostileSeeds(f) {
		f.Add(msg)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 {
			return
		}
		c := codec(t, hostileTypes[int(data[0])%len(hostileTypes)])
		v, o := reflect.New(c.Type()).Elem(), &office{out: []any{port{1}, &oneShot{}}}
		if err := c.Decode(data[1:], v, o); err != nil {
			if !v.IsZero() {
				t.Errorf("%v left %#v", err, v)
			}
			return
		}
		again, err := c.Append(nil, v, o)
		if err != nil {
			// A time may come in that cannot go out, and so may a zero handle in an any.
			if u := (*UnsendableError)(nil); !errors.As(err, &u) {
				t.Fatal(err)
			}
			return
		}
		if err := c.Decode(again, reflect.New(c.Type()).Elem(), o); err != nil {
			t.Fatalf("%v: %#v", err, v)
		}
	})
}

func TestCorpusIsThere(t *testing.T) {
	files, err := filepath.Glob("testdata/fuzz/FuzzDecode/*")
	if err != nil || len(files) < len(hostileSeeds(t)) {
		t.Errorf("%v: %d files", err, len(files))
	}
	if os.Getenv("WIRE_WRITE_CORPUS") != "" {
		for name, msg := range hostileSeeds(t) {
			name = filepath.Join("testdata/fuzz/FuzzDecode", strings.ReplaceAll(name, " ", "-"))
			if err := os.WriteFile(name, fmt.Appendf(nil, "go test fuzz v1\n[]byte(%q)\n", msg), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// What a message claims costs nothing: only what it holds does.
func TestClaimedLengthsAllocateLittle(t *testing.T) {
	huge := binary.AppendUvarint(nil, 1<<40)
	for _, c := range []struct {
		v   any
		msg []byte
	}{
		{"", huge},
		{[]byte{}, huge},
		{[]string{}, huge},
		{[]struct{}{}, huge},
		{[][0]int{}, huge},
		{map[string]string{}, huge},
		{map[int][]byte{}, huge},
		{new([1 << 20]byte), []byte{1}},
		{[]*[1 << 20]byte{}, []byte{3, 1, 1}},
		{time.Time{}, huge},
		{struct{ A any }{}, append([]byte{tagString}, huge...)},
		{[]any{}, append([]byte{2, tagHandle}, huge...)},
		{[][]string{}, append([]byte{2}, binary.AppendUvarint(nil, 1<<62)...)},
		{map[string]struct{}{}, append(binary.AppendUvarint(nil, 30_001), make([]byte, 60_000)...)},
		{map[[8]uint64]bool{}, append(binary.AppendUvarint(nil, 901), make([]byte, 60_000)...)},
		{[]chapter{}, append(binary.AppendUvarint(nil, 15_000), make([]byte, 60_000)...)},
		{[]any{}, append(binary.AppendUvarint(nil, 60_000), make([]byte, 59_000)...)},
	} {
		codec := codec(t, reflect.TypeOf(c.v))
		into := reflect.New(codec.Type()).Elem()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := codec.Decode(c.msg, into, nil)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, ErrMalformed) {
			t.Errorf("%T: error %v", c.v, err)
		}
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(20_000+24*len(c.msg)); got > most {
			t.Errorf("%T: %d bytes were allocated for a message of %d", c.v, got, len(c.msg))
		}
	}
}

// A plan that is read before it is filled must not say that it takes nothing.
func TestRecursiveTypesTakeSomething(t *testing.T) {
	type loop struct{ Next *loop }
	type lists struct{ L []lists }
	type maps struct{ M map[int]*maps }
	for _, typ := range []reflect.Type{
		reflect.TypeFor[*loop](), reflect.TypeFor[[]loop](), reflect.TypeFor[lists](), reflect.TypeFor[[]lists](),
		reflect.TypeFor[map[int]*maps](), reflect.TypeFor[[]map[int]*maps](), reflect.TypeFor[[]ring](),
	} {
		var check func(o *op)
		seen := map[*op]bool{}
		check = func(o *op) {
			if o.min < 1 {
				t.Errorf("%v in %v: %d", o.typ, typ, o.min)
			}
			if !seen[o] {
				seen[o] = true
				for _, part := range o.parts {
					check(part)
				}
			}
		}
		check(codec(t, typ).root)
	}
}

func TestMalformed(t *testing.T) {
	listTag := string(dynamics().tags[reflect.TypeFor[[]any]()])
	type two struct {
		A bool
		B map[string]int
	}
	for _, c := range []struct {
		v    any
		msg  string
		want string
	}{
		{true, "", "message for bool: at byte 0 of 0: malformed message: 0 bytes where 1 are needed"},
		{true, "\x02", "byte 0x2 where 0 or 1"},
		{true, "\x01\x00", "at byte 1 of 2: malformed message: 1 bytes too many"},
		{1, "1234567", "7 bytes where 8 are needed"},
		{struct{}{}, "\x01", "byte 0x1 where 0 is needed"},
		{"", "\x05abc", "length 5, and 3 bytes are left"},
		{"", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "no number"},
		{[]string{}, "\x03\x00", "length 2, and 1 bytes are left"},
		{two{}, "\x01\x03\x01a\x00\x00\x00\x00\x00\x00\x00\x00\x01a\x00\x00\x00\x00\x00\x00\x00\x00", "message for two: at byte 22 of 22: malformed message: 1 keys of a map are there twice"},
		{map[any]bool{}, "\x02\x16\x01\x00", "cannot be compared"},
		{[]any{}, "\x02\xff", "unknown tag 255"},
		{new(int), "\x01\x01", "1 bytes where 8 are needed"},
		{time.Time{}, "\x03abc", "time.Time: Time.UnmarshalBinary: unsupported version"},
		{port{}, "\x01\x01", `it holds a "port", which needs a link`},
		{&chapter{}, strings.Repeat("\x01\x00\x00", MaxDepth+2), "nested deeper than 10000 levels"},
		{[]any{}, strings.Repeat("\x02"+listTag, MaxDepth), "nested deeper than 10000 levels"},
	} {
		codec := codec(t, reflect.TypeOf(c.v))
		err := codec.Decode([]byte(c.msg), reflect.New(codec.Type()).Elem(), nil)
		if !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%T %.40q: %v", c.v, c.msg, err)
		}
	}
}
