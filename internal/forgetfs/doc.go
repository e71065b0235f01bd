// Package forgetfs is a file system for tests that forgets, at a simulated power
// cut, whatever was not synced. It is a FUSE layer over an ordinary directory:
//
//	f, err := forgetfs.Mount(dir, backing, forgetfs.Config{})
//	...                                  // a program works in dir
//	err = f.Cut()                        // the power goes: everything in dir answers EIO
//	f.Restore()                          // the power is back: dir shows what was durable
//	...                                  // open again, compare with what was acknowledged
//	err = f.Unmount()
//
// The package has content on Linux only. It needs /dev/fuse, and root or fusermount3;
// without them [Mount] returns [ErrUnavailable].
//
// # What is durable
//
//   - Data: fsync and fdatasync of a file (msync and O_SYNC end in the same call) make all
//     that was written to it so far durable, its size included. Nothing else does: not
//     close, not rename, not sync(2).
//   - Names: a create, link, rename or removal is durable once the directory is synced. A
//     cut takes an unsynced create away, brings an unsynced removal back, and turns an
//     unsynced rename around as a whole, also if only one of its two directories was synced.
//     Changes of names that touch the same file are kept or lost together.
//   - As on ext4, fsync of a newly created file makes its own name durable too. Whatever
//     becomes durable in a new directory makes the way to that directory durable.
//   - Mode, owner and times are passed through and never forgotten. Extended attributes,
//     fallocate and O_TMPFILE are refused.
//   - What was in backing at Mount is durable, and Unmount keeps everything: it is a clean
//     shutdown, not a cut.
//
// No sync is passed on to the disk below: the cut is simulated, the machine stays up.
//
// # Handles, processes, memory maps
//
// A file that was open at the cut is lost to its holder: its handle answers EIO for good,
// also after Restore, as the process that held it would be gone after a real cut. Locks
// held on it do not stand in the way of a new open.
//
// A process that serves a mount must not map a file of that mount: a page fault stops an
// operating system thread where the Go scheduler cannot see it, and if a garbage collection
// starts meanwhile, it waits for that thread while the thread waits for us. SQLite in WAL mode
// maps its -shm file, so run the writer in a child process. Ordinary reads and writes are
// safe from the same process. Do not start a child with a working directory in the mount.
package forgetfs
