package frame

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/lullwork/lull/isolate/internal/confine"
)

var messages = []Message{
	Hello{Magic: Magic, MinVersion: Version, MaxVersion: Version, Run: "work#1", Name: "thumbnail", Attempt: 2, ResultLimit: 10},
	Ready{Version: Version, Found: true},
	Run{Input: []byte(`{"a":1}`)},
	Run{DataLimit: 1 << 30},
	Run{
		Limits: &confine.Limits{CPUSoft: 1, CPUHard: 2, OpenFiles: 3, FileSize: 4}, Secrets: true, GraceMS: 5,
		Sandbox: &confine.Sandbox{Landlock: 7, Read: []string{"/usr"}, Write: []string{"/tmp"}, Devices: []string{"/dev/null"}, Seccomp: true, NoNetwork: true},
	},
	Refused{Message: "landlock: no"},
	Run{Link: true, KeepAlive: true, Pause: []byte{1, 2}, NotFatal: true, Listeners: 2, Name: "warm", ResultLimit: 5},
	Stop{Reason: "budget", GraceMS: 10_000},
	Stop{Deaf: true},
	Pause{Capability: []byte{1, 2}},
	Pause{Capability: []byte{1, 2}, Resume: true},
	Ping{Seq: 7},
	Pong{Seq: 7},
	Complete{Outcome: "crashed", Stack: []byte("main.go:1"), NoResult: true},
	Progress{Value: []byte("1")},
	Complete{Outcome: "success", Result: []byte("null"), Leaked: 2},
	Exited{Status: 256, Leaked: 1},
}

func stream(t testing.TB, list ...Message) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := NewWriter(&buf)
	for _, m := range list {
		if err := w.Send(m); err != nil {
			t.Fatal(err)
		}
	}
	return buf.Bytes()
}

func reader(t testing.TB, src io.Reader) *Reader {
	t.Helper()
	return NewReader(src)
}

func TestRoundTrip(t *testing.T) {
	r := reader(t, iotest.OneByteReader(bytes.NewReader(stream(t, messages...))))
	for _, want := range messages {
		got, err := r.Next()
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %#v, %v, want %#v", got, err, want)
		}
	}
	if _, err := r.Next(); err != io.EOF {
		t.Error(err)
	}
}

func TestTruncated(t *testing.T) {
	whole := stream(t, messages[0])
	for n := 1; n < len(whole); n++ {
		if m, err := reader(t, bytes.NewReader(whole[:n])).Next(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("after %d bytes: %#v, %v", n, m, err)
		}
	}
}

func TestBad(t *testing.T) {
	for _, test := range []struct {
		name string
		data []byte
		want error
	}{
		{"length 0", []byte{0, 0, 0, 0, 1}, ErrLength},
		{"length just over", []byte{2, 0, 0x10, 0, 1}, ErrLength},
		{"length of 4 GiB", []byte{0xff, 0xff, 0xff, 0xff, 1}, ErrLength},
		{"unknown type", []byte{1, 0, 0, 0, 0x7f}, ErrType},
		{"no payload", []byte{1, 0, 0, 0, 1}, ErrPayload},
		{"payload of another kind", []byte{2, 0, 0, 0, 1, 0x01}, ErrPayload},
		{"text where a number belongs", []byte{5, 0, 0, 0, 0x11, 0xa1, 0x01, 0x61, 'x'}, ErrPayload},
		{"key twice", []byte{6, 0, 0, 0, 0x11, 0xa2, 0x01, 0x01, 0x01, 0x02}, ErrPayload},
		{"bytes after the value", []byte{3, 0, 0, 0, 0x11, 0xa0, 0x00}, ErrPayload},
		{"text that is not UTF-8", []byte{5, 0, 0, 0, 3, 0xa1, 0x01, 0x61, 0xff}, ErrPayload},
		{"text longer than the frame", []byte{8, 0, 0, 0, 3, 0xa1, 0x01, 0x7a, 0x7f, 0xff, 0xff, 0xff}, ErrPayload},
	} {
		if m, err := reader(t, bytes.NewReader(test.data)).Next(); !errors.Is(err, test.want) {
			t.Errorf("%s: %#v, %v, want %v", test.name, m, err, test.want)
		}
	}
}

func TestSkipsTheFuture(t *testing.T) {
	future := append([]byte{4, 0, 0, 0, 0x80, 1, 2, 3}, stream(t, Ready{Version: Version})...)
	if m, err := reader(t, bytes.NewReader(future)).Next(); err != nil || m != (Ready{Version: Version}) {
		t.Error(m, err)
	}
	cut := []byte{4, 0, 0, 0, 0x80, 1}
	if _, err := reader(t, bytes.NewReader(cut)).Next(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

func TestLargest(t *testing.T) {
	var buf bytes.Buffer
	w := NewWriter(&buf)
	if err := w.Send(Run{Input: make([]byte, MaxPayload)}); !errors.Is(err, ErrLength) || buf.Len() > 0 {
		t.Error(err, buf.Len())
	}
	if err := w.Send(Run{Input: make([]byte, MaxPayload-16)}); err != nil {
		t.Error(err)
	}
	if m, err := reader(t, &buf).Next(); err != nil || len(m.(Run).Input) != MaxPayload-16 {
		t.Error(err)
	}
}

func TestAnswer(t *testing.T) {
	hello := Hello{Magic: Magic, MinVersion: 1, MaxVersion: 3, Name: "a"}
	for _, test := range []struct {
		name string
		in   Message
		want string
	}{
		{"good", hello, ""},
		{"no magic", Hello{MinVersion: 1, MaxVersion: 3}, "not a hello"},
		{"too new", Hello{Magic: Magic, MinVersion: 3, MaxVersion: 4}, "protocol 3 to 4"},
		{"another frame", Run{}, "not a hello"},
	} {
		var out bytes.Buffer
		got, err := Answer(reader(t, bytes.NewReader(stream(t, test.in))), NewWriter(&out), func(name string) bool { return name == "a" })
		if test.want != "" {
			if err == nil || !strings.Contains(err.Error(), test.want) || out.Len() > 0 {
				t.Errorf("%s: %v, %d bytes sent", test.name, err, out.Len())
			}
			continue
		}
		m, readErr := reader(t, &out).Next()
		if err != nil || readErr != nil || got != hello || m != (Ready{Version: Version, Found: true}) {
			t.Errorf("%s: %v %v %#v", test.name, err, readErr, m)
		}
	}
}

func TestDecode(t *testing.T) {
	for _, m := range messages {
		encoded, err := Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Decode(encoded); err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("got %#v, %v, want %#v", got, err, m)
		}
		for n := range encoded {
			if got, err := Decode(encoded[:n]); err == nil {
				t.Fatalf("%d bytes of %d are %#v", n, len(encoded), got)
			}
		}
		if got, err := Decode(append(encoded, 0)); !errors.Is(err, ErrLength) {
			t.Errorf("one byte more is %#v, %v", got, err)
		}
	}
	if got, err := Decode([]byte{1, 0, 0, 0, 0x80}); !errors.Is(err, ErrType) {
		t.Errorf("%#v, %v", got, err)
	}
}

// FuzzReader feeds any bytes: no panic, no large allocation, and what is read must
// survive another trip.
func FuzzReader(f *testing.F) {
	for _, m := range messages {
		f.Add(stream(f, m))
	}
	f.Add(stream(f, messages...))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{4, 0, 0, 0, 0x80, 1, 2, 3, 1, 0, 0, 0, 0x11})
	f.Fuzz(func(t *testing.T, data []byte) {
		r := reader(t, bytes.NewReader(data))
		for {
			m, err := r.Next()
			if err != nil {
				return
			}
			again, err := reader(t, bytes.NewReader(stream(t, m.(Message)))).Next()
			if err != nil {
				t.Fatalf("%#v: %v", m, err)
			}
			if a, b := stream(t, m.(Message)), stream(t, again.(Message)); !bytes.Equal(a, b) {
				t.Fatalf("%#v came back as %#v", m, again)
			}
		}
	})
}
