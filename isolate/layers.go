package isolate

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"

	"github.com/lullwork/lull/isolate/internal/confine"
	"github.com/lullwork/lull/isolate/internal/tree"
)

// LayerName names one thing that a host may be able to enforce on a run.
type LayerName string

// The layers, in the order of the table.
const (
	LayerTreeKill    LayerName = "tree-kill"   // every process of the run ends with it
	LayerHostDeath   LayerName = "host-death"  // the run ends when its host process is killed
	LayerMemory      LayerName = "memory"      // Spec.MemoryBytes
	LayerProcesses   LayerName = "processes"   // Spec.Processes
	LayerCPU         LayerName = "cpu"         // Spec.CPUTime
	LayerPriority    LayerName = "priority"    // Spec.Nice, Spec.Idle
	LayerOpenFiles   LayerName = "open-files"  // Spec.OpenFiles
	LayerFileSize    LayerName = "file-size"   // Spec.FileSize
	LayerOutput      LayerName = "output"      // Spec.OutputLimit
	LayerWall        LayerName = "wall"        // Spec.Wall
	LayerFiles       LayerName = "files"       // Sandbox.Read and Sandbox.Write
	LayerNetwork     LayerName = "network"     // Sandbox.NoNetwork
	LayerSyscalls    LayerName = "syscalls"    // a sandbox: no tracing, mounting, namespaces ...
	LayerPrivileges  LayerName = "privileges"  // a sandbox: no new ones, and of root's only those over files
	LayerEnvironment LayerName = "environment" // Spec.EnvAllow
	LayerSecrets     LayerName = "secrets"     // Spec.Secrets
	LayerUser        LayerName = "user"        // a user of its own for each run
	LayerDisk        LayerName = "disk"        // a limit of all that a run writes
)

// layerUnenforced is what Exit.Layers says of a layer that was asked for in vain.
const layerUnenforced = "not enforced"

var layerNames = []LayerName{
	LayerTreeKill, LayerHostDeath, LayerMemory, LayerProcesses, LayerCPU, LayerPriority, LayerOpenFiles, LayerFileSize,
	LayerOutput, LayerWall, LayerFiles, LayerNetwork, LayerSyscalls, LayerPrivileges, LayerEnvironment, LayerSecrets, LayerUser, LayerDisk,
}

// LayerNames lists the layers that there are.
func LayerNames() []LayerName { return slices.Clone(layerNames) }

// Given is how much of a layer a host gives.
type Given string

const (
	// Yes: it holds for the whole run.
	Yes Given = "yes"
	// Partial: it can be got around, or holds for some runs only; Why says how.
	Partial Given = "partial"
	// No: it is not there.
	No Given = "no"
)

// Layer is what a host gives of one layer.
type Layer struct {
	Name  LayerName `json:"name"`
	Given Given     `json:"given"`
	Means string    `json:"means,omitempty"` // by what
	Why   string    `json:"why,omitempty"`   // what is missing or weak, and what would help
}

// ErrCannotEnforce means that the host does not give a layer that Spec.Require names.
// Nothing was spawned.
var ErrCannotEnforce = errors.New("this host cannot enforce")

// Layers tells what this host gives, found by trying it. Programs and functions alike
// get what is given with Yes.
func (s *Spawner) Layers() []Layer {
	tiers := s.Tiers()
	all := s.layers(tiers, true)
	if s.cfg.ShimPath != "" || runtime.GOOS != "linux" {
		return all
	}
	for i, program := range s.layers(tiers, false) {
		if all[i].Given == Yes && program.Given != Yes {
			all[i].Given, all[i].Why = Partial, "functions only; "+program.Why
		}
	}
	return all
}

// layers is Layers for some tiers; canWait says whether the child can lay things on
// itself before its work begins.
func (s *Spawner) layers(tiers []Tier, canWait bool) []Layer {
	out := make([]Layer, len(layerNames))
	for i, name := range layerNames {
		out[i] = s.layer(name, tiers, canWait)
	}
	return out
}

func (s *Spawner) layer(name LayerName, tiers []Tier, canWait bool) Layer {
	o := s.offer(name, tiers, canWait)
	return Layer{name, [...]Given{tree.No: No, tree.Partly: Partial, tree.Fully: Yes}[o.Strength], o.Means, o.Why}
}

func (s *Spawner) offer(name LayerName, tiers []Tier, canWait bool) tree.Offer {
	h := s.host
	means := make([]string, len(tiers))
	for i, t := range tiers {
		means[i] = string(t)
	}
	switch name {
	case LayerTreeKill:
		return h.KillOffer(means)
	case LayerHostDeath:
		return h.EndOffer(means, canWait)
	case LayerMemory:
		return h.MemoryOffer(means, canWait)
	case LayerProcesses:
		return h.ProcessOffer(means, canWait)
	case LayerCPU:
		return h.CPUOffer(means, canWait)
	case LayerPriority:
		return h.PriorityOffer(canWait)
	case LayerOpenFiles:
		return h.ProcessLimitsOffer("RLIMIT_NOFILE", canWait)
	case LayerFileSize:
		return h.ProcessLimitsOffer("RLIMIT_FSIZE", canWait)
	case LayerOutput, LayerWall, LayerEnvironment:
		return tree.Offer{Strength: tree.Fully, Means: "this library"}
	case LayerSecrets:
		return secretsOffer()
	case LayerFiles, LayerNetwork, LayerSyscalls, LayerPrivileges:
		if !canWait {
			return h.ProcessLimitsOffer("", false)
		}
	case LayerUser:
		return tree.Offer{Why: "not offered: what a run may read and write would have to change its owner"}
	case LayerDisk:
		return tree.Offer{Why: "not offered: limit file-size, or let the run write to a file system of its own"}
	}
	return sandboxOffer(name, s.support(), h)
}

// sandboxOffer tells what the layers of a sandbox are worth.
func sandboxOffer(name LayerName, sb confine.Support, h *tree.Host) tree.Offer {
	switch {
	case name == LayerFiles:
		return filesOffer(sb)
	case name == LayerNetwork:
		return networkOffer(sb, h)
	case name == LayerSyscalls && sb.Seccomp:
		return tree.Offer{Strength: tree.Fully, Means: "seccomp deny list"}
	case name == LayerSyscalls:
		return tree.Offer{Why: sb.SeccompWhy}
	case runtime.GOOS != "linux":
		return tree.Offer{Why: runtime.GOOS + " has no means that a program may use"}
	}
	return tree.Offer{Strength: tree.Fully, Means: "no_new_privs + capabilities"}
}

// filesOffer tells what a landlock ABI is worth. The first two cannot refuse truncate(2).
func filesOffer(sb confine.Support) tree.Offer {
	o := tree.Offer{Means: landlockMeans(sb)}
	switch {
	case sb.Landlock == 0:
		return tree.Offer{Why: sb.LandlockWhy}
	case sb.Landlock < 3:
		o.Strength, o.Why = tree.Partly, "files that may not be written can be truncated: that needs Linux 6.2"
	default:
		o.Strength = tree.Fully
	}
	return o
}

func landlockMeans(sb confine.Support) string {
	means := "landlock ABI " + strconv.Itoa(sb.Landlock)
	if sb.ReadOnly {
		means += " + read-only mounts"
	}
	return means
}

func networkOffer(sb confine.Support, h *tree.Host) tree.Offer {
	switch netns := h.NetworkNamespace(); {
	case sb.Seccomp && netns:
		return tree.Offer{Strength: tree.Fully, Means: "seccomp + network namespace"}
	case sb.Seccomp:
		return tree.Offer{Strength: tree.Fully, Means: "seccomp"}
	case netns:
		return tree.Offer{Strength: tree.Partly, Means: "network namespace", Why: "Unix sockets of the file system stay within reach: " + sb.SeccompWhy}
	}
	return tree.Offer{Why: sb.SeccompWhy}
}

// require returns an error if a layer that the spec names is not given with Yes.
func (s *Spawner) require(spec *Spec, tiers []Tier) error {
	var errs []error
	for _, name := range spec.Require {
		if l := s.layer(name, tiers, spec.Func != "" || s.cfg.ShimPath != ""); l.Given != Yes {
			errs = append(errs, fmt.Errorf("%w %s: %s", ErrCannotEnforce, l.Name, l.Why))
		}
	}
	return errors.Join(errs...)
}

// requireInline is require for a run that nothing can be enforced on.
func requireInline(spec *Spec, _ []Tier) error {
	var errs []error
	for _, name := range spec.Require {
		errs = append(errs, fmt.Errorf("%w %s: an inline run is a goroutine of this process", ErrCannotEnforce, name))
	}
	return errors.Join(errs...)
}
