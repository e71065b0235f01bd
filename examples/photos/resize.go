package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/gif"
	"image/jpeg"
	_ "image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/image/draw"

	"github.com/lullwork/lull/isolate"
)

// Resize makes a small copy of one picture.
var Resize = isolate.Named[Photo, Size]("resize")

// Photo says what to do with a picture.
type Photo struct {
	From, To string
	Side     int    // longest side of the copy, in pixels
	Spoil    string // "crash" or "hang", to see what happens
}

// Size is that of a picture before and after, in pixels.
type Size struct{ From, To image.Point }

func (s Size) String() string {
	return fmt.Sprintf("%dx%d to %dx%d", s.From.X, s.From.Y, s.To.X, s.To.Y)
}

// find lists the pictures in a folder.
func find(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if slices.Contains([]string{".jpg", ".jpeg", ".png", ".gif"}, strings.ToLower(filepath.Ext(e.Name()))) && e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no .jpg, .png or .gif in %s", dir)
	}
	return names, nil
}

// resize runs in an isolate. A picture may come from anywhere: if the decoder crashes on
// it, never ends, or takes all memory, only the isolate does.
func resize(_ context.Context, p Photo) (Size, error) {
	switch p.Spoil {
	case "crash":
		go func() { panic("a decoder that nobody could recover") }()
		select {}
	case "hang":
		for { //nolint:staticcheck // it spins on purpose: no context is looked at, as in most decoders
		}
	}
	f, err := os.Open(p.From)
	if err != nil {
		return Size{}, err
	}
	defer f.Close()
	in, _, err := image.Decode(f)
	if err != nil {
		return Size{}, isolate.Permanent(fmt.Errorf("%s: %w", p.From, err))
	}
	from := in.Bounds()
	to := fit(from.Size(), p.Side)
	out := image.NewRGBA(image.Rectangle{Max: to})
	draw.CatmullRom.Scale(out, out.Bounds(), in, from, draw.Src, nil)
	return Size{from.Size(), to}, save(p.To, out)
}

// fit keeps the shape and makes nothing larger.
func fit(p image.Point, side int) image.Point {
	longest := max(p.X, p.Y)
	if longest <= side || side <= 0 {
		return p
	}
	return image.Pt(max(1, p.X*side/longest), max(1, p.Y*side/longest))
}

// save writes a picture beside its place and then moves it there: an isolate may be
// killed at any time, and half a picture is worse than none.
func save(path string, m image.Image) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".small-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	err = errors.Join(jpeg.Encode(f, m, &jpeg.Options{Quality: 85}), f.Chmod(0o644), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
