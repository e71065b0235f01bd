package project

import (
	"path"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/lullwork/lull/internal/check/island"
)

// parse fills in what is parsed of the files that are not yet, on all cores.
func (s *scanner) parse(files []string) {
	var fresh []string
	for _, file := range files {
		if _, known := s.parsed[file]; !known {
			s.parsed[file] = nil // what cannot be read is not tried again
			fresh = append(fresh, file)
		}
	}
	made := make([]*island.File, len(fresh))
	var next atomic.Int64
	work := func() {
		var reader island.Reader
		for s.ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= len(fresh) {
				return
			}
			if src, err := s.files.Read(fresh[i]); err == nil {
				made[i] = reader.Parse(langs[path.Ext(fresh[i])], src)
			}
		}
	}
	var group sync.WaitGroup
	var broken atomic.Pointer[any]
	for range min(runtime.GOMAXPROCS(0)-1, len(fresh)/16) { // besides this one; few are not worth a start
		group.Go(func() {
			defer func() {
				if why := recover(); why != nil {
					broken.Store(&why)
				}
			}()
			work()
		})
	}
	work()
	group.Wait()
	if why := broken.Load(); why != nil {
		panic(*why) // where it can be caught
	}
	for i, file := range fresh {
		if made[i] != nil {
			s.parsed[file] = made[i]
		}
	}
}
