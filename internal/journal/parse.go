package journal

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/lullwork/lull/internal/record"
)

// maxLine is the longest line that is read, in bytes.
const maxLine = 8 << 20

// ErrLine is the answer to what is not a journal entry.
var ErrLine = errors.New("not a journal entry")

// Parse reads one entry. Fields that it does not know are passed over: a newer
// version may have written them.
func Parse(line []byte) (record.Entry, error) {
	var e record.Entry
	if len(line) > maxLine {
		return e, fmt.Errorf("%w: %d bytes long, the limit is %d", ErrLine, len(line), maxLine)
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return record.Entry{}, fmt.Errorf("%w: %w", ErrLine, err)
	}
	if e.Seq <= 0 || e.Kind == "" {
		return record.Entry{}, fmt.Errorf("%w: it has no seq or no kind", ErrLine)
	}
	return e, nil
}

// Read calls f for each entry of r, until f returns false. An error names the
// line.
func Read(r io.Reader, f func(record.Entry) bool) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		if len(lines.Bytes()) == 0 {
			continue
		}
		e, err := Parse(lines.Bytes())
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if !f(e) {
			return nil
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("line %d: %w", n+1, err)
	}
	return nil
}
