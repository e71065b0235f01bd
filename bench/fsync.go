package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

const (
	fsyncWrite = 8 << 10  // two SQLite pages, what a one-row commit writes at the least
	fsyncFile  = 16 << 20 // written once before, so that no sync has to write metadata
)

func fsyncSystem() system {
	return system{
		name:   "fdatasync",
		tuning: "fdatasync: the disk alone. An 8 KiB overwrite in a 16 MiB file and fdatasync is a job's whole life",
		open:   openFsync,
		only:   []rowID{rowInsert1, rowP50, rowP99},
	}
}

// fsyncQueue measures the disk with the code that measures queues, so both see the same pace and the same clock.
type fsyncQueue struct {
	run     func(job int)
	started atomic.Bool

	mu     sync.Mutex
	file   *os.File
	buf    []byte
	offset int64
}

func openFsync(_ context.Context, t trial) (queue, error) {
	file, err := os.Create(filepath.Join(t.dir, "fsync.dat"))
	if err != nil {
		return nil, err
	}
	if _, err := file.Write(make([]byte, fsyncFile)); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if err := file.Sync(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &fsyncQueue{run: t.run, file: file, buf: make([]byte, fsyncWrite)}, nil
}

func (f *fsyncQueue) Fill(context.Context, int) error {
	return errors.New("fdatasync holds no jobs, there is nothing to fill")
}

func (f *fsyncQueue) Insert(_ context.Context, job int) error {
	if err := f.write(job); err != nil {
		return err
	}
	if f.started.Load() {
		f.run(job)
	}
	return nil
}

func (f *fsyncQueue) write(job int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	copy(f.buf, binaryPayload(job))
	if _, err := f.file.WriteAt(f.buf, f.offset); err != nil {
		return err
	}
	f.offset = (f.offset + fsyncWrite) % fsyncFile
	return fdatasync(f.file)
}

func (f *fsyncQueue) Start(context.Context) error {
	f.started.Store(true)
	return nil
}

func (f *fsyncQueue) Close() error { return f.file.Close() }
