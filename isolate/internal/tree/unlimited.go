//go:build !linux

package tree

import "time"

// Used is not known here.
func (t *Tree) Used() (time.Duration, bool) { return 0, false }

// NetworkNamespace is something that Linux has.
func (h *Host) NetworkNamespace() bool { return false }

// OOMKills is not known here.
func (t *Tree) OOMKills() int64 { return 0 }

// ProcessHits is not known here.
func (t *Tree) ProcessHits() int64 { return 0 }

// Layers says what was enforced.
func (t *Tree) Layers() []string { return t.layers }

// LimitData is not asked for here.
func LimitData(int, int64) error { return nil }

// ReapRest has nothing to do: there is no process 1 of ours.
func ReapRest() int { return 0 }

// CollectOrphans has nothing to do, either.
func CollectOrphans() {}
