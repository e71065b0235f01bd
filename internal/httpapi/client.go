package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"syscall"
)

// ErrNobody says that no engine serves the socket.
var ErrNobody = errors.New("no engine serves the socket")

// ErrNoAnswer says that the engine took a request and did not answer: it may have
// been carried out.
var ErrNoAnswer = errors.New("the engine did not answer; what was asked may have been done")

// Ask sends a request to the engine on a socket. It returns ErrNobody if there is
// none, and a *work.Error if the engine refused the request.
func Ask(ctx context.Context, socket, what string, q any) (Answer, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return Answer{}, err
	}
	conn, err := dial(ctx, socket)
	if err != nil {
		return Answer{}, err
	}
	defer conn.Close()
	client := http.Client{Timeout: patience, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return conn, nil },
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://lull/"+what, bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return Answer{}, unanswered(ctx, err)
	}
	defer resp.Body.Close()
	var a Answer
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxBody)).Decode(&a); err != nil {
		return Answer{}, unanswered(ctx, err)
	}
	switch {
	case a.Refusal != nil:
		return a, a.Refusal.err()
	case a.Error != "":
		return a, errors.New(a.Error)
	}
	return a, nil
}

func unanswered(ctx context.Context, err error) error {
	var u *url.Error
	switch {
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case errors.As(err, &u):
		err = u.Err // without the URL, which is made up
	}
	return fmt.Errorf("%w (%w)", ErrNoAnswer, err)
}

// Serves reports whether an engine serves the socket.
func Serves(ctx context.Context, socket string) bool {
	c, err := dial(ctx, socket)
	if err != nil {
		return false
	}
	_ = c.Close() // nothing was sent
	return true
}

// dial returns ErrNobody if there is no socket, or one that an engine left behind
// when it was killed.
func dial(ctx context.Context, socket string) (c net.Conn, err error) {
	err = reach(socket, func(path string) (err error) {
		c, err = new(net.Dialer).DialContext(ctx, "unix", path)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return nil, ErrNobody
	}
	return c, err
}
