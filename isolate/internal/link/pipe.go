package link

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// PipeConfig configures a Pipe.
type PipeConfig struct {
	MaxMessage int // largest message in bytes, both ways; default MaxMessage, at most 2 GiB - 1
}

// Pipe is a link over two streams of bytes. What it holds that the receiver did not ask
// for is at most 64 KiB, and what the streams themselves hold.
type Pipe struct {
	limit int
	r     io.Reader
	w     io.Writer

	sendMu  sync.Mutex
	scratch []byte
	sendErr error

	recvMu  sync.Mutex
	in      reader
	recvErr error

	mu          sync.Mutex
	closed      bool
	interrupted bool
}

// NewPipe returns a link that reads r and writes w, and closes what of them can be closed.
// A file that was inherited should come from Inherited, else Close and Interrupt may wake
// no blocked call.
func NewPipe(r io.Reader, w io.Writer, cfg PipeConfig) *Pipe {
	p := &Pipe{limit: maxLength(cfg.MaxMessage), r: r, w: w}
	p.in = reader{src: r, limit: p.limit, buffers: arrived{limit: p.limit}}
	return p
}

// Send implements Link.
func (p *Pipe) Send(parts ...[]byte) error { return p.send(0, parts...) }

func (p *Pipe) send(mark uint32, parts ...[]byte) error {
	p.sendMu.Lock()
	defer p.sendMu.Unlock()
	if p.sendErr != nil {
		return p.sendErr
	}
	buf, _, err := appendLength(p.scratch[:0], mark, parts, p.limit)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if len(buf)+len(part) <= maxAhead { // a call for each part would cost more
			buf = append(buf, part...)
			continue
		}
		if err = p.write(buf); err == nil {
			err = p.write(part)
		}
		if err != nil {
			return err
		}
		buf = buf[:0]
	}
	p.scratch = buf[:0]
	return p.write(buf)
}

// write writes a piece of a message. After an error the stream has no meaning any more.
func (p *Pipe) write(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	_, err := p.w.Write(b)
	if err == nil {
		return nil
	}
	if p.sendErr = ErrClosed; !p.isClosed() {
		p.sendErr = fmt.Errorf("%w: %v", ErrGone, err)
	}
	return p.sendErr
}

// Recv implements Link.
func (p *Pipe) Recv() ([]byte, error) { return p.recv(nil, false) }

// RecvInto implements Taker.
func (p *Pipe) RecvInto(buf []byte) ([]byte, error) { return p.recv(buf, true) }

func (p *Pipe) recv(buf []byte, take bool) ([]byte, error) {
	p.recvMu.Lock()
	defer p.recvMu.Unlock()
	if p.takeInterrupt() {
		return nil, ErrInterrupted
	}
	if p.recvErr != nil {
		return nil, p.recvErr
	}
	msg, err := p.in.next(buf, take)
	if err == nil {
		return msg, nil
	}
	if errors.Is(err, os.ErrDeadlineExceeded) && p.takeInterrupt() {
		return nil, ErrInterrupted
	}
	switch {
	case errors.Is(err, ErrCorrupt):
		p.recvErr = err
	case p.isClosed():
		p.recvErr = ErrClosed
	default:
		p.recvErr = io.EOF // whatever the system calls it
	}
	return nil, p.recvErr
}

// Interrupt implements Taker.
func (p *Pipe) Interrupt() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.interrupted = true
	r, ok := p.r.(interface{ SetReadDeadline(time.Time) error })
	return ok && r.SetReadDeadline(time.Unix(1, 0)) == nil
}

func (p *Pipe) takeInterrupt() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.interrupted {
		return false
	}
	p.interrupted = false
	if r, ok := p.r.(interface{ SetReadDeadline(time.Time) error }); ok {
		_ = r.SetReadDeadline(time.Time{})
	}
	return true
}

// Close implements Link.
func (p *Pipe) Close() error {
	p.mu.Lock()
	was := p.closed
	p.closed = true
	p.mu.Unlock()
	if was {
		return nil
	}
	var errs [2]error
	if c, ok := p.w.(io.Closer); ok {
		errs[0] = c.Close()
	}
	if c, ok := p.r.(io.Closer); ok && any(p.r) != any(p.w) {
		errs[1] = c.Close()
	}
	return errors.Join(errs[:]...)
}

func (p *Pipe) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}
