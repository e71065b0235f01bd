//go:build unix

package isolate

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// heedCPU turns the kernel's soft limit of processor time into a request to stop. Go
// programs ignore the signal otherwise.
func (in *inside) heedCPU(grace time.Duration) {
	spent := make(chan os.Signal, 1)
	signal.Notify(spent, syscall.SIGXCPU)
	go func() {
		<-spent
		in.askSelf(ReasonCPUTime, grace)
	}()
}
