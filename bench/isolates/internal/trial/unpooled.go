package trial

import "context"

// Unpooled is for systems that start each isolate afresh and keep nothing.
type Unpooled struct{}

// Ready has nothing to wait for.
func (Unpooled) Ready(ctx context.Context) error { return ctx.Err() }

// Close has nothing to close.
func (Unpooled) Close() error { return nil }
