package frame

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/lullwork/lull/isolate/internal/confine"
)

// value is what a field holds, as the library is to encode it.
func value(f field) any {
	switch at := f.at.(type) {
	case **confine.Limits:
		return asMap(limitFields(*at))
	case **confine.Sandbox:
		return asMap(sandboxFields(*at))
	}
	return reflect.ValueOf(f.at).Elem().Interface()
}

func asMap(list []field) map[uint64]any {
	m := map[uint64]any{}
	for _, f := range list {
		if !f.omit || !f.zero() {
			m[uint64(f.key)] = value(f)
		}
	}
	return m
}

func encoder(t testing.TB) cbor.EncMode {
	t.Helper()
	e, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEncodesLikeALibrary(t *testing.T) {
	e := encoder(t)
	long := make([]byte, 70_000)
	for _, m := range append(messages, Run{}, Run{Input: []byte{}}, Run{Input: long, Pause: long[:300]},
		Run{GraceMS: 1 << 40, Listeners: 1<<16 + 1, Limits: &confine.Limits{}}, Hello{Attempt: -1, ResultLimit: -25, MinVersion: 255, MaxVersion: 256},
		Hello{Attempt: 23, ResultLimit: 24, Name: strings.Repeat("n", 300)}, Exited{Status: 1<<32 - 1, Errno: -1 << 20}, Ping{Seq: 1<<64 - 1},
		Complete{Message: "hällo", Explicit: true, Stopped: "b", Stack: []byte{}}) {
		got, err := Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		want, err := e.Marshal(asMap(fieldsOf(m)))
		if err != nil || !bytes.Equal(got[headerSize:], want) {
			t.Errorf("%#v: %x, the library %x, %v", m, got[headerSize:], want, err)
		}
	}
}

// TestKeysAscend looks after what appendMap and takeMap take for granted.
func TestKeysAscend(t *testing.T) {
	lists := [][]field{limitFields(&confine.Limits{}), sandboxFields(&confine.Sandbox{})}
	for _, m := range messages {
		lists = append(lists, fieldsOf(m))
	}
	for _, list := range lists {
		last := byte(0)
		for _, f := range list {
			if f.key <= last || f.key > 23 {
				t.Errorf("key %d after %d", f.key, last)
			}
			last = f.key
		}
	}
}

func TestSkipsFieldsOfTheFuture(t *testing.T) {
	for _, future := range []any{
		7, -7, uint64(1) << 40, true, nil, 1.5, "text", []byte("bytes"), []any{1, "a", []any{}}, map[string]any{"a": map[int]int{1: 2}},
	} {
		payload, err := encoder(t).Marshal(map[int]any{0: future, 1: uint64(5), 9: future, 1000: future})
		if err != nil {
			t.Fatal(err)
		}
		var m Ping
		if err := decodeMap(payload, m.fields()); err != nil || m.Seq != 5 {
			t.Errorf("%v: %v, %v", future, m, err)
		}
	}
	for _, bad := range []string{
		"\xa2\x01\x05\x09\xc1\x01",     // a tag
		"\xa2\x01\x05\x09\x9f\x01\xff", // no definite length
		"\xa2\x01\x05\x09" + strings.Repeat("\x81", mostNested) + "\x01",
		"\xa2\x01\x05\x09\x9a\xff\xff\xff\xff",
		"\xa2\x01\x05\x09\x7b\xff\xff\xff\xff\xff\xff\xff\xff",
		"\xa2\x09\x01\x01\x05", // keys descend
		"\xa2\x01\x05\x1b\xff\xff\xff\xff\xff\xff\xff\xff\x01",
		"\xa2\x01\x05\x09",
		"\xa1\x20\x05",
		"\x81\x01",
		"",
	} {
		if err := decodeMap([]byte(bad), new(Ping).fields()); err == nil {
			t.Errorf("%x was taken", bad)
		}
	}
}

func libraryDecoder(t testing.TB) cbor.DecMode {
	t.Helper()
	d, err := cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		IndefLength:      cbor.IndefLengthForbidden,
		TagsMd:           cbor.TagsForbidden,
		MaxNestedLevels:  mostNested + 1,
		MaxArrayElements: mostElements,
		MaxMapPairs:      mostPairs,
	}.DecMode()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// sameFields checks what was decoded from payload against the library.
func sameFields(t *testing.T, d cbor.DecMode, payload []byte, list []field) {
	t.Helper()
	var parts map[uint64]cbor.RawMessage
	if err := d.Unmarshal(payload, &parts); err != nil {
		t.Fatalf("%x was taken, the library says %v", payload, err)
	}
	for _, f := range list {
		part, ok := parts[uint64(f.key)]
		if !ok {
			if !reflect.ValueOf(f.at).Elem().IsZero() {
				t.Errorf("%x: key %d was not there", payload, f.key)
			}
			continue
		}
		switch at := f.at.(type) {
		case **confine.Limits:
			sameFields(t, d, part, limitFields(*at))
			continue
		case **confine.Sandbox:
			sameFields(t, d, part, sandboxFields(*at))
			continue
		}
		want := reflect.New(reflect.TypeOf(f.at).Elem())
		if err := d.Unmarshal(part, want.Interface()); err != nil {
			t.Fatalf("%x was taken as key %d, the library says %v", part, f.key, err)
		}
		if got := reflect.ValueOf(f.at).Elem(); !reflect.DeepEqual(got.Interface(), want.Elem().Interface()) {
			t.Errorf("%x: key %d is %v, the library says %v", payload, f.key, got, want.Elem())
		}
	}
}

// FuzzCBOR: what is taken, a library takes too, with the same result.
func FuzzCBOR(f *testing.F) {
	d := libraryDecoder(f)
	for _, m := range messages {
		f.Add(m.kind(), stream(f, m)[headerSize:])
	}
	f.Add(Run{}.kind(), []byte{0xa1, 0x01, 0xf6})
	f.Add(Run{}.kind(), []byte{0xa2, 0x01, 0x40, 0x01, 0x40})
	f.Add(Run{}.kind(), []byte{0xa2, 0x01, 0xf6, 0x18, 99, 0xfb, 1, 2, 3, 4, 5, 6, 7, 8})
	f.Add(Complete{}.kind(), []byte{0xa1, 0x01, 0x61, 0xff})
	f.Add(Exited{}.kind(), []byte{0xa2, 0x01, 0x1a, 1, 2, 3, 4, 0x02, 0x20})
	f.Fuzz(func(t *testing.T, kind byte, payload []byte) {
		known := kinds(kind)
		if known == nil {
			return
		}
		m, err := known(payload)
		if err != nil {
			return
		}
		sameFields(t, d, payload, fieldsOf(m.(Message)))
	})
}
