package wasm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/tetratelabs/wazero/sys"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/internal/text"
)

// Exit codes with a meaning, as for programs.
const (
	codeRetry         = 75 // EX_TEMPFAIL of sysexits.h
	codeNotExecutable = 126
	codeNotFound      = 127
)

// trapMark begins what wazero says of a trap.
const trapMark = "wasm error: "

func isTrap(err error) bool { return strings.Contains(err.Error(), trapMark) }

// decide makes the record of the run.
func (r *run) decide(err error) {
	e := &r.exit
	var refused *refusal
	var exit *sys.ExitError
	switch {
	case r.fault != "":
		e.Outcome, e.Message = r.fault, r.faultMsg
		e.Killed = r.fault == isolate.OutputLimit
	case err == nil:
		e.Code = 0
		r.succeed()
	case errors.As(err, &refused):
		e.Outcome, e.Message = refused.outcome, refused.Error()
	case errors.As(err, &exit):
		r.decideExit(exit.ExitCode())
	default:
		r.decideTrap(err)
	}
	if reason, _, ok := r.asked(); ok && e.StopReason == "" {
		e.StopReason = reason
	}
	if r.m.cfg.MemoryBytes > 0 {
		e.Layers = []string{"memory: wasm"}
	}
	e.MaxRSS = int64(r.mem.peak)
	e.Message = text.Line(e.Message)
	e.Tail, e.OutputBytes, e.Truncated = r.out.Tail(), r.out.Total(), r.out.Truncated()
}

func (r *run) decideExit(code uint32) {
	e := &r.exit
	// A guest may choose the code by which wazero tells of a kill.
	if r.ctx.Err() != nil && (code == sys.ExitCodeContextCanceled || code == sys.ExitCodeDeadlineExceeded) {
		e.Outcome, e.Killed, e.StopReason = isolate.Stopped, true, r.reason()
		e.Message = e.StopReason
		return
	}
	e.Code = int(int32(code))
	_, _, asked := r.asked()
	switch {
	case code == 0:
		r.succeed()
	case r.mem.refused:
		r.outOfMemory(fmt.Sprintf("exit status %d", e.Code))
	case asked && code != codeRetry:
		e.Outcome, e.Message = isolate.Stopped, fmt.Sprintf("exit status %d after it was asked to stop", e.Code)
	case code == codeRetry:
		e.Outcome, e.Message = isolate.Retried, "exit status 75 asks for another run"
	case code == codeNotFound || code == codeNotExecutable:
		e.Outcome, e.Message = isolate.NotStarted, fmt.Sprintf("exit status %d: a program is missing or not executable", e.Code)
	default:
		e.Outcome, e.Message = isolate.Error, fmt.Sprintf("exit status %d", e.Code)
	}
}

// decideTrap records what the guest ran into, and keeps its stack with its output.
func (r *run) decideTrap(err error) {
	r.write([]byte(err.Error() + "\n"))
	said := err.Error()
	if _, after, ok := strings.Cut(said, trapMark); ok {
		said = after
	}
	line, _, _ := strings.Cut(said, "\n")
	line = strings.TrimSuffix(line, " (recovered by wazero)")
	if r.mem.refused {
		r.outOfMemory(line)
		return
	}
	r.exit.Outcome, r.exit.Message = isolate.Crashed, line
}

// outOfMemory is an end after a growth that was refused. Nobody can see in the guest
// whether it ended for that; the message says what else is known.
func (r *run) outOfMemory(how string) {
	r.exit.Outcome = isolate.OutOfMemory
	r.exit.Message = fmt.Sprintf("out of memory: the limit is %d bytes; %s", r.m.limit, how)
}

// succeed takes the result. A clean end after the request to stop counts only with one.
func (r *run) succeed() {
	e := &r.exit
	e.Code = 0
	if err := r.readResult(); err != nil {
		e.Outcome, e.Message = isolate.Error, err.Error()
		return
	}
	e.Outcome, e.Result = isolate.Success, r.result
	if reason, _, asked := r.asked(); asked && r.result == nil {
		e.Outcome, e.Message = isolate.Stopped, reason
	}
}

// readResult looks for what a command has written to the file named by LULL_OUTPUT.
func (r *run) readResult() error {
	if r.scratch == nil {
		return nil
	}
	data, ok := r.scratch.read(outputName)
	data = bytes.TrimSpace(data)
	switch {
	case !ok || len(data) == 0:
		return nil
	case len(data) > r.call.ResultLimit:
		return errors.New(text.TooLarge(len(data), r.call.ResultLimit))
	case !json.Valid(data):
		return fmt.Errorf("%s does not hold JSON", envOutput)
	}
	r.result = data
	return nil
}

// reason says why the context ended.
func (r *run) reason() string {
	if cause := context.Cause(r.ctx); !errors.Is(cause, context.Canceled) {
		return cause.Error()
	}
	return "cancelled"
}
