// Package finding holds what a check found, and what it could not check.
package finding

// Certainty tells how sure a finding is.
type Certainty uint8

// From weak to strong.
const (
	Hint    Certainty = 1 + iota // depends on what is intended
	Warning                      // likely
	Error                        // proven by the files
)

// Place is a part of a file. Lines and columns count from 1, columns in bytes; File is
// relative to the checked folder, with slashes. An End of 0 means a whole line.
type Place struct {
	File       string `json:"file"`
	Line       int    `json:"line"`
	Column     int    `json:"column"`
	Start, End int    `json:"-"` // bytes of the file
}

// Finding is a mistake at a place.
type Finding struct {
	Rule       string
	ID         string // in the catalogue, "E01"
	Certainty  Certainty
	Place      Place
	Message    string // what is wrong, in one sentence, with the names that are meant
	Seen       string // what one will see if it stays
	Fix        string
	Project    string // folder of the project, "." or relative to the checked folder
	Subject    string // what it is about, such as an identifier: what stays when lines move
	Related    []Related
	Edits      []Edit // a safe mending; nil where there is none
	Suppressed string // reason that a comment gives; "" where it is not suppressed
	Known      bool   // the baseline has it
}

// Related is another place that matters.
type Related struct {
	Place Place
	Text  string
}

// Edit replaces the bytes Start to End of a file.
type Edit struct {
	File       string
	Start, End int
	Text       string
}

// Unchecked is something that could not be checked.
type Unchecked struct {
	What string `json:"what"`
	File string `json:"file"`
	Line int    `json:"line"`
	Why  string `json:"why"`
}
