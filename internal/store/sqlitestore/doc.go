// Package sqlitestore keeps rows in one SQLite file: a single writer, WAL,
// synchronous=FULL, so that what was committed survives a power cut.
//
// Beside the file PATH live, while it is in use, SQLite's PATH-wal and PATH-shm,
// and for good
//
//   - PATH.lock, locked by the engine that has the state, with its process ID;
//   - PATH.mark, the number of the last commit, so that commits which a damaged or
//     swapped file lost are noticed;
//   - PATH.reserve, space that is given back when the disk is full.
package sqlitestore
