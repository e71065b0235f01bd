package isolate

import (
	"bytes"
	"maps"
	"slices"
	"testing"
)

func TestSecretsRoundTrip(t *testing.T) {
	in := map[string][]byte{"A": []byte("x=y\nz"), "b": {}, "c d": {0xff, 1}}
	out, err := decodeSecrets(encodeSecrets(in))
	if err != nil || !maps.EqualFunc(in, out, bytes.Equal) {
		t.Error(out, err)
	}
	for _, bad := range []string{"A=x", "A\x00", "=x\x00", "\x00", "A=x\x00B"} {
		if got, err := decodeSecrets([]byte(bad)); err == nil {
			t.Errorf("%q gave %q", bad, got)
		}
	}
}

// FuzzDecodeSecrets feeds any bytes: no panic, and what is understood survives another
// trip. Of equal names the last one counts.
func FuzzDecodeSecrets(f *testing.F) {
	f.Add(encodeSecrets(map[string][]byte{"A": []byte("x"), "B": []byte("y=z\n")}))
	f.Add([]byte("A=x\x00A=y\x00"))
	f.Add([]byte("=\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := decodeSecrets(data)
		if err != nil {
			return
		}
		again, err := decodeSecrets(encodeSecrets(got))
		if err != nil || !maps.EqualFunc(got, again, bytes.Equal) {
			t.Errorf("%q became %q, %v", got, again, err)
		}
		if len(got) > 0 && slices.Sorted(maps.Keys(got))[0] == "" {
			t.Errorf("%q holds a secret without a name", data)
		}
	})
}
