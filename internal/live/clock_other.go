//go:build !linux

package live

import (
	"sync"
	"time"

	"github.com/lullwork/lull/internal/record"
)

// lookAgain is the longest wait of the timer, which stands still while the machine
// sleeps: what came due in a sleep is noticed at most so long after it.
const lookAgain = time.Minute

// SystemClock returns the machine's own clock.
func SystemClock() (Clock, error) {
	return &systemClock{c: make(chan struct{}, 1)}, nil
}

type systemClock struct {
	c     chan struct{}
	mu    sync.Mutex
	timer *time.Timer
}

func (c *systemClock) Boot() int64        { return asleepAndAwake() }
func (c *systemClock) Wall() int64        { return time.Now().UnixMicro() }
func (c *systemClock) Slept() int64       { return asleepAndAwake() - awakeOnly() }
func (c *systemClock) C() <-chan struct{} { return c.c }

func (c *systemClock) Arm(boot int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer != nil {
		c.timer.Stop()
	}
	if boot == record.Never {
		return
	}
	wait := min(time.Duration(max(0, boot-c.Boot()))*time.Microsecond, lookAgain)
	c.timer = time.AfterFunc(wait, func() {
		select {
		case c.c <- struct{}{}:
		default:
		}
	})
}

func (c *systemClock) Close() error {
	c.Arm(record.Never)
	return nil
}
