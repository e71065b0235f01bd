package wasm

import (
	"bytes"
	"crypto/rand"
	mathrand "math/rand"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental/sysfs"
	"github.com/tetratelabs/wazero/sys"
)

// envOutput names, for a command, the file that its result is read from.
const (
	envOutput  = "LULL_OUTPUT"
	outputName = "output"
)

// config is all that the guest can see of the world.
func (r *run) config() (wazero.ModuleConfig, error) {
	cfg := r.m.plain
	if !r.m.wasi {
		return cfg, nil
	}
	c := &r.call
	cfg = cfg.WithStdin(bytes.NewReader(c.Input)).WithStdout(output{r}).WithStderr(output{r}).
		WithArgs(append([]string{"guest"}, c.Args...)...)
	for _, kv := range c.Env {
		key, value, _ := strings.Cut(kv, "=")
		cfg = cfg.WithEnv(key, value)
	}
	cfg = r.withClock(cfg)
	if c.RealRandom {
		cfg = cfg.WithRandSource(rand.Reader)
	} else {
		cfg = cfg.WithRandSource(&sameNumbers{})
	}
	left := maxOpen
	files := wazero.NewFSConfig().(sysfs.FSConfig)
	if c.Export == Start {
		r.scratch = newScratch(c.ResultLimit)
		cfg = cfg.WithEnv(envOutput, scratchDir+"/"+outputName)
		files = files.WithSysFSMount(bounded{r.scratch, &left}, scratchDir).(sysfs.FSConfig)
	}
	for _, d := range c.Dirs {
		f, err := openFolder(d)
		if err != nil {
			return nil, err
		}
		r.folders = append(r.folders, f)
		files = files.WithSysFSMount(bounded{f, &left}, d.Guest).(sysfs.FSConfig)
	}
	return cfg.WithFSConfig(files.(wazero.FSConfig)), nil
}

// sameNumbers are the numbers that a guest gets by default. To seed them takes 5 us, so it is
// done when the first is read.
type sameNumbers struct{ source *mathrand.Rand }

func (n *sameNumbers) Read(p []byte) (int, error) {
	if n.source == nil {
		n.source = mathrand.New(mathrand.NewSource(42)) // as wazero does
	}
	return n.source.Read(p)
}

// withClock gives the guest real time, or its own.
func (r *run) withClock(cfg wazero.ModuleConfig) wazero.ModuleConfig {
	if r.call.RealTime {
		return cfg.WithSysWalltime().WithSysNanotime().WithNanosleep(func(ns int64) { r.sleep(time.Duration(ns)) })
	}
	const tick = int64(time.Millisecond)
	begin, now := r.call.Epoch.UnixNano(), -tick
	move := func() int64 {
		now += tick
		return now
	}
	return cfg.
		WithWalltime(func() (int64, int32) {
			t := time.Unix(0, begin+move())
			return t.Unix(), int32(t.Nanosecond())
		}, sys.ClockResolution(tick)).
		WithNanotime(move, sys.ClockResolution(tick)).
		WithNanosleep(func(ns int64) { now += max(ns, 0) })
}

// sleep ends with the run.
func (r *run) sleep(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.ctx.Done():
		end()
	}
}

// output is the guest's stdout and stderr.
type output struct{ r *run }

func (o output) Write(p []byte) (int, error) {
	o.r.write(p)
	if o.r.fault != "" {
		end()
	}
	return len(p), nil
}

// write keeps output, and passes it on.
func (r *run) write(p []byte) {
	_, _ = r.out.Write(p) // it takes everything
	if f := r.call.OnOutput; f != nil {
		f(p)
	}
}
