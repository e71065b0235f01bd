package wire

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

type (
	benchSmall struct { // 64 bytes
		ID, When   int64
		X, Y, Z    float64
		Kind, Mode uint32
		Hash       [16]byte
	}
	benchPoint struct{ X, Y float64 }
	benchFrame struct {
		Seq    int
		Label  string
		Keep   bool
		Points []benchPoint
	}
	benchNested struct { // about 2 KB
		Name   string
		Tags   []string
		Frames []benchFrame
		Meta   map[string]string
		Counts map[string]int
	}
	benchBytes struct {
		Name string
		Data []byte
	}
	benchFloats struct {
		Name   string
		Values []float64
	}
)

func nested() benchNested {
	v := benchNested{Name: "a job of the benchmark", Meta: map[string]string{}, Counts: map[string]int{}}
	for i := range 8 {
		v.Tags = append(v.Tags, fmt.Sprint("tag number ", i))
		v.Meta[fmt.Sprint("key ", i)] = strings.Repeat("value ", 4)
		v.Counts[fmt.Sprint("count ", i)] = i * 1000
		f := benchFrame{Seq: i, Label: fmt.Sprint("frame ", i), Keep: i%2 == 0}
		for j := range 8 {
			f.Points = append(f.Points, benchPoint{float64(i) / 3, float64(j) / 7})
		}
		v.Frames = append(v.Frames, f)
	}
	return v
}

func floats(n int) []float64 {
	list := make([]float64, n)
	for i := range list {
		list[i] = float64(i) / 3
	}
	return list
}

// BenchmarkRoundTrip is one encoding and one decoding into a fresh value. It is what
// RATIONALE.md quotes.
func BenchmarkRoundTrip(b *testing.B) {
	b.Run("struct 64 B", func(b *testing.B) {
		candidates(b, benchSmall{ID: 1, When: 1 << 60, X: 1. / 3, Y: 2. / 3, Z: 1e9, Kind: 3, Mode: 1 << 30, Hash: [16]byte{1, 2, 3}})
	})
	b.Run("nested 2 KB", func(b *testing.B) { candidates(b, nested()) })
	b.Run("bytes 64 KB", func(b *testing.B) {
		candidates(b, benchBytes{"page", bytes.Repeat([]byte{0xa5}, 64<<10)})
	})
	b.Run("bytes 1 MB", func(b *testing.B) {
		candidates(b, benchBytes{"page", bytes.Repeat([]byte{0xa5}, 1<<20)})
	})
	b.Run("float64 x 64k", func(b *testing.B) { candidates(b, benchFloats{"series", floats(64 << 10)}) })
}

// candidates runs each encoding with its buffers kept, and gob with its types already sent.
func candidates[T any](b *testing.B, v T) {
	var buf []byte
	run := func(name string, trip func() (T, error)) {
		b.Run(name, func(b *testing.B) {
			got, err := trip()
			if err != nil || !reflect.DeepEqual(got, v) {
				b.Fatalf("%v: the copy differs", err)
			}
			size := len(buf)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := trip(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(size), "wire-B")
		})
	}
	run("plan", func() (out T, err error) {
		if buf, err = Encode(buf[:0], v, nil); err != nil {
			return out, err
		}
		return Decode[T](buf, nil)
	})
	run("cbor", func() (out T, err error) {
		w := bytes.NewBuffer(buf[:0])
		if err := cbor.MarshalToBuffer(v, w); err != nil {
			return out, err
		}
		buf = w.Bytes()
		return out, cbor.Unmarshal(buf, &out)
	})
	var stream bytes.Buffer
	enc, dec := gob.NewEncoder(&stream), gob.NewDecoder(&stream)
	run("gob", func() (out T, err error) {
		if err := enc.Encode(v); err != nil {
			return out, err
		}
		buf = stream.Bytes()
		return out, dec.Decode(&out)
	})
	run("json", func() (out T, err error) {
		w := bytes.NewBuffer(buf[:0])
		if err := json.NewEncoder(w).Encode(v); err != nil {
			return out, err
		}
		buf = w.Bytes()
		return out, json.Unmarshal(buf, &out)
	})
}

// BenchmarkReuse decodes into memory that is there already.
func BenchmarkReuse(b *testing.B) {
	for _, size := range []int{64 << 10, 1 << 20, 16 << 20} {
		b.Run(fmt.Sprint(size>>10, " KB"), func(b *testing.B) {
			var buf []byte
			var err error
			v, into := make([]byte, size), make([]byte, size)
			c, _ := For(reflect.TypeFor[[]byte]())
			dst := reflect.ValueOf(&into).Elem()
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if buf, err = Encode(buf[:0], v, nil); err == nil {
					err = c.Decode(buf, dst, nil)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
