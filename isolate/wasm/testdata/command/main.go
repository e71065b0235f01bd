// Command guest is a program for GOOS=wasip1 that does what its input says.
package main

import (
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unsafe"
)

type order struct {
	Do   string
	Path string
	N    int
}

var sink []byte

func main() {
	input, err := io.ReadAll(os.Stdin)
	check(err)
	o := read(string(input))
	switch o.Do {
	case "":
	case "echo":
		result(`{"args":` + list(os.Args[1:]) + `,"env":` + list(os.Environ()) + `,"input":` + string(input) + "}")
	case "exit":
		tell("leaving")
		os.Exit(o.N)
	case "loop":
		for {
		}
	case "panic":
		panic("boom")
	case "hog":
		for {
			sink = append(sink, make([]byte, 1<<20)...)
		}
	case "flood":
		line := strings.Repeat("x", 1023) + "\n"
		for {
			os.Stdout.WriteString(line)
		}
	case "time":
		begin := time.Now()
		time.Sleep(time.Duration(o.N) * time.Second)
		slept := time.Since(begin) >= time.Duration(o.N)*time.Second
		result(`{"begin":` + quote(begin.Format(time.RFC3339)) + `,"slept":` + strconv.FormatBool(slept) + "}")
	case "random":
		var b [16]byte
		if random(unsafe.Pointer(&b), uint32(len(b))) != 0 {
			os.Exit(1)
		}
		var all []string
		for _, x := range b {
			all = append(all, strconv.Itoa(int(x)))
		}
		result(list(all))
	case "read":
		b, err := os.ReadFile(o.Path)
		check(err)
		result(quote(string(b)))
	case "write":
		check(os.WriteFile(o.Path, []byte("written by a guest"), 0o644))
	case "list":
		entries, err := os.ReadDir(o.Path)
		check(err)
		result(list(names(entries)))
	case "files":
		files(o.Path)
	case "chat":
		chat()
	case "suite":
		suite(o.Path)
	case "output":
		check(os.WriteFile(os.Getenv("LULL_OUTPUT"), []byte(o.Path), 0o644))
	default:
		os.Stderr.WriteString("unknown order " + o.Do + "\n")
		os.Exit(64)
	}
}

// files does to a folder what programs do.
func files(dir string) {
	path := func(name string) string { return dir + "/" + name }
	check(os.WriteFile(path("new"), []byte("one"), 0o600))
	f, err := os.OpenFile(path("new"), os.O_APPEND|os.O_WRONLY, 0)
	check(err)
	_, err = f.WriteString(" two")
	check(err)
	check(f.Sync())
	check(f.Close())
	f, err = os.OpenFile(path("new"), os.O_RDWR, 0)
	check(err)
	_, err = f.WriteAt([]byte("ONE"), 0)
	check(err)
	_, err = f.Seek(-3, io.SeekEnd)
	check(err)
	rest, err := io.ReadAll(f)
	check(err)
	check(f.Truncate(5))
	check(f.Close())
	check(os.Rename(path("new"), path("renamed")))
	_, err = os.OpenFile(path("renamed"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	excl := os.IsExist(err)
	_, err = os.Stat(path("new"))
	gone := os.IsNotExist(err)
	b, err := os.ReadFile(path("renamed"))
	check(err)
	info, err := os.Stat(path("renamed"))
	check(err)
	check(os.WriteFile(path("other"), nil, 0o600))
	check(os.Remove(path("other")))
	entries, err := os.ReadDir(dir)
	check(err)
	result(`{"excl":` + strconv.FormatBool(excl) + `,"gone":` + strconv.FormatBool(gone) + `,"names":` + list(names(entries)) +
		`,"now":` + quote(string(b)) + `,"rest":` + quote(string(rest)) + `,"size":` + strconv.FormatInt(info.Size(), 10) + "}")
}

func names(entries []os.DirEntry) (all []string) {
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// result gives JSON.
func result(v string) {
	tmp := os.Getenv("LULL_OUTPUT") + ".tmp"
	check(os.WriteFile(tmp, []byte(v), 0o644))
	check(os.Rename(tmp, os.Getenv("LULL_OUTPUT")))
}

func check(err error) {
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}

//go:wasmimport wasi_snapshot_preview1 random_get
func random(at unsafe.Pointer, size uint32) uint32
