package code

// Dropped is a future that nobody waits for.
type Dropped struct {
	Call
	Why string // "statement", "async closure in forEach", "never used"
}

// Unawaited are the calls in f's own body whose future is dropped: neither awaited, returned,
// passed on, chained nor marked by unawaited(...) or ignore(). A call gives a future if
// its declaration says so, or if futures has its name and no declaration is known.
func (p *Program) Unawaited(f *Func, futures map[string]bool) []Dropped { return nil }

// IsAsync tells whether calling f gives a future.
func (p *Program) IsAsync(f *Func) bool { return false }
