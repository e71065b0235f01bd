package isolate

import (
	"os"
	"runtime"
)

// thread is one OS thread on which children are started. PR_SET_PDEATHSIG follows the
// thread that forked (golang/go#27505), so it must outlive every child.
type thread struct {
	jobs chan startJob
}

type startJob struct {
	path  string
	argv  []string
	attr  *os.ProcAttr
	reply chan startReply
}

type startReply struct {
	proc *os.Process
	err  error
}

func newThread() *thread {
	t := &thread{jobs: make(chan startJob)}
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		for job := range t.jobs {
			proc, err := os.StartProcess(job.path, job.argv, job.attr)
			job.reply <- startReply{proc, err}
		}
	}()
	return t
}

func (t *thread) start(path string, argv []string, attr *os.ProcAttr) (*os.Process, error) {
	reply := make(chan startReply, 1)
	t.jobs <- startJob{path, argv, attr, reply}
	r := <-reply
	return r.proc, r.err
}

// stop ends the thread. No child may be left.
func (t *thread) stop() { close(t.jobs) }
