package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull/bench/isolates/internal/trial"
)

// raws is a yardstick: what fork, exec and two pipes cost with this executable and nothing around them. It uses the
// cheapest calls that there are: an empty environment, one CPU for the child's scheduler, blocking reads and writes.
type raws struct {
	trial.Unpooled
	path string
}

const (
	pipeSize = 1 << 20
	rawEcho  = 0
	rawPush  = 1
	rawFlush = 2
)

func newRaw() (trial.System, error) {
	path, err := os.Executable()
	return raws{path: path}, err
}

type raw struct {
	pid  int
	wire rawWire
}

func (r raws) Start(ctx context.Context, hello []byte) (trial.Isolate, []byte, error) {
	child, err := r.fork()
	if err != nil {
		return nil, nil, err
	}
	return trial.FirstTrip(ctx, child, hello)
}

func (r raws) fork() (_ *raw, err error) {
	var down, up [2]int // read end, write end
	if err := unix.Pipe2(down[:], unix.O_CLOEXEC); err != nil {
		return nil, fmt.Errorf("pipe: %w", err)
	}
	defer func() { err = errors.Join(err, unix.Close(down[0])) }()
	if err := unix.Pipe2(up[:], unix.O_CLOEXEC); err != nil {
		return nil, errors.Join(fmt.Errorf("pipe: %w", err), unix.Close(down[1]))
	}
	defer func() { err = errors.Join(err, unix.Close(up[1])) }()
	pid, err := syscall.ForkExec(r.path, []string{r.path, rawChild}, &syscall.ProcAttr{
		Env:   []string{"GOMAXPROCS=1"},
		Files: []uintptr{0, 1, 2, uintptr(down[0]), uintptr(up[1])},
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("fork and exec: %w", err), unix.Close(down[1]), unix.Close(up[0]))
	}
	return &raw{pid: pid, wire: rawWire{in: up[0], out: down[1]}}, nil
}

func (r *raw) RoundTrip(_ context.Context, p []byte) ([]byte, error) {
	if err := r.wire.send(rawEcho, p); err != nil {
		return nil, err
	}
	_, got, err := r.wire.receive()
	return got, err
}

func (r *raw) Push(_ context.Context, p []byte) error { return r.wire.send(rawPush, p) }

func (r *raw) Flush(context.Context) (int64, error) {
	if err := r.wire.send(rawFlush, nil); err != nil {
		return 0, err
	}
	_, got, err := r.wire.receive()
	if err == nil && len(got) != 8 {
		err = fmt.Errorf("count of %d bytes", len(got))
	}
	if err != nil {
		return 0, err
	}
	return int64(binary.LittleEndian.Uint64(got)), nil
}

func (r *raw) Close() error {
	err := errors.Join(unix.Close(r.wire.out), unix.Close(r.wire.in))
	var status syscall.WaitStatus
	for {
		_, waitErr := syscall.Wait4(r.pid, &status, 0, nil)
		if waitErr == syscall.EINTR {
			continue
		}
		if waitErr == nil && status != 0 {
			waitErr = fmt.Errorf("the child ended with status %#x", status)
		}
		return errors.Join(err, waitErr)
	}
}

// serveRaw is the child. It returns its exit code.
func serveRaw() int {
	w := rawWire{in: 3, out: 4}
	var count uint64
	for {
		op, body, err := w.receive()
		switch {
		case err == io.EOF:
			return 0
		case err != nil:
			return 1
		case op == rawEcho:
			err = w.send(rawEcho, body)
		case op == rawPush:
			count += uint64(len(body))
		case op == rawFlush:
			err = w.send(rawFlush, binary.LittleEndian.AppendUint64(nil, count))
		}
		if err != nil {
			return 1
		}
	}
}

// rawWire is two pipes and a buffer that grows to the largest message.
type rawWire struct {
	in, out int
	grown   bool
	buf     []byte
	head    [8]byte
}

func (w *rawWire) send(op uint32, body []byte) error {
	binary.LittleEndian.PutUint32(w.head[0:], uint32(len(body)))
	binary.LittleEndian.PutUint32(w.head[4:], op)
	if len(body) > 32<<10 && !w.grown {
		// Only now: a larger pipe costs memory, and time at the start.
		for _, fd := range []int{w.in, w.out} {
			if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETPIPE_SZ, pipeSize); err != nil {
				return fmt.Errorf("size of pipe: %w", err)
			}
		}
		w.grown = true
	}
	parts := [][]byte{w.head[:], body}
	for len(parts[0])+len(parts[1]) > 0 {
		n, err := unix.Writev(w.out, parts)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		for i := range parts {
			taken := min(n, len(parts[i]))
			parts[i], n = parts[i][taken:], n-taken
		}
	}
	return nil
}

// receive returns a body that holds until the next one.
func (w *rawWire) receive() (op uint32, body []byte, err error) {
	var head [8]byte
	if err := w.fill(head[:]); err != nil {
		return 0, nil, err
	}
	size := int(binary.LittleEndian.Uint32(head[:]))
	if size > len(w.buf) {
		w.buf = make([]byte, size)
	}
	if err := w.fill(w.buf[:size]); err != nil {
		return 0, nil, err
	}
	return binary.LittleEndian.Uint32(head[4:]), w.buf[:size], nil
}

func (w *rawWire) fill(p []byte) error {
	for len(p) > 0 {
		n, err := unix.Read(w.in, p)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return err
		case n == 0:
			return io.EOF
		default:
			p = p[n:]
		}
	}
	return nil
}
