// Package httpapi lets other processes of the same user ask a running engine:
// JSON over HTTP on a Unix socket.
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
	"sync"
	"time"

	"github.com/lullwork/lull/work"
)

// Engine is what a server asks.
type Engine interface {
	EnqueueTask(ctx context.Context, q TaskRequest) (work.ID, error)
	Cancel(ctx context.Context, id work.ID) (int, error)
	CancelTagged(ctx context.Context, tag string) (int, error)
	CancelUnique(ctx context.Context, name string) (int, error)
	// App lets something happen to the app of an engine that runs as a phone, and says what.
	App(ctx context.Context, q AppRequest) (string, error)
}

// TaskRequest asks for one work of a known task.
type TaskRequest struct {
	Task   string          `json:"task"`
	ID     work.ID         `json:"id,omitempty"`
	Input  json.RawMessage `json:"input,omitempty"`
	Delay  time.Duration   `json:"delay,omitempty"`
	Tags   []string        `json:"tags,omitempty"`
	Unique work.Unique     `json:"unique,omitzero"`
}

// CancelRequest says what to cancel: exactly one field is set.
type CancelRequest struct {
	ID   work.ID `json:"id,omitempty"`
	Tag  string  `json:"tag,omitempty"`
	Name string  `json:"name,omitempty"`
}

// AppRequest says what happens to a phone and its app.
type AppRequest struct {
	Do  string `json:"do"`            // as "open"
	Arg string `json:"arg,omitempty"` // a task, or a value
}

// Answer is what a request leads to.
type Answer struct {
	Text      string   `json:"text,omitempty"`      // of AppRequest: what has happened
	ID        work.ID  `json:"id,omitempty"`        // of the work enqueued
	Cancelled int      `json:"cancelled,omitempty"` // works
	Error     string   `json:"error,omitempty"`     // what is wrong with the engine
	Refusal   *Refusal `json:"refusal,omitempty"`   // what is wrong with the request
}

const (
	maxBody  = 1 << 20 // bytes
	maxPeers = 64      // connections at a time
	patience = 30 * time.Second
)

// Listen makes the socket, for this user only. A socket that nobody serves is
// replaced; the caller holds the state's lock, so nobody can.
func Listen(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("old socket: %w", err)
	}
	var l *net.UnixListener
	if err := reach(path, func(short string) (err error) {
		l, err = listenPrivate(short)
		return err
	}); err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	// The path under which it was made may mean another file by then.
	l.SetUnlinkOnClose(false)
	return &sameUser{UnixListener: l, path: path, places: make(chan struct{}, maxPeers)}, nil
}

func handler(e Engine) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /enqueue", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, func(q TaskRequest) (Answer, error) {
			id, err := e.EnqueueTask(r.Context(), q)
			return Answer{ID: id}, err
		})
	})
	mux.HandleFunc("POST /cancel", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, func(q CancelRequest) (Answer, error) {
			return q.CarryOut(r.Context(), e)
		})
	})
	mux.HandleFunc("POST /app", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, func(q AppRequest) (Answer, error) {
			text, err := e.App(r.Context(), q)
			return Answer{Text: text}, err
		})
	})
	return mux
}

// Serve answers until ctx is done. It closes the listener.
func Serve(ctx context.Context, l net.Listener, e Engine) error {
	s := &http.Server{Handler: handler(e), ReadHeaderTimeout: patience, ReadTimeout: patience, IdleTimeout: patience, MaxHeaderBytes: 1 << 14}
	closed := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() { closed <- shut(s) })
	err := s.Serve(l)
	if stop() {
		return errors.Join(err, s.Close())
	}
	return <-closed
}

// shut lets those finish who have asked. Peers who have said nothing are not waited
// for.
func shut(s *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return s.Close()
}

// CarryOut asks an engine.
func (q CancelRequest) CarryOut(ctx context.Context, e Engine) (Answer, error) {
	n, err := q.carryOut(ctx, e)
	return Answer{Cancelled: n}, err
}

func (q CancelRequest) carryOut(ctx context.Context, e Engine) (int, error) {
	switch {
	case q.ID != "" && q.Tag == "" && q.Name == "":
		return e.Cancel(ctx, q.ID)
	case q.Tag != "" && q.ID == "" && q.Name == "":
		return e.CancelTagged(ctx, q.Tag)
	case q.Name != "" && q.ID == "" && q.Tag == "":
		return e.CancelUnique(ctx, q.Name)
	}
	return 0, &work.Error{Op: "cancel", Err: fmt.Errorf("%w: give one of id, tag and name", work.ErrInvalid)}
}

func answer[Q any](w http.ResponseWriter, r *http.Request, f func(Q) (Answer, error)) {
	var q Q
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	err := d.Decode(&q)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more than one JSON value")
		}
	}
	if err != nil {
		reply(w, http.StatusBadRequest, Answer{Refusal: &Refusal{Op: "request", Error: err.Error()}})
		return
	}
	a, err := f(q)
	if err == nil {
		reply(w, http.StatusOK, a)
		return
	}
	if r := refusalOf(err); r != nil {
		reply(w, http.StatusUnprocessableEntity, Answer{Refusal: r})
		return
	}
	reply(w, http.StatusInternalServerError, Answer{Error: err.Error()})
}

func reply(w http.ResponseWriter, status int, a Answer) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A peer that has gone away is told nothing.
	_ = json.NewEncoder(w).Encode(a)
}

// sameUser lets in only peers of the same user, and root.
type sameUser struct {
	*net.UnixListener
	path   string
	places chan struct{}
}

// Close also removes the socket.
func (l *sameUser) Close() error {
	err := l.UnixListener.Close()
	if rm := os.Remove(l.path); !errors.Is(rm, os.ErrNotExist) {
		err = errors.Join(err, rm)
	}
	return err
}

// Accept waits for a peer that may ask.
func (l *sameUser) Accept() (net.Conn, error) {
	for {
		c, err := l.UnixListener.AcceptUnix()
		if err != nil {
			return nil, err
		}
		if err := checkPeer(c); err != nil {
			c.Close()
			continue
		}
		l.places <- struct{}{}
		return &placed{Conn: c, free: sync.OnceFunc(func() { <-l.places })}, nil
	}
}

// placed gives its place back when it is closed.
type placed struct {
	net.Conn
	free func()
}

func (c *placed) Close() error {
	defer c.free()
	return c.Conn.Close()
}
