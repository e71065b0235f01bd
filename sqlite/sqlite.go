// Package sqlite keeps an engine's state in one SQLite file. Import it to use it:
// a program that does not is not linked with SQLite.
package sqlite

import (
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/internal/store/sqlitestore"
)

// File is the state in a file, made at the first open. Beside it lie SQLite's own
// files (-wal, -shm), the lock that keeps a second engine out (.lock), the number of
// the last commit, by which a cut or swapped file is noticed (.mark), and room to
// finish what runs when the disk is full (.reserve, 4 MiB). The folder must exist, on
// a local disk: network file systems are refused, as their locks cannot be relied on.
//
// What was acknowledged survives a power cut (WAL, synchronous=FULL).
func File(path string) store.Opener { return sqlitestore.At(path) }
