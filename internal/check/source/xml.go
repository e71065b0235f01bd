package source

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// XML reads the tokens of a text with their places. Entities that the text defines by itself
// are refused, so that none can grow or name another file.
type XML struct {
	*Text
	dec *xml.Decoder
}

// NewXML reads src from its beginning.
func NewXML(path string, src []byte) *XML {
	x := &XML{NewText(path, src), xml.NewDecoder(bytes.NewReader(src))}
	x.dec.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		if charset == "ascii" || charset == "us-ascii" {
			return in, nil
		}
		return nil, errors.New("save it as UTF-8")
	}
	return x
}

// Next returns the next token and where it begins and ends; nil at the end of the text. The
// token is valid until the next one. Errors are a *Fault.
func (x *XML) Next() (tok xml.Token, start, end int, err error) {
	start = int(x.dec.InputOffset())
	tok, err = x.dec.Token()
	end = min(int(x.dec.InputOffset()), len(x.Src))
	switch {
	case errors.Is(err, io.EOF):
		return nil, end, end, nil
	case err != nil:
		fault := &Fault{File: x.Path, Line: x.Place(min(start, len(x.Src)), start).Line}
		var syntax *xml.SyntaxError
		if errors.As(err, &syntax) {
			fault.Line = max(syntax.Line, 1)
			fault.Why = "is no XML: " + syntax.Msg
		} else {
			fault.Why = strings.TrimPrefix(err.Error(), "xml: ")
		}
		return nil, start, end, fault
	}
	return tok, start, end, nil
}
