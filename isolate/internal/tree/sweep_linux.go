package tree

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// Sweep ends what an earlier process of the same instance left: the groups of its runs,
// wherever it lived in the hierarchy, and the processes with its mark. It returns the
// number of processes killed.
func (h *Host) Sweep() (killed int, err error) {
	for _, dir := range h.leftGroups() {
		g := &group{dir}
		killed += len(g.pids())
		err = errors.Join(err, g.destroy())
	}
	marked := sweepMarked(func(m string) bool { return strings.HasPrefix(m, h.instance+"/") })
	return killed + len(marked), err
}

// leftGroups looks for groups with the instance's prefix. Those of v2 come first: their
// kill misses nothing, and what v1 groups held is then gone too.
func (h *Host) leftGroups() []string {
	var v1, v2 []string
	_ = cgroupMounts(func(point, _ string, controllers []string) {
		into := &v1
		switch {
		case slices.Contains(controllers, ""):
			into = &v2
		case !slices.Contains(controllers, "memory") && !slices.Contains(controllers, "pids"):
			return
		}
		_ = filepath.WalkDir(point, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil || !d.IsDir():
				return nil
			case strings.HasPrefix(d.Name(), h.prefix):
				*into = append(*into, path)
				return fs.SkipDir
			}
			return nil
		})
	})
	return append(v2, v1...)
}
