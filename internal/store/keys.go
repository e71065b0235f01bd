package store

import (
	"slices"
	"sort"

	"github.com/lullwork/lull/internal/record"
)

// keys is an ordered set of keys: chunks of sorted keys in order, none empty. At
// a million keys an insert moves a few hundred of them.
type keys struct {
	chunks [][]record.Key
	n      int
}

const chunkMax = 512

// chunk returns the index of the first chunk whose last key is not below k.
func (s *keys) chunk(k record.Key) int {
	return sort.Search(len(s.chunks), func(i int) bool {
		c := s.chunks[i]
		return !c[len(c)-1].Less(k)
	})
}

func within(c []record.Key, k record.Key) (int, bool) {
	i := sort.Search(len(c), func(i int) bool { return !c[i].Less(k) })
	return i, i < len(c) && c[i] == k
}

func (s *keys) insert(k record.Key) {
	if len(s.chunks) == 0 {
		s.chunks = append(s.chunks, append(make([]record.Key, 0, 8), k))
		s.n++
		return
	}
	ci := min(s.chunk(k), len(s.chunks)-1)
	i, ok := within(s.chunks[ci], k)
	if ok {
		return
	}
	s.n++
	c := slices.Insert(s.chunks[ci], i, k)
	s.chunks[ci] = c
	if len(c) <= chunkMax {
		return
	}
	half := chunkMax / 2
	if i == len(c)-1 && ci == len(s.chunks)-1 {
		half = len(c) - 1 // keys mostly come in order: keep the chunks full
	}
	s.chunks[ci] = c[:half:half]
	s.chunks = slices.Insert(s.chunks, ci+1, append(make([]record.Key, 0, chunkMax+1), c[half:]...))
}

func (s *keys) remove(k record.Key) {
	ci := s.chunk(k)
	if ci == len(s.chunks) {
		return
	}
	i, ok := within(s.chunks[ci], k)
	if !ok {
		return
	}
	s.n--
	if len(s.chunks[ci]) == 1 {
		s.chunks = slices.Delete(s.chunks, ci, ci+1)
		return
	}
	s.chunks[ci] = slices.Delete(s.chunks[ci], i, i+1)
}

// above calls f with the keys above k in order, until it returns false.
func (s *keys) above(k record.Key, f func(record.Key) bool) {
	for ci := s.chunk(k); ci < len(s.chunks); ci++ {
		c := s.chunks[ci]
		i, ok := within(c, k)
		if ok {
			i++
		}
		for ; i < len(c); i++ {
			if !f(c[i]) {
				return
			}
		}
	}
}

// fromEnd calls f with the keys from the last one down, until it returns false.
func (s *keys) fromEnd(f func(record.Key) bool) {
	for ci := len(s.chunks) - 1; ci >= 0; ci-- {
		c := s.chunks[ci]
		for i := len(c) - 1; i >= 0; i-- {
			if !f(c[i]) {
				return
			}
		}
	}
}
