package isolate

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/lullwork/lull/isolate/internal/frame"
	"github.com/lullwork/lull/isolate/internal/text"
	"github.com/lullwork/lull/isolate/internal/tree"
)

// Exit codes with a meaning.
const (
	codeRetry         = 75 // EX_TEMPFAIL of sysexits.h
	codeNotExecutable = 126
	codeNotFound      = 127
	codeGoPanic       = 2
	codeRace          = 66 // of a program with the race detector, whatever it exits with: GORACE's exitcode
)

// decide fills outcome, message and result. The process's lock is held and every
// process is gone.
func (p *Process) decide() {
	result, resultErr := p.readResult()
	e := &p.exit
	switch {
	case p.fault != "":
		e.Outcome, e.Message = p.fault, p.faultMsg
	case p.spec.Func != "":
		p.decideFunc()
	default:
		p.decideProgram(result, resultErr)
	}
	if p.tree.ProcessHits() > 0 && e.Outcome != Success {
		e.Message = joinMessage(e.Message, fmt.Sprintf("the limit of %d processes and threads was hit", p.spec.Processes))
	}
	e.Message = cleanLine(e.Message)
}

func (p *Process) decideFunc() {
	e := &p.exit
	if c := p.talk.complete; c != nil {
		if c.Stopped == ReasonCPUTime && p.spec.CPUTime > 0 && !p.stopped {
			p.stopped, p.reason = true, ReasonCPUTime
		}
		e.Leaked = max(e.Leaked, 0) + c.Leaked
		p.decideComplete(c)
		if raceDetector && e.Outcome == Success && e.Code == codeRace {
			e.Outcome, e.Message, e.Result = Crashed, "the race detector found a race: see the output", nil
		}
		return
	}
	p.noteCPU()
	line := crashLine(e.Tail)
	switch {
	case p.outOfMemory(line):
		e.Outcome, e.Message = OutOfMemory, p.memoryMessage()
	case p.stopped:
		e.Outcome, e.Message = Stopped, p.stopMessage()
	case e.Signal != "":
		e.Outcome, e.Message = Signalled, p.signalMessage(e.Signal)
	case line != "":
		e.Outcome, e.Message = Crashed, line
	default:
		e.Outcome, e.Message = Crashed, fmt.Sprintf("exit status %d without a result", e.Code)
		if !p.talk.begun() {
			e.Message += ", before isolate.Main was reached: make it the first line of main, and look at init functions"
		}
		// As of log.Fatal, or of a main that takes a child's arguments for its own. The mark is ours.
		if last := lastLine(e.Tail); last != "" && !strings.HasPrefix(last, openingMark) {
			e.Message += "; it wrote last: " + last
		}
	}
}

// decideComplete takes the isolate's own word, after checking it.
func (p *Process) decideComplete(c *frame.Complete) {
	e := &p.exit
	if p.linked != nil {
		p.linked.stack = string(c.Stack)
	}
	e.Outcome, e.Message = Outcome(c.Outcome), c.Message
	switch e.Outcome {
	case Success:
		switch {
		case c.NoResult:
		case p.linked != nil:
			if !p.linked.hasResult() {
				e.Outcome, e.Message = ProtocolError, "success without a result"
			}
		case len(c.Result) > p.spec.ResultLimit:
			e.Outcome, e.Message = ProtocolError, tooLarge(len(c.Result), p.spec.ResultLimit)
		case !json.Valid(c.Result):
			e.Outcome, e.Message = ProtocolError, "the result is not JSON"
		default:
			e.Result = c.Result
		}
	case Error:
		if p.stopped && !c.Explicit {
			e.Outcome = Stopped
		}
	case Crashed:
		if p.outOfMemory(c.Message) {
			e.Outcome, e.Message = OutOfMemory, p.memoryMessage()
		}
	case Retried, Failure, ProtocolError, OutOfMemory, OutputLimit, NotStarted:
	case Stopped:
		if !p.stopped {
			e.Outcome = Error // nobody asked
		}
	default:
		e.Outcome, e.Message = ProtocolError, fmt.Sprintf("unknown outcome %.40q", c.Outcome)
	}
}

func (p *Process) decideProgram(result []byte, resultErr error) {
	e := &p.exit
	if p.talk != nil {
		if x := p.talk.exited; x != nil {
			if x.Errno != 0 {
				err := errnoError(x.Errno)
				e.Outcome, e.Message, e.Code = startOutcome(err), fmt.Sprintf("%s: %v", p.name(), err), -1
				return
			}
			e.Leaked = max(e.Leaked, 0) + x.Leaked
			e.Code, e.Signal = decodeStatus(x.Status)
		} else if e.Signal == "" && !p.stopped {
			e.Outcome, e.Message = ProtocolError, fmt.Sprintf("the init process ended with %d and no report", e.Code)
			return
		}
	}
	p.noteCPU()
	switch {
	case e.Signal == "" && e.Code == 0 && (!p.stopped || result != nil || resultErr != nil):
		e.Outcome, e.Result = Success, result
		if resultErr != nil {
			e.Outcome, e.Message, e.Result = Error, resultErr.Error(), nil
		}
	case p.outOfMemory(""):
		e.Outcome, e.Message = OutOfMemory, p.memoryMessage()
	case p.stopped && e.Code != codeRetry:
		e.Outcome, e.Message = Stopped, p.stopMessage()
	case e.Signal != "":
		e.Outcome, e.Message = Signalled, p.signalMessage(e.Signal)
	case e.Code == codeRetry:
		e.Outcome, e.Message = Retried, "exit status 75 asks for another run"
	case e.Code == codeNotFound || e.Code == codeNotExecutable:
		e.Outcome, e.Message = NotStarted, fmt.Sprintf("exit status %d: a program is missing or not executable", e.Code)
	default:
		e.Outcome, e.Message = Error, fmt.Sprintf("exit status %d", e.Code)
	}
}

func (p *Process) name() string {
	if p.spec.Shell != "" {
		return "shell"
	}
	return p.spec.Argv[0]
}

// outOfMemory asks the kernel's counter, and the Go runtime's last words.
func (p *Process) outOfMemory(line string) bool {
	if p.tree != nil && p.tree.OOMKills() > 0 {
		return true
	}
	return p.spec.MemoryBytes > 0 &&
		(strings.Contains(line, "out of memory") || strings.Contains(line, "cannot allocate memory") ||
			refusedRuntime(p.exit.Tail) || slices.Contains(p.exit.Layers, tree.LayerDataLimit) && refusedThread(p.exit.Tail))
}

// refusedRuntime: Go's runtime wrote to memory that the kernel had refused it. The queues
// of its collector are used unchecked (newSpanSPMC in go1.26's mgcmark_greenteagc.go), so
// that a limit on memory can end a program by SIGSEGV at 0, on the scheduler's stack.
func refusedRuntime(output []byte) bool {
	at := bytes.LastIndex(output, []byte("\nPC=0x"))
	if at < 0 || !strings.HasPrefix(signalLine(output), "SIGSEGV") {
		return false
	}
	pc, trace, _ := bytes.Cut(output[at+1:], []byte("\n"))
	trace = bytes.TrimLeft(trace, "\n")
	first, rest, _ := bytes.Cut(trace, []byte("\n"))
	return bytes.HasSuffix(pc, []byte(" addr=0x0")) && bytes.HasPrefix(first, []byte("goroutine 0 ")) && bytes.HasPrefix(rest, []byte("runtime."))
}

// refusedThread: a Go program with cgo got no memory for a thread's stack, for which
// glibc's pthread_create has the same error as for too many threads (runtime/cgo's
// gcc_linux_amd64.c). A group of the kernel's refuses no memory that is only reserved.
func refusedThread(output []byte) bool {
	line := signalLine(output)
	before, _, _ := bytes.Cut(output, []byte("\n"+line+"\nPC=0x"))
	last := before[bytes.LastIndexByte(before, '\n')+1:]
	return strings.HasPrefix(line, "SIGABRT") &&
		(string(last) == "runtime/cgo: pthread_create failed: Resource temporarily unavailable" || bytes.HasPrefix(last, []byte("runtime/cgo: out of memory")))
}

func (p *Process) memoryMessage() string {
	return fmt.Sprintf("out of memory: the limit is %d bytes", p.spec.MemoryBytes)
}

func (p *Process) signalMessage(name string) string {
	switch {
	case name == "SIGKILL":
		return "ended by SIGKILL, sent by somebody else; perhaps the host was out of memory"
	case name == "SIGXFSZ" && p.spec.FileSize > 0:
		return fmt.Sprintf("ended by SIGXFSZ: a file may have %d bytes", p.spec.FileSize)
	case name == "SIGSYS" && p.spec.Sandbox != nil:
		return "ended by SIGSYS: the sandbox allows no system calls of another kind of processor"
	}
	return "ended by " + name
}

func (p *Process) stopMessage() string {
	text := cmp.Or(p.limitMessage(), p.reason)
	if p.killed && p.reason != reasonKilled {
		return text + " (killed)"
	}
	return text
}

// readResult reads and removes the file of a program's result; nil if there is none.
func (p *Process) readResult() ([]byte, error) {
	if p.result == "" {
		return nil, nil
	}
	f, err := openNoFollow(p.result)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	defer func() { _ = os.RemoveAll(p.result) }()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", envOutput, err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", envOutput, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file any more", envOutput)
	}
	data, err := io.ReadAll(io.LimitReader(f, int64(p.spec.ResultLimit)+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", envOutput, err)
	case len(data) > p.spec.ResultLimit:
		return nil, errors.New(tooLarge(int(info.Size()), p.spec.ResultLimit))
	case len(bytes.TrimSpace(data)) == 0:
		return nil, nil
	case !json.Valid(data):
		return nil, fmt.Errorf("%s does not hold JSON", envOutput)
	}
	return bytes.TrimSpace(data), nil
}

func tooLarge(size, limit int) string { return text.TooLarge(size, limit) }

// crashLine finds the first line of a Go crash in captured output: the last line that
// looks like one, since a program may print others before.
func crashLine(output []byte) string {
	best := -1
	for _, mark := range []string{"panic: ", "fatal error: ", "runtime: out of memory"} {
		if i := bytes.LastIndex(output, []byte("\n"+mark)); i >= 0 {
			best = max(best, i+1)
		} else if bytes.HasPrefix(output, []byte(mark)) {
			best = max(best, 0)
		}
	}
	if best < 0 {
		return signalLine(output)
	}
	line, _, _ := bytes.Cut(output[best:], []byte("\n"))
	return string(line)
}

// signalLine finds the line by which a Go program tells of a signal that it did not
// expect: "SIGSEGV: segmentation violation", and below it the program counter.
func signalLine(output []byte) string {
	at := bytes.LastIndex(output, []byte("\nPC=0x"))
	if at < 0 {
		return ""
	}
	line := output[bytes.LastIndexByte(output[:at], '\n')+1 : at]
	if !bytes.HasPrefix(line, []byte("SIG")) {
		return ""
	}
	return string(line)
}

func lastLine(output []byte) string {
	output = bytes.TrimSpace(output)
	return string(output[bytes.LastIndexByte(output, '\n')+1:])
}

func cleanLine(s string) string { return text.Line(s) }

func (e *Exit) fillStatus(state *os.ProcessState) {
	if state == nil {
		return
	}
	e.Code, e.Signal = stateStatus(state)
	e.UserTime, e.SysTime = state.UserTime(), state.SystemTime()
	e.MaxRSS = maxRSS(state)
	e.Ended = time.Now()
}
