package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lullwork/lull/work"
)

// desk is an engine that writes down what it is asked.
type desk struct {
	mu      sync.Mutex
	asked   []TaskRequest
	cancels []CancelRequest
	err     error
	hold    chan struct{} // nil: answers at once
	entered chan struct{} // gets one for each request that is held
}

func (d *desk) EnqueueTask(ctx context.Context, q TaskRequest) (work.ID, error) {
	d.mu.Lock()
	d.asked = append(d.asked, q)
	err := d.err
	d.mu.Unlock()
	if d.hold != nil {
		d.entered <- struct{}{}
		select {
		case <-d.hold:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	return "id of " + work.ID(q.Task), err
}

func (d *desk) cancel(q CancelRequest) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cancels = append(d.cancels, q)
	return len(d.cancels), d.err
}

func (d *desk) Cancel(_ context.Context, id work.ID) (int, error) {
	return d.cancel(CancelRequest{ID: id})
}

func (d *desk) CancelTagged(_ context.Context, tag string) (int, error) {
	return d.cancel(CancelRequest{Tag: tag})
}

func (d *desk) CancelUnique(_ context.Context, name string) (int, error) {
	return d.cancel(CancelRequest{Name: name})
}

func (d *desk) App(_ context.Context, q AppRequest) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return q.Do + " " + q.Arg, d.err
}

func TestApp(t *testing.T) {
	d := &desk{}
	socket, _ := serve(t, d)
	if a, err := Ask(t.Context(), socket, "app", AppRequest{Do: "push", Arg: "news"}); err != nil || a.Text != "push news" {
		t.Errorf("got %+v, %v", a, err)
	}
	d.err = &work.Error{Op: "app", Task: "news", Err: errors.New("it is no push"), Hint: "make it one"}
	_, err := Ask(t.Context(), socket, "app", AppRequest{Do: "push", Arg: "news"})
	var e *work.Error
	if !errors.As(err, &e) || e.Hint != "make it one" || e.Task != "news" {
		t.Errorf("got %v", err)
	}
}

// serve serves an engine on a socket until the test ends, or stop is called.
func serve(t *testing.T, e Engine) (socket string, stop func()) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "sock")
	l, err := Listen(socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, e) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	t.Cleanup(stop)
	return socket, stop
}

func TestAsk(t *testing.T) {
	d := &desk{}
	socket, _ := serve(t, d)
	q := TaskRequest{
		Task: "copy", ID: "x", Input: json.RawMessage(`{"a":1}`), Delay: time.Minute, Tags: []string{"t"},
		Unique: work.Unique{Name: "n", Policy: work.Append},
	}
	a, err := Ask(t.Context(), socket, "enqueue", q)
	if err != nil || a.ID != "id of copy" {
		t.Fatalf("got %+v, %v", a, err)
	}
	if diff := cmp.Diff([]TaskRequest{q}, d.asked); diff != "" {
		t.Errorf("what arrived: -want +got\n%s", diff)
	}
	cancels := []CancelRequest{{ID: "x"}, {Tag: "t"}, {Name: "n"}}
	for i, c := range cancels {
		if a, err := Ask(t.Context(), socket, "cancel", c); err != nil || a.Cancelled != i+1 {
			t.Errorf("cancel %+v: %+v, %v", c, a, err)
		}
	}
	if diff := cmp.Diff(cancels, d.cancels); diff != "" {
		t.Errorf("cancels: -want +got\n%s", diff)
	}
}

func TestRefusal(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		kind error // nil: none
	}{
		{"with a sentinel", &work.Error{Op: "enqueue", Task: "a", Err: fmt.Errorf("%w: 11000 bytes", work.ErrDataTooLarge), Hint: "less"}, work.ErrDataTooLarge},
		{"without one", &work.Error{Op: "enqueue", Err: errors.New("not now")}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			socket, _ := serve(t, &desk{err: c.err})
			_, err := Ask(t.Context(), socket, "enqueue", TaskRequest{Task: "a"})
			var got, want *work.Error
			if !errors.As(err, &got) || !errors.As(c.err, &want) || got.Hint != want.Hint || got.Error() != want.Error() {
				t.Errorf("got %#v, want %#v", err, c.err)
			}
			if c.kind != nil && !errors.Is(err, c.kind) {
				t.Errorf("%v is not %v any more", err, c.kind)
			}
			if c.kind == nil && errors.Unwrap(errors.Unwrap(err)) != nil {
				t.Errorf("%v became %v", err, errors.Unwrap(errors.Unwrap(err)))
			}
		})
	}
	t.Run("broken engine", func(t *testing.T) {
		socket, _ := serve(t, &desk{err: errors.New("disk full")})
		_, err := Ask(t.Context(), socket, "enqueue", TaskRequest{Task: "a"})
		var w *work.Error
		if err == nil || err.Error() != "disk full" || errors.As(err, &w) {
			t.Errorf("got %v, want the engine's own error", err)
		}
	})
	t.Run("contradiction", func(t *testing.T) {
		d := &desk{}
		socket, _ := serve(t, d)
		for _, q := range []CancelRequest{{}, {ID: "a", Tag: "b"}, {ID: "a", Name: "b"}, {Tag: "a", Name: "b"}} {
			if _, err := Ask(t.Context(), socket, "cancel", q); !errors.Is(err, work.ErrInvalid) {
				t.Errorf("%+v: %v, want invalid", q, err)
			}
		}
		if len(d.cancels) != 0 {
			t.Errorf("carried out: %v", d.cancels)
		}
	})
}

// post sends bytes as they are.
func post(t *testing.T, socket, method, what, body string) (status int, answer string) {
	t.Helper()
	c := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, socket) },
	}}
	req, err := http.NewRequestWithContext(t.Context(), method, "http://lull/"+what, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func TestWrongRequests(t *testing.T) {
	d := &desk{}
	socket, _ := serve(t, d)
	for _, c := range []struct {
		name, method, what, body string
		status                   int
		says                     string
	}{
		{"no JSON", "POST", "enqueue", "{", 400, "unexpected EOF"},
		{"empty", "POST", "enqueue", "", 400, "EOF"},
		{"unknown field", "POST", "enqueue", `{"task":"a","colour":1}`, 400, "unknown field"},
		{"wrong type", "POST", "enqueue", `{"task":1}`, 400, "cannot unmarshal"},
		{"delay out of range", "POST", "enqueue", `{"task":"a","delay":1e300}`, 400, "cannot unmarshal"},
		{"two values", "POST", "enqueue", `{"task":"a"}{"task":"b"}`, 400, "more than one JSON value"},
		{"rest", "POST", "enqueue", `{"task":"a"}]`, 400, "more than one JSON value"},
		{"array", "POST", "cancel", `[]`, 400, "cannot unmarshal"},
		{"long", "POST", "enqueue", `{"task":"` + strings.Repeat("a", maxBody) + `"}`, 400, "too large"},
		{"spaces without end", "POST", "enqueue", `{"task":"a"}` + strings.Repeat(" ", maxBody), 400, "more than one JSON value"},
		{"deep", "POST", "enqueue", `{"task":"a","input":` + strings.Repeat("[", 100_000), 400, "depth"},
		{"method", "GET", "enqueue", "", 405, ""},
		{"path", "POST", "shutdown", "{}", 404, ""},
		{"nothing asked", "POST", "cancel", "{}", 422, "give one of"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, answer := post(t, socket, c.method, c.what, c.body)
			if status != c.status || !strings.Contains(answer, c.says) || len(answer) > 1000 {
				t.Errorf("%d %.200s, want %d and %q", status, answer, c.status, c.says)
			}
		})
	}
	if len(d.asked)+len(d.cancels) != 0 {
		t.Errorf("carried out: %v %v", d.asked, d.cancels)
	}
}

func TestLargestRequest(t *testing.T) {
	d := &desk{}
	socket, _ := serve(t, d)
	in := json.RawMessage(`"` + strings.Repeat("a", maxBody-100) + `"`)
	if _, err := Ask(t.Context(), socket, "enqueue", TaskRequest{Task: "a", Input: in}); err != nil {
		t.Fatal(err)
	}
	if len(d.asked) != 1 || len(d.asked[0].Input) != len(in) {
		t.Error("it did not arrive whole")
	}
}

// As many peers as there are places are served at the same time; one more waits for
// a place and is served then.
func TestPeers(t *testing.T) {
	d := &desk{hold: make(chan struct{}), entered: make(chan struct{})}
	socket, _ := serve(t, d)
	errs := make(chan error, maxPeers+1)
	for i := range maxPeers + 1 {
		go func() {
			a, err := Ask(t.Context(), socket, "enqueue", TaskRequest{Task: fmt.Sprint(i)})
			if err == nil && a.ID != work.ID(fmt.Sprint("id of ", i)) {
				err = fmt.Errorf("%d got the answer %q", i, a.ID)
			}
			errs <- err
		}()
	}
	for range maxPeers {
		select {
		case <-d.entered:
		case err := <-errs: // no descriptors left, for one
			t.Fatal(err)
		}
	}
	select {
	case <-d.entered:
		t.Errorf("more than %d at a time", maxPeers)
	case <-time.After(50 * time.Millisecond):
	}
	d.hold <- struct{}{}
	<-d.entered // the place of the one that was answered
	close(d.hold)
	for range maxPeers + 1 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestNobody(t *testing.T) {
	dir := t.TempDir()
	ask := func(socket string) error {
		_, err := Ask(t.Context(), socket, "enqueue", TaskRequest{Task: "a"})
		return err
	}
	if err := ask(filepath.Join(dir, "sock")); !errors.Is(err, ErrNobody) {
		t.Errorf("no socket: %v", err)
	}
	if err := ask(filepath.Join(dir, "no-folder", "sock")); !errors.Is(err, ErrNobody) {
		t.Errorf("no folder: %v", err)
	}
	// What a killed engine leaves.
	left := filepath.Join(dir, "left")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: left, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	if err := ask(left); !errors.Is(err, ErrNobody) {
		t.Errorf("left socket: %v", err)
	}
	if Serves(t.Context(), left) {
		t.Error("a left socket is served")
	}
	again, err := Listen(left)
	if err != nil {
		t.Fatalf("a left socket is in the way: %v", err)
	}
	again.Close()
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a closed listener left its socket: %v", err)
	}
}

// Whoever has asked when the engine ends is answered; afterwards there is nobody.
func TestEnd(t *testing.T) {
	d := &desk{hold: make(chan struct{}), entered: make(chan struct{})}
	socket, stop := serve(t, d)
	if !Serves(t.Context(), socket) {
		t.Error("it is not served")
	}
	idle, err := dial(t.Context(), socket) // says nothing, and must not hold up the end
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	answered := make(chan error, 1)
	go func() {
		_, err := Ask(t.Context(), socket, "enqueue", TaskRequest{Task: "a"})
		answered <- err
	}()
	<-d.entered
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	for Serves(t.Context(), socket) {
		time.Sleep(time.Millisecond)
	}
	close(d.hold)
	if err := <-answered; err != nil {
		t.Errorf("it was not answered: %v", err)
	}
	<-stopped
	if _, err := Ask(t.Context(), socket, "enqueue", TaskRequest{Task: "a"}); !errors.Is(err, ErrNobody) {
		t.Errorf("after the end: %v", err)
	}
}

// An engine that dies before it answers may have carried out what it was asked.
func TestNoAnswer(t *testing.T) {
	for name, answer := range map[string]string{
		"nothing": "", "half": "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\"", "nonsense": "ICY 200\r\n\r\n",
		"no JSON": "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	} {
		t.Run(name, func(t *testing.T) {
			socket := filepath.Join(t.TempDir(), "sock")
			l, err := net.Listen("unix", socket)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = c.Read(make([]byte, 10_000))
				_, _ = io.WriteString(c, answer)
				c.Close()
			}()
			if _, err := Ask(t.Context(), socket, "enqueue", TaskRequest{Task: "a"}); !errors.Is(err, ErrNoAnswer) {
				t.Errorf("got %v, want ErrNoAnswer", err)
			} else if strings.Contains(err.Error(), "http://") {
				t.Errorf("a made-up URL: %v", err)
			}
		})
	}
	t.Run("given up", func(t *testing.T) {
		d := &desk{hold: make(chan struct{}), entered: make(chan struct{})}
		socket, _ := serve(t, d)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-d.entered; cancel() }()
		if _, err := Ask(ctx, socket, "enqueue", TaskRequest{Task: "a"}); !errors.Is(err, ErrNoAnswer) || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestMode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes")
	}
	socket, _ := serve(t, &desk{})
	info, err := os.Stat(socket)
	if err != nil {
		t.Fatal(err)
	}
	if m := info.Mode(); m.Perm() != 0o600 || m.Type() != os.ModeSocket {
		t.Errorf("mode %v, want a socket for this user only", m)
	}
}

func TestListenInTheWay(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "sock", "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if l, err := Listen(filepath.Join(dir, "sock")); err == nil {
		l.Close()
		t.Error("a folder was replaced")
	}
	if l, err := Listen(filepath.Join(dir, "missing", "sock")); err == nil {
		l.Close()
		t.Error("made in a folder that is not there")
	}
}

// What is decoded, and what is refused, whatever the bytes are.
func FuzzRequest(f *testing.F) {
	for _, s := range []string{
		`{"task":"a","id":"b","input":{"x":[1,null]},"delay":1000,"tags":["a"],"unique":{"name":"n","policy":"keep"}}`,
		`{"id":"a"}`, `{"tag":"a"}`, `{"name":"a"}`, `{}`, `null`, `[]`, `{"task":"a"}{"task":"b"}`, "", "{", `{"task":"\ud800"}`,
	} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, body []byte, cancel bool) {
		d := &desk{}
		what := "enqueue"
		if cancel {
			what = "cancel"
		}
		w := &answers{header: http.Header{}}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/"+what, strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		handler(d).ServeHTTP(w, r)
		var a Answer
		if err := json.Unmarshal(w.body, &a); err != nil {
			t.Fatalf("%q is answered with %q: %v", body, w.body, err)
		}
		if !slices.Contains([]int{200, 400, 422}, w.status) {
			t.Fatalf("%q: status %d", body, w.status)
		}
		if ok := a.Refusal == nil; ok != (w.status == 200) || a.Error != "" {
			t.Fatalf("%q: %d with %+v", body, w.status, a)
		}
		asked := len(d.asked) + len(d.cancels)
		if w.status == 200 && asked != 1 || w.status != 200 && asked != 0 {
			t.Fatalf("%q: %d, and %d carried out", body, w.status, asked)
		}
		if asked == 1 && !json.Valid(body) {
			t.Fatalf("%q was carried out", body)
		}
	})
}

// answers is an http.ResponseWriter.
type answers struct {
	header http.Header
	status int
	body   []byte
}

func (a *answers) Header() http.Header { return a.header }

func (a *answers) WriteHeader(status int) { a.status = status }

func (a *answers) Write(b []byte) (int, error) {
	a.body = append(a.body, b...)
	return len(b), nil
}
