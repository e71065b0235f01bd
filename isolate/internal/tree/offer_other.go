//go:build !linux

package tree

import "runtime"

func (h *Host) job() bool { return h.Means()[0] == Job }

// KillOffer tells how well the best of some means ends a tree.
func (h *Host) KillOffer([]string) Offer {
	if h.job() {
		return Offer{Fully, Job, ""}
	}
	return Offer{Partly, Group, "a process that leaves its process group escapes: " + runtime.GOOS + " has nothing stronger"}
}

// EndOffer tells whether a run ends when its host process is killed.
func (h *Host) EndOffer([]string, bool) Offer {
	if h.job() {
		return Offer{Fully, Job, ""}
	}
	return Offer{Partly, "closed pipe", "functions end themselves; programs go on"}
}

// MemoryOffer tells what a limit of memory is worth.
func (h *Host) MemoryOffer([]string, bool) Offer { return h.jobOffer() }

// ProcessOffer tells what a limit of processes is worth.
func (h *Host) ProcessOffer([]string, bool) Offer { return h.jobOffer() }

func (h *Host) jobOffer() Offer {
	if h.job() {
		return Offer{Fully, Job, ""}
	}
	return Offer{No, "", runtime.GOOS + " has no limit for a tree of processes"}
}

// CPUOffer tells what a limit of processor time is worth.
func (h *Host) CPUOffer([]string, bool) Offer {
	if h.job() {
		return Offer{Partly, Job, "the run is killed without being asked, and only time outside the kernel counts"}
	}
	return Offer{Partly, "RLIMIT_CPU", "functions only, and each process by itself"}
}

// PriorityOffer tells what a priority is worth.
func (h *Host) PriorityOffer(bool) Offer {
	if h.job() {
		return Offer{Fully, Job, ""}
	}
	return Offer{No, "", "not built for " + runtime.GOOS}
}

// ProcessLimitsOffer tells what a resource limit of each process is worth.
func (h *Host) ProcessLimitsOffer(means string, _ bool) Offer {
	if h.job() {
		return Offer{No, "", runtime.GOOS + " has no such limit"}
	}
	return Offer{Partly, means, "functions only"}
}
