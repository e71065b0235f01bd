package httpapi

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// longest is how long a socket's path may be: sun_path has 108 bytes, and the last
// one is 0 (unix(7)).
const longest = 107

// reach calls f with a path of the socket that is short enough. A longer one is
// reached through a descriptor of its folder.
func reach(path string, f func(path string) error) error {
	if len(path) <= longest {
		return f(path)
	}
	fd, err := unix.Open(filepath.Dir(path), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: filepath.Dir(path), Err: err}
	}
	defer unix.Close(fd)
	return f(fmt.Sprintf("/proc/self/fd/%d/%s", fd, filepath.Base(path)))
}
