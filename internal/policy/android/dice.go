package android

// Uses of chance: each has a stream of its own.
const (
	forkIdle uint64 = iota + 1
	forkBatch
	forkAlarm
)
