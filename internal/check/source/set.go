// Package source lists and reads the files of a checked folder. Nothing outside of the
// folder is read: links that leave it are refused by the system, not by us.
package source

import (
	"errors"

	"github.com/lullwork/lull/internal/check/finding"
)

// Why a file is not read.
var (
	ErrMissing    = errors.New("is not there")
	ErrTooBig     = errors.New("is larger than 16 MiB")
	ErrBinary     = errors.New("is no text")
	ErrUnreadable = errors.New("cannot be read")
)

// Set is the files under a folder. It is safe for concurrent use.
type Set struct{}

// Open lists the files under dir.
func Open(dir string) (*Set, error) { return &Set{}, nil }

// Close lets go of the folder.
func (s *Set) Close() error { return nil }

// Files returns the paths of all files: sorted, with slashes, relative to the folder.
func (s *Set) Files() []string { return nil }

// Under returns the files inside of a folder, "." for all.
func (s *Set) Under(dir string) []string { return nil }

// Has tells whether there is such a file.
func (s *Set) Has(path string) bool { return false }

// Read returns what is in a file; do not change it. Errors are a *Fault, around one of the
// sentinels above. A file that is there and cannot be read is noted as unchecked.
func (s *Set) Read(path string) ([]byte, error) { return nil, nil }

// Text is Read with lines.
func (s *Set) Text(path string) (*Text, error) { return nil, nil }

// Unchecked returns what could not be read so far, by file.
func (s *Set) Unchecked() []finding.Unchecked { return nil }
