package httpapi

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A peer of another user gets no answer, even if the socket's mode lets it connect.
func TestOtherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED, not tested: only root can be another user")
	}
	d := &desk{}
	dir, err := os.MkdirTemp("/tmp", "lull-peer-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	l, err := Listen(filepath.Join(dir, "sock"))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- Serve(t.Context(), l, d) }()
	if err := errors.Join(os.Chmod(dir, 0o755), os.Chmod(filepath.Join(dir, "sock"), 0o666)); err != nil {
		t.Fatal(err)
	}
	const request = "POST /enqueue HTTP/1.1\r\nHost: lull\r\nContent-Length: 12\r\n\r\n{\"task\":\"a\"}"
	own, err := say(filepath.Join(dir, "sock"), 0, request)
	if err != nil || !strings.HasPrefix(own, "HTTP/1.1 200 OK") {
		t.Fatalf("this user got %q, %v", own, err)
	}
	other, err := say(filepath.Join(dir, "sock"), 65534, request)
	if other != "" || err != nil && !errors.Is(err, unix.ECONNRESET) && !errors.Is(err, unix.EPIPE) {
		t.Errorf("another user got %q, %v", other, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.asked) != 1 {
		t.Errorf("%d requests were carried out, want this user's", len(d.asked))
	}
}

// say connects as a user, sends text and returns what comes first. The user is one
// thread's, which ends with it.
func say(socket string, uid int, text string) (answer string, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(uid), uintptr(uid), uintptr(uid)); errno != 0 {
			err = fmt.Errorf("become user %d: %w", uid, errno)
			return
		}
		var fd int
		if fd, err = unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err != nil {
			return
		}
		defer unix.Close(fd)
		if err = unix.Connect(fd, &unix.SockaddrUnix{Name: socket}); err != nil {
			return
		}
		if _, err = unix.Write(fd, []byte(text)); err != nil {
			return
		}
		b := make([]byte, 1000)
		var n int
		n, err = unix.Read(fd, b)
		answer = string(b[:max(n, 0)])
	}()
	<-done
	return answer, err
}

// A state may lie so deep that the address of a socket has no room for its path.
func TestLongPath(t *testing.T) {
	dir := t.TempDir()
	for len(dir) < 1000 {
		dir = filepath.Join(dir, strings.Repeat("x", 100))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "sock")
	if warm, err := Listen(socket); err != nil { // the runtime opens what it polls with
		t.Fatal(err)
	} else if err := warm.Close(); err != nil {
		t.Fatal(err)
	}
	before := descriptors(t)
	l, err := Listen(socket)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(socket); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	d := &desk{}
	ended := make(chan error, 1)
	go func() { ended <- Serve(t.Context(), l, d) }()
	if a, err := Ask(t.Context(), socket, "enqueue", TaskRequest{Task: "a"}); err != nil || a.ID != "id of a" {
		t.Errorf("got %+v, %v", a, err)
	}
	l.Close()
	if err := <-ended; err == nil {
		t.Error("Serve ended without an error on a listener that was closed under it")
	}
	if _, err := os.Stat(socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
	if _, err := Ask(t.Context(), socket, "enqueue", TaskRequest{Task: "a"}); !errors.Is(err, ErrNobody) {
		t.Errorf("got %v, want nobody", err)
	}
	// The server closes what it has answered in its own time.
	for deadline := time.Now().Add(5 * time.Second); descriptors(t) > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d descriptors, before it were %d", descriptors(t), before)
		}
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(fds)
}
