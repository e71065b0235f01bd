//go:build !linux && !darwin

package confine

// Lay does nothing: on Windows the Job Object has what there is.
func (l *Limits) Lay() error { return nil }
