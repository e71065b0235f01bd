package tree

// KillOffer tells how well the best of some means ends a tree.
func (h *Host) KillOffer(means []string) Offer {
	for _, m := range means {
		if m == Cgroup || m == Namespace {
			return Offer{Fully, m, ""}
		}
	}
	return Offer{Partly, Group, "neither cgroup v2 (Linux 5.14) nor PID namespaces may be used here: a process that clears its " +
		"environment and makes a session of its own escapes"}
}

// EndOffer tells whether a run ends when its host process is killed.
func (h *Host) EndOffer(means []string, canWait bool) Offer {
	for _, m := range means {
		if m == Namespace && canWait {
			return Offer{Partly, Namespace, "functions; programs and what they started end in the next sweep"}
		}
	}
	return Offer{Partly, "death signal", "the leading process ends, what it started ends in the next sweep"}
}

const noShim = "a program needs an init process for it: call isolate.Main, or set Config.ShimPath"

// unifiedOffer reports whether a run can have a v2 group: it is born in it, or put into it
// while it waits.
func (h *Host) unifiedOffer(means []string, canWait bool) bool {
	return h.v2 != "" && (canWait || len(means) > 0 && means[0] == Cgroup)
}

// MemoryOffer tells what a limit of memory is worth.
func (h *Host) MemoryOffer(means []string, canWait bool) Offer {
	switch {
	case h.v2Has["memory"] && h.unifiedOffer(means, canWait):
		return Offer{Fully, "cgroup v2", ""}
	case !canWait:
		return Offer{No, "", noShim}
	case h.v1["memory"] != "":
		return Offer{Fully, "cgroup v1", ""}
	}
	return Offer{Partly, "RLIMIT_DATA", "it bounds each process, not the run: no cgroup with a memory controller may be made here"}
}

// ProcessOffer tells what a limit of processes is worth.
func (h *Host) ProcessOffer(means []string, canWait bool) Offer {
	switch {
	case h.v2Has["pids"] && h.unifiedOffer(means, canWait):
		return Offer{Fully, "cgroup v2", ""}
	case h.v1["pids"] != "" && canWait:
		return Offer{Fully, "cgroup v1", ""}
	case h.v1["pids"] != "" || h.v2Has["pids"]:
		return Offer{No, "", noShim}
	}
	return Offer{No, "", "no cgroup with a pids controller may be made here, and RLIMIT_NPROC counts a user's processes, not a run's"}
}

// CPUOffer tells what a limit of processor time is worth.
func (h *Host) CPUOffer(means []string, canWait bool) Offer {
	switch {
	case h.unifiedOffer(means, canWait):
		return Offer{Fully, "cgroup v2 + RLIMIT_CPU", ""}
	case canWait:
		return Offer{Partly, "RLIMIT_CPU", "it bounds each process, not the run: no cgroup v2 may be made here"}
	}
	return Offer{No, "", noShim}
}

// PriorityOffer tells what a priority is worth.
func (h *Host) PriorityOffer(canWait bool) Offer {
	return h.ProcessLimitsOffer("nice + SCHED_IDLE", canWait)
}

// ProcessLimitsOffer tells what a resource limit of each process is worth.
func (h *Host) ProcessLimitsOffer(means string, canWait bool) Offer {
	if !canWait {
		return Offer{No, "", noShim}
	}
	return Offer{Fully, means, ""}
}
