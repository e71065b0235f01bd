package isolate

import "time"

// heedCPU has nothing to heed: a Job Object kills.
func (in *inside) heedCPU(time.Duration) {}
