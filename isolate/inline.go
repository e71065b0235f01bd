package isolate

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"
)

// startInline runs an entry point in a goroutine of this process.
func (p *Process) startInline(e Entry) {
	p.exit.Tier = TierInline
	ctx, in := enter(context.Background(), p.spec.ResultLimit, func(value []byte) error {
		if f := p.spec.OnProgress; f != nil {
			f(value)
		}
		return nil
	})
	if l := p.linked; l != nil {
		l.inline = in
		if l.paused {
			in.pause(l.pauseCap, false)
		}
	}
	p.mu.Lock()
	p.inline = true
	in.secrets = p.spec.Secrets
	p.softStop = func(reason string, grace time.Duration) { in.askStop(reason, grace, p.deaf) }
	if p.stopped { // Close came first
		in.askStop(p.reason, 0, p.deaf)
	}
	p.limitTime()
	p.mu.Unlock()
	go p.runInline(ctx, in, e)
}

// runInline is the goroutine of an inline run. It ends by its deferred calls, since
// the function may end it by a panic or runtime.Goexit.
func (p *Process) runInline(ctx context.Context, in *inside, e Entry) {
	c := called{}
	returned := false
	defer p.tellExit()
	defer p.finishInline(in, &c)
	defer c.settle(&returned)
	var result []byte
	var err error
	if p.linked != nil {
		err = p.linked.callInline(ctx, in, e)
	} else {
		result, err = e.call(ctx, p.spec.Input)
	}
	returned = true
	c.Complete = completion(result, err, p.spec.ResultLimit)
}

func (p *Process) finishInline(in *inside, c *called) {
	in.endNested()
	in.scope.Close()
	in.cancel(nil)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killed = false // nothing can be
	if p.timer != nil {
		p.timer.Stop()
	}
	p.decideComplete(&c.Complete)
	p.exit.Tail = c.stack
	p.exit.Message = cleanLine(p.exit.Message)
	if p.wall != nil {
		p.wall.Stop()
	}
	for _, name := range p.spec.limited() {
		p.exit.Layers = append(p.exit.Layers, string(name)+": "+layerUnenforced)
	}
	p.finishLocked()
}

// maxStack is how much of a stack a record of a panic keeps.
const maxStack = 64 << 10

// limited lists what a spec asks for that an inline run cannot have.
func (s *Spec) limited() []LayerName {
	var names []LayerName
	for _, x := range []struct {
		asked bool
		name  LayerName
	}{
		{s.MemoryBytes > 0, LayerMemory},
		{s.Processes > 0, LayerProcesses},
		{s.CPUTime > 0, LayerCPU},
		{s.Nice > 0 || s.Idle, LayerPriority},
		{s.OpenFiles > 0, LayerOpenFiles},
		{s.FileSize > 0, LayerFileSize},
		{s.Sandbox != nil, LayerFiles},
		{s.Sandbox != nil && s.Sandbox.NoNetwork, LayerNetwork},
		{s.Sandbox != nil, LayerSyscalls},
		{s.Sandbox != nil, LayerPrivileges},
		{s.EnvAllow != nil, LayerEnvironment},
	} {
		if x.asked {
			names = append(names, x.name)
		}
	}
	return names
}

// settle is deferred around the call of a function: a panic and runtime.Goexit are
// crashes.
func (c *called) settle(returned *bool) {
	if *returned {
		return
	}
	c.Outcome = string(Crashed)
	if v := recover(); v != nil {
		c.Message = "panic: " + fmt.Sprint(v)
		c.panicked, c.stack = v, debug.Stack()
		c.Stack = c.stack[:min(len(c.stack), maxStack)]
	} else {
		c.Message = "runtime.Goexit was called"
	}
}

// callEntry calls the function and makes its completion, whatever the function does.
func callEntry(call func() ([]byte, error), limit int) (c called) {
	returned := false
	done := make(chan struct{})
	go func() { // a goroutine of its own, for Goexit
		defer close(done)
		defer c.settle(&returned)
		growStack()
		result, err := call()
		returned = true
		c.Complete = completion(result, err, limit)
	}()
	<-done
	return c
}
