package frame

import (
	"errors"
	"fmt"
)

// Answer is the isolate's half of the handshake: it takes Hello and answers Ready.
func Answer(r *Reader, w *Writer, found func(name string) bool) (Hello, error) {
	msg, err := r.Next()
	if err != nil {
		return Hello{}, fmt.Errorf("no handshake: %w", err)
	}
	hello, ok := msg.(Hello)
	if !ok || hello.Magic != Magic {
		return hello, errors.New("no handshake: the first frame is not a hello")
	}
	if hello.MinVersion > Version || hello.MaxVersion < Version {
		return hello, fmt.Errorf("the host speaks protocol %d to %d, this is %d", hello.MinVersion, hello.MaxVersion, Version)
	}
	return hello, w.Send(Ready{Version: Version, Found: hello.Warm || found(hello.Name)})
}
