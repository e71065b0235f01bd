package sense

import (
	"io"
	"os"
	"strconv"
	"strings"
)

// maxFile bounds what is read of a file of /sys or /proc. The routes of a
// router with full tables are larger, but default routes come first.
const maxFile = 1 << 20

func readFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile))
	return string(b), err
}

// attr reads a file of one line; it is empty if the file cannot be read, as when
// a driver has lost its device.
func attr(path string) string {
	s, err := readFile(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(s)
}

// attrInt reads a whole number that is not negative.
func attrInt(path string) (int64, bool) {
	n, err := strconv.ParseInt(attr(path), 10, 64)
	return n, err == nil && n >= 0
}
