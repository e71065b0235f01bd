package isolate

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/lullwork/lull/isolate/internal/confine"
)

// confined is what a child lays on itself before the work begins.
type confined struct {
	limits  *confine.Limits
	sandbox *confine.Sandbox
	layers  []string // as Exit.Layers tells them
}

// waits reports whether the child must wait to be told.
func (c *confined) waits() bool { return c.limits != nil || c.sandbox != nil }

// confinement says what the child of a program is to lay on itself, and what cannot be
// had. Without canWait it is nothing.
func (p *Process) confinement(prog program, canWait bool) (c confined, err error) {
	spec := &p.spec
	tell := func(layer LayerName, means string) { c.layers = append(c.layers, string(layer)+": "+means) }
	asked := func(on bool, layer LayerName, means string) bool {
		if on && (!canWait || runtime.GOOS == "windows") {
			tell(layer, layerUnenforced)
		} else if on {
			tell(layer, means)
		}
		return on && canWait
	}
	limits := confine.Limits{}
	if asked(spec.OpenFiles > 0, LayerOpenFiles, "RLIMIT_NOFILE of each process") {
		limits.OpenFiles = spec.OpenFiles
	}
	if asked(spec.FileSize > 0, LayerFileSize, "RLIMIT_FSIZE of each file") {
		limits.FileSize = spec.FileSize
	}
	if spec.CPUTime > 0 && canWait { // the tree tells of it
		limits.CPUSoft = seconds(spec.CPUTime)
		limits.CPUHard = limits.CPUSoft + seconds(spec.Grace)
	}
	if limits != (confine.Limits{}) {
		c.limits = &limits
	}
	if spec.Wall > 0 {
		tell(LayerWall, spec.Wall.String())
	}
	if spec.EnvAllow != nil {
		tell(LayerEnvironment, "allow-list")
	}
	if len(spec.Secrets) > 0 {
		tell(LayerSecrets, secretsOffer().Means)
	}
	if spec.Sandbox == nil {
		return c, nil
	}
	read, err := paths(spec.Sandbox.Read, spec.Dir)
	if err != nil {
		return c, err
	}
	write, err := paths(spec.Sandbox.Write, spec.Dir)
	if err != nil {
		return c, err
	}
	asks := []LayerName{LayerFiles, LayerSyscalls, LayerPrivileges}
	if spec.Sandbox.NoNetwork {
		asks = append(asks, LayerNetwork)
	}
	for _, name := range asks {
		if layer := p.spawner.layer(name, nil, canWait); layer.Given == No {
			tell(name, fmt.Sprintf("%s (%s)", layerUnenforced, layer.Why))
		} else {
			tell(name, layer.Means)
		}
	}
	if !canWait || runtime.GOOS != "linux" {
		return c, nil
	}
	sb := p.spawner.support()
	c.sandbox = &confine.Sandbox{
		Landlock: sb.Landlock, Read: append(slices.Concat(DefaultRead(), read), prog.path), Write: append(write, p.scratch),
		Devices: devices, Seccomp: sb.Seccomp, NoNetwork: spec.Sandbox.NoNetwork,
		ReadOnly: sb.ReadOnly,
	}
	return c, nil
}

// enters reports whether the run is a function that goes through the stage that lays a
// sandbox.
func (p *Process) enters() bool {
	return p.spec.Func != "" && p.spec.Sandbox != nil && runtime.GOOS == "linux"
}

// seconds rounds up.
func seconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }
