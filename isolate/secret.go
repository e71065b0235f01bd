package isolate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

// MaxSecrets is how many bytes the secrets of a run may have, with their names.
const MaxSecrets = 64 << 10

// envSecrets is the variable that tells a program the descriptor of its secrets.
const envSecrets = "LULL_SECRETS_FD"

// Secret returns a value of Spec.Secrets inside a run; false if there is none of that
// name.
func Secret(ctx context.Context, name string) ([]byte, bool) {
	in, ok := ctx.Value(insideKey{}).(*inside)
	if !ok {
		return nil, false
	}
	value, ok := in.secrets[name]
	return bytes.Clone(value), ok
}

func checkSecrets(secrets map[string][]byte) error {
	if len(secrets) > 0 && !secretsOffered {
		return errors.New("secrets are not offered on this system")
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		switch { // never with the value
		case name == "" || strings.ContainsAny(name, "=\x00"):
			errs = append(errs, fmt.Errorf("secrets: %q is no name", name))
		case bytes.IndexByte(secrets[name], 0) >= 0:
			errs = append(errs, fmt.Errorf("secrets: the value of %q holds a NUL byte: encode it, in base64 for example", name))
		}
	}
	if n := len(encodeSecrets(secrets)); n > MaxSecrets {
		errs = append(errs, fmt.Errorf("secrets: %d bytes: %w", n, ErrTooLarge))
	}
	return errors.Join(errs...)
}

// encodeSecrets writes name=value records, each ended by a NUL byte, in the order of
// their names.
func encodeSecrets(secrets map[string][]byte) []byte {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		b.WriteString(name + "=")
		b.Write(secrets[name])
		b.WriteByte(0)
	}
	return b.Bytes()
}

// readSecrets reads what encodeSecrets has written, and closes the file.
func readSecrets(f *os.File) (map[string][]byte, error) {
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, MaxSecrets+1))
	if err != nil {
		return nil, fmt.Errorf("secrets: %w", err)
	}
	return decodeSecrets(data)
}

func decodeSecrets(data []byte) (map[string][]byte, error) {
	secrets := map[string][]byte{}
	for len(data) > 0 {
		record, rest, ended := bytes.Cut(data, []byte{0})
		name, value, ok := bytes.Cut(record, []byte{'='})
		if !ended || !ok || len(name) == 0 {
			return nil, errors.New("secrets: not name=value records that end with a NUL byte")
		}
		secrets[string(name)], data = value, rest
	}
	return secrets, nil
}
