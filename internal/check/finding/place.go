package finding

import (
	"strconv"
)

// Whole is the place of what is missing from a file, or of all of it: its first line.
func Whole(file string) Place { return Place{File: file, Line: 1, Column: 1} }

// At says where something that was not checked is; path says how its file is written.
func (u Unchecked) At(path func(file string) string) string {
	if u.Line <= 1 {
		return path(u.File)
	}
	return path(u.File) + ":" + strconv.Itoa(u.Line)
}
