package sense

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// watch waits in one thread for all that the kernel tells by file descriptors.
type watch struct {
	entries []watched

	mu     sync.Mutex
	wake   int // eventfd that interrupts the wait
	closed bool
}

type watched struct {
	fd     int
	events int16
	// ready handles what happened; false gives the descriptor up.
	ready func(events int16) bool
	// muted, if there is one, tells whether events are of no interest now.
	muted func() bool
}

func newWatch() (*watch, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, os.NewSyscallError("eventfd", err)
	}
	return &watch{wake: fd}, nil
}

// add takes the descriptor over; a negative one means that there is none.
func (w *watch) add(fd int, events int16, ready func(events int16) bool) {
	if fd >= 0 {
		w.entries = append(w.entries, watched{fd: fd, events: events, ready: ready})
	}
}

// run waits until ctx ends, then closes all descriptors.
func (w *watch) run(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		w.wait(ctx)
		close(done)
	}()
	<-ctx.Done()
	w.interrupt()
	<-done
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for _, e := range w.entries {
		_ = unix.Close(e.fd)
	}
	_ = unix.Close(w.wake)
}

// interrupt makes the wait look anew at what is muted.
func (w *watch) interrupt() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		_, _ = unix.Write(w.wake, []byte{7: 1}) // any number but 0, in any byte order
	}
}

func (w *watch) wait(ctx context.Context) {
	for {
		fds := []unix.PollFd{{Fd: int32(w.wake), Events: unix.POLLIN}}
		for _, e := range w.entries {
			fd := int32(e.fd)
			if e.muted != nil && e.muted() {
				fd = -1 // poll skips it
			}
			fds = append(fds, unix.PollFd{Fd: fd, Events: e.events})
		}
		// The runtime's preemption signals interrupt calls: try again.
		if _, err := unix.Poll(fds, -1); err != nil && err != unix.EINTR {
			return
		} else if err != nil {
			continue
		}
		if fds[0].Revents != 0 {
			if ctx.Err() != nil {
				return
			}
			_, _ = unix.Read(w.wake, make([]byte, 8))
			w.discard()
			continue
		}
		kept := w.entries[:0]
		for i, e := range w.entries {
			if got := fds[i+1].Revents; got != 0 && !e.ready(got) {
				_ = unix.Close(e.fd)
				continue
			}
			kept = append(kept, e)
		}
		w.entries = kept
	}
}

// discard throws away what happened while it was muted.
func (w *watch) discard() {
	var fds []unix.PollFd
	for _, e := range w.entries {
		if e.muted != nil {
			fds = append(fds, unix.PollFd{Fd: int32(e.fd), Events: e.events})
		}
	}
	_, _ = unix.Poll(fds, 0)
}

// netlink opens a netlink socket that listens to multicast groups, or returns -1.
func netlink(protocol int, groups uint32) int {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, protocol)
	if err != nil {
		return -1
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		_ = unix.Close(fd)
		return -1
	}
	return fd
}

// drain empties a socket and shows each message to see. Messages that were lost
// for want of room are reported as nil.
func drain(fd int, see func(msg []byte)) bool {
	buf := make([]byte, 16<<10)
	for {
		n, _, err := unix.Recvfrom(fd, buf, unix.MSG_DONTWAIT)
		switch err {
		case nil:
			see(buf[:n])
		case unix.EINTR:
		case unix.ENOBUFS:
			see(nil)
		case unix.EAGAIN:
			return true
		default:
			return false
		}
	}
}

// watchRoutes calls change for each change of links, addresses and routes.
func (w *watch) watchRoutes(change func()) {
	const groups = unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV4_ROUTE | unix.RTMGRP_IPV6_IFADDR | unix.RTMGRP_IPV6_ROUTE
	fd := netlink(unix.NETLINK_ROUTE, groups)
	w.add(fd, unix.POLLIN, func(int16) bool {
		return drain(fd, func([]byte) { change() })
	})
}

// watchSupplies calls change for each kernel event of a power supply or USB-C port.
func (w *watch) watchSupplies(change func()) {
	const kernelGroup = 1
	fd := netlink(unix.NETLINK_KOBJECT_UEVENT, kernelGroup)
	sift(fd)
	w.add(fd, unix.POLLIN, func(int16) bool {
		return drain(fd, func(msg []byte) {
			if msg == nil || aboutPower(msg) {
				change()
			}
		})
	})
}

// aboutPower reads the subsystem of a kernel event: "action@path", then
// KEY=value strings, all ended by NUL.
func aboutPower(msg []byte) bool {
	for field := range bytes.SplitSeq(msg, []byte{0}) {
		switch string(field) {
		case "SUBSYSTEM=power_supply", "SUBSYSTEM=typec":
			return true
		}
	}
	return false
}

// watchPressure arms a trigger for each pressure: 0.2 s of stall in 2 s. Windows
// that are no multiple of 2 s need a privilege.
func (w *watch) watchPressure(procRoot string, fired *triggered, change func()) {
	fired.look = w.interrupt
	for i, name := range pressures {
		fd := trigger(filepath.Join(procRoot, "proc/pressure", name))
		if fd < 0 {
			continue
		}
		w.entries = append(w.entries, watched{fd, unix.POLLPRI, func(events int16) bool {
			if events&(unix.POLLERR|unix.POLLNVAL) != 0 {
				return false
			}
			fired.fire(i)
			change()
			return true
		}, fired.muted})
	}
}

// trigger returns -1 where the file is not procfs's or takes no trigger.
func trigger(path string) int {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	var st unix.Statfs_t
	if err = unix.Fstatfs(fd, &st); err == nil && st.Type == unix.PROC_SUPER_MAGIC {
		// The NUL belongs to it: the kernel overwrites the last byte.
		if _, err = unix.Write(fd, []byte("some 200000 2000000\x00")); err == nil {
			return fd
		}
	}
	_ = unix.Close(fd)
	return -1
}

// watchClock calls step when the wall clock is set.
func (w *watch) watchClock(step func()) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_REALTIME, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		return
	}
	if armClock(fd) != nil {
		_ = unix.Close(fd)
		return
	}
	w.add(fd, unix.POLLIN, func(int16) bool {
		var buf [8]byte
		if _, err := unix.Read(fd, buf[:]); err == unix.ECANCELED {
			step()
		}
		return armClock(fd) == nil
	})
}

// armClock sets a timer that any step cancels; a year is far enough off, and
// fits the seconds of 32-bit systems.
func armClock(fd int) error {
	far := unix.ItimerSpec{Value: unix.NsecToTimespec(time.Now().AddDate(1, 0, 0).UnixNano())}
	return unix.TimerfdSettime(fd, unix.TFD_TIMER_ABSTIME|unix.TFD_TIMER_CANCEL_ON_SET, &far, nil)
}
