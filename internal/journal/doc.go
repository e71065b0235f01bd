// Package journal reads the record of everything that was decided and done, and
// writes it as a plain file.
package journal
