package work

import "slices"

// Layer names one thing that a host may be able to enforce on a run. What it stands
// for is said in package isolate, whose names these are.
type Layer string

// The layers.
const (
	LayerTreeKill    Layer = "tree-kill"
	LayerHostDeath   Layer = "host-death"
	LayerMemory      Layer = "memory"
	LayerProcesses   Layer = "processes"
	LayerCPU         Layer = "cpu"
	LayerPriority    Layer = "priority"
	LayerOpenFiles   Layer = "open-files"
	LayerFileSize    Layer = "file-size"
	LayerOutput      Layer = "output"
	LayerWall        Layer = "wall"
	LayerFiles       Layer = "files"
	LayerNetwork     Layer = "network"
	LayerSyscalls    Layer = "syscalls"
	LayerPrivileges  Layer = "privileges"
	LayerEnvironment Layer = "environment"
	LayerSecrets     Layer = "secrets"
	LayerUser        Layer = "user"
	LayerDisk        Layer = "disk"
)

// Layers lists them.
func Layers() []Layer {
	return []Layer{
		LayerTreeKill, LayerHostDeath, LayerMemory, LayerProcesses, LayerCPU, LayerPriority, LayerOpenFiles, LayerFileSize,
		LayerOutput, LayerWall, LayerFiles, LayerNetwork, LayerSyscalls, LayerPrivileges, LayerEnvironment, LayerSecrets,
		LayerUser, LayerDisk,
	}
}

// Known reports whether it is one of [Layers].
func (l Layer) Known() bool { return slices.Contains(Layers(), l) }
