package wasm

import (
	"io/fs"

	expsys "github.com/tetratelabs/wazero/experimental/sys"
	"github.com/tetratelabs/wazero/experimental/sysfs"
)

// opener opens one and the same file.
type opener func() (fs.File, error)

func (o opener) Open(string) (fs.File, error) { return o() }

// adapt makes wazero's kind of file of a file that is open. Folders are opened again
// by o when they are read from the beginning.
func adapt(f fs.File, o opener) (expsys.File, expsys.Errno) {
	first := f
	files := &sysfs.AdaptFS{FS: opener(func() (fs.File, error) {
		if first != nil {
			f, first = first, nil
			return f, nil
		}
		return o()
	})}
	return files.OpenFile(".", expsys.O_RDONLY, 0)
}
