package link

// HeapBuffer returns a buffer in memory of this process, for a receiver in it.
func HeapBuffer(size int) *Buffer { return &Buffer{mem: make([]byte, size), live: true} }

// Move gives the buffer to another owner in this process.
func (b *Buffer) Move() (*Buffer, error) {
	mem, err := b.take()
	if err != nil {
		return nil, err
	}
	return &Buffer{mem: mem, live: true, home: b.home, id: b.id}, nil
}

// Live is false after Export, Move or Release.
func (b *Buffer) Live() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.live
}
