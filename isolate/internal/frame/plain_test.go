package frame

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// encodesAlike checks the plain encoding of a message against the library's.
func encodesAlike(t *testing.T, m Message) (plain bool) {
	t.Helper()
	got, ok := appendPlain([]byte("before"), m)
	if !ok {
		if string(got) != "before" {
			t.Errorf("%#v: %x was left behind", m, got)
		}
		return false
	}
	want, err := cbor.Marshal(m)
	if err != nil || !bytes.Equal(got[len("before"):], want) {
		t.Errorf("%#v: plain %x, library %x, %v", m, got, want, err)
	}
	return true
}

func TestPlainEncodesLikeTheLibrary(t *testing.T) {
	long := make([]byte, 70_000)
	for _, m := range append(messages, Message(Run{}), Run{Input: []byte{}}, Run{Input: long, Pause: long[:300]},
		Run{GraceMS: 1 << 40, Listeners: 1<<16 + 1}, Hello{Attempt: 23, ResultLimit: 24, MinVersion: 255, MaxVersion: 256},
		Complete{Message: "hällo", Explicit: true, Stopped: "b", Stack: []byte{}}) {
		simple := true
		switch m := m.(type) {
		case Run:
			simple = m.Limits == nil && m.Sandbox == nil
		case Hello, Ready, Complete:
		default:
			simple = false
		}
		if got := encodesAlike(t, m); got != simple {
			t.Errorf("%#v is plain: %t, want %t", m, got, simple)
		}
	}
	if encodesAlike(t, Hello{Attempt: -1}) {
		t.Error("a number below zero is not plain")
	}
}

// FuzzPlain: what the plain decoder takes, the library takes too, with the same result.
func FuzzPlain(f *testing.F) {
	for _, m := range messages {
		payload, err := cbor.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(m.kind(), payload)
	}
	f.Add(Run{}.kind(), []byte{0xa1, 0x01, 0xf6})
	f.Add(Run{}.kind(), []byte{0xa2, 0x01, 0x40, 0x01, 0x40})
	f.Add(Complete{}.kind(), []byte{0xa1, 0x01, 0x61, 0xff})
	f.Fuzz(func(t *testing.T, kind byte, payload []byte) {
		var fast, slow plain
		switch kind {
		case Hello{}.kind():
			fast, slow = new(Hello), new(Hello)
		case Ready{}.kind():
			fast, slow = new(Ready), new(Ready)
		case Run{}.kind():
			fast, slow = new(Run), new(Run)
		case Complete{}.kind():
			fast, slow = new(Complete), new(Complete)
		default:
			return
		}
		if !decodePlain(payload, fast) {
			return
		}
		if err := NewReader(nil).library(payload, slow); err != nil || !reflect.DeepEqual(fast, slow) {
			t.Fatalf("%x: plain %#v, library %#v, %v", payload, fast, slow, err)
		}
		encodesAlike(t, reflect.ValueOf(fast).Elem().Interface().(Message))
	})
}
