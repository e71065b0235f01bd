//go:build !linux

package tree

// notEnforced lists the limits that were asked for in vain.
func notEnforced(want Want) []string {
	var layers []string
	if want.MemoryBytes > 0 {
		layers = append(layers, "memory: not enforced")
	}
	if want.Processes > 0 {
		layers = append(layers, "processes: not enforced")
	}
	return layers
}

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
