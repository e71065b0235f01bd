package world

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
)

// maxLine is the length of a line, in bytes, above which it is not looked at.
const maxLine = 1 << 16

// lines reads text by lines.
type lines struct {
	r *bufio.Reader
	n int // of the line that was read last
}

// newLines unpacks what is packed with gzip.
func newLines(r io.Reader) (*lines, error) {
	b := bufio.NewReaderSize(r, maxLine)
	if head, _ := b.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, err
		}
		b = bufio.NewReaderSize(z, maxLine)
	}
	return &lines{r: b}, nil
}

// next returns the next line without its end. It is empty if it is too long. At the
// end the error is io.EOF.
func (l *lines) next() (text string, tooLong bool, err error) {
	b, err := l.r.ReadSlice('\n')
	for ; errors.Is(err, bufio.ErrBufferFull); _, err = l.r.ReadSlice('\n') {
		tooLong = true
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(b) == 0 && !tooLong) {
		return "", false, err
	}
	l.n++
	if tooLong {
		return "", true, nil
	}
	if l.n == 1 {
		b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	}
	return string(bytes.TrimRight(b, "\r\n")), false, nil
}
