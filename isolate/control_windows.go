package isolate

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/lullwork/lull/isolate/internal/hub"
	"github.com/lullwork/lull/isolate/internal/link"
)

// control is a child's end of the pipe from its host.
type control struct {
	*os.File
	late *time.Timer
}

// expect ends the process if heard is not called in time: a read cannot be given a limit here.
func (c *control) expect(d time.Duration) {
	c.late = time.AfterFunc(d, func() { os.Exit(notAChild(errors.New("no handshake"))) })
}

// heard ends what expect began.
func (c *control) heard() { c.late.Stop() }

// poll does nothing: a read of an anonymous pipe always takes a thread here.
func (*control) poll() {}

// controlFiles opens the handles named by the last argument, "lull:pipes=R,W" or
// "lull:pipes=R,W,R,W" with those of the link.
func controlFiles() (*control, *os.File, error) {
	r, w, err := inherited(0)
	return &control{File: r}, w, err
}

// openPipe opens a child's end of a link of pipes.
func openPipe(bool) (hub.Link, error) {
	r, w, err := inherited(2)
	if err != nil {
		return nil, err
	}
	return link.NewPipe(r, w, link.PipeConfig{MaxMessage: maxLinkMessage}), nil
}

// inherited opens the first-th handle and the next one.
func inherited(first int) (r, w *os.File, err error) {
	last, ok := strings.CutPrefix(os.Args[len(os.Args)-1], argPipes)
	texts := strings.Split(last, ",")
	if !ok || len(texts) < first+2 {
		return nil, nil, errors.New("no control pipes")
	}
	var files [2]*os.File
	for i, text := range texts[first : first+2] {
		handle, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return nil, nil, errors.New("no control pipes")
		}
		if kind, err := syscall.GetFileType(syscall.Handle(handle)); err != nil || kind != syscall.FILE_TYPE_PIPE {
			return nil, nil, errors.New("control handle is not a pipe")
		}
		files[i] = os.NewFile(uintptr(handle), "control")
	}
	return files[0], files[1], nil
}

// Secrets are not offered here.
const secretsFD, programSecretsFD = 0, 0

const argPipes = "lull:pipes="

// noLead: a blocked read of an anonymous pipe cannot be interrupted here.
const noLead = true

// inherit hands pipes to a child that is about to be started.
func inherit(attr *os.ProcAttr, argv []string, pipes []*os.File) []string {
	var numbers []string
	for _, f := range pipes {
		h := syscall.Handle(f.Fd())
		_ = syscall.SetHandleInformation(h, syscall.HANDLE_FLAG_INHERIT, syscall.HANDLE_FLAG_INHERIT)
		attr.Sys.AdditionalInheritedHandles = append(attr.Sys.AdditionalInheritedHandles, h)
		numbers = append(numbers, strconv.FormatUint(uint64(h), 10))
	}
	return append(argv, argPipes+strings.Join(numbers, ","))
}

// hostGone ends this child: nobody waits for its result.
func hostGone() { os.Exit(1) }
