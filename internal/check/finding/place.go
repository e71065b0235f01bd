package finding

import (
	"bytes"
	"strconv"
)

// At is the place of the bytes start to end of a file's text. What is outside of the text
// is cut off.
func At(file string, text []byte, start, end int) Place {
	start = min(max(start, 0), len(text))
	end = min(max(end, start), len(text))
	line := bytes.LastIndexByte(text[:start], '\n') + 1
	return Place{
		File:   file,
		Line:   1 + bytes.Count(text[:start], []byte{'\n'}),
		Column: 1 + start - line,
		Start:  start,
		End:    end,
	}
}

// Whole is the place of what is missing from a file, or of all of it: its first line.
func Whole(file string) Place { return Place{File: file, Line: 1, Column: 1} }

// At says where something that was not checked is; path says how its file is written.
func (u Unchecked) At(path func(file string) string) string {
	if u.Line <= 1 {
		return path(u.File)
	}
	return path(u.File) + ":" + strconv.Itoa(u.Line)
}
