// Package capture keeps the beginning and the end of an isolate's output, in bounded memory.
package capture

import (
	"fmt"
	"io"
	"os"
	"sync"
)

// Part is the size of the head and of the tail that are kept.
const Part = 64 << 10

// Config configures a Sink.
type Config struct {
	// Limit is the number of bytes after which OnLimit is called, once. Negative: none.
	Limit   int64
	OnLimit func()
	// Log is a file to which the output is appended, up to Limit. Empty: none.
	Log string
}

// Sink takes output. One goroutine may read into it while others look.
type Sink struct {
	cfg Config

	mu     sync.Mutex
	head   []byte
	ring   []byte // the last bytes after the head; ring[next] is the oldest when it is full
	next   int
	total  int64
	log    *os.File
	logErr error
}

// New returns an empty sink. It opens nothing before the first byte.
func New(cfg Config) *Sink { return &Sink{cfg: cfg} }

var _ io.ReaderFrom = (*Sink)(nil)

// ReadFrom copies r until its end.
func (s *Sink) ReadFrom(r io.Reader) (int64, error) {
	first := [512]byte{} // most runs say little: no large buffer before it is needed
	buf := first[:]
	var sum int64
	for {
		n, err := r.Read(buf)
		if n > 0 {
			s.take(buf[:n])
			sum += int64(n)
		}
		if err == io.EOF {
			return sum, nil
		}
		if err != nil {
			return sum, err
		}
		if n == len(first) && len(buf) == n {
			buf = make([]byte, 32<<10)
		}
	}
}

// Write takes all of p. If that crosses the limit, OnLimit is called before it returns.
func (s *Sink) Write(p []byte) (int, error) {
	s.take(p)
	return len(p), nil
}

func (s *Sink) take(p []byte) {
	s.mu.Lock()
	before := s.total
	s.total += int64(len(p))
	over := s.cfg.Limit >= 0 && s.total > s.cfg.Limit
	s.keep(p)
	if over {
		p = p[:max(0, s.cfg.Limit-before)]
	}
	s.write(p)
	crossed := over && before <= s.cfg.Limit
	s.mu.Unlock()
	if crossed && s.cfg.OnLimit != nil {
		s.cfg.OnLimit()
	}
}

func (s *Sink) keep(p []byte) {
	if room := Part - len(s.head); room > 0 {
		n := min(room, len(p))
		s.head = append(s.head, p[:n]...)
		p = p[n:]
	}
	if len(p) > Part {
		p = p[len(p)-Part:]
	}
	if room := Part - len(s.ring); room > 0 && len(p) > 0 {
		n := min(room, len(p))
		s.ring = append(s.ring, p[:n]...)
		p = p[n:]
	}
	for len(p) > 0 {
		n := copy(s.ring[s.next:], p)
		s.next = (s.next + n) % Part
		p = p[n:]
	}
}

func (s *Sink) write(p []byte) {
	if s.cfg.Log == "" || s.logErr != nil || len(p) == 0 {
		return
	}
	if s.log == nil {
		s.log, s.logErr = os.OpenFile(s.cfg.Log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if s.logErr != nil {
			return
		}
	}
	_, s.logErr = s.log.Write(p) // a full disk must not stop the run
}

// Tail returns head and tail, with a line between them if something is left out.
func (s *Sink) Tail() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := append([]byte(nil), s.head...)
	if left := s.leftOut(); left > 0 {
		out = fmt.Appendf(out, "\n... %d bytes left out ...\n", left)
	}
	out = append(out, s.ring[s.next:]...)
	return append(out, s.ring[:s.next]...)
}

func (s *Sink) leftOut() int64 { return s.total - int64(len(s.head)+len(s.ring)) }

// Total is the number of bytes that came.
func (s *Sink) Total() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// Truncated says whether Tail leaves something out.
func (s *Sink) Truncated() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leftOut() > 0
}

// Close closes the log and returns its first error.
func (s *Sink) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.log != nil {
		if err := s.log.Close(); s.logErr == nil {
			s.logErr = err
		}
		s.log = nil
	}
	return s.logErr
}
