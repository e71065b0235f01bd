// Command guest is a program for GOOS=wasip1 that does what its input says.
package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

type order struct {
	Do   string `json:"do"`
	Path string `json:"path"`
	N    int    `json:"n"`
}

var sink []byte

func main() {
	input, err := io.ReadAll(os.Stdin)
	check(err)
	var o order
	if len(input) > 0 {
		check(json.Unmarshal(input, &o))
	}
	switch o.Do {
	case "":
	case "echo":
		result(map[string]any{"input": json.RawMessage(input), "args": os.Args[1:], "env": os.Environ()})
	case "exit":
		fmt.Println("leaving")
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
			fmt.Print(line)
		}
	case "time":
		begin := time.Now()
		time.Sleep(time.Duration(o.N) * time.Second)
		result(map[string]any{"begin": begin.Format(time.RFC3339), "slept": time.Since(begin) >= time.Duration(o.N)*time.Second})
	case "random":
		var b [16]byte
		_, err := rand.Read(b[:])
		check(err)
		result(hex.EncodeToString(b[:]))
	case "read":
		b, err := os.ReadFile(o.Path)
		check(err)
		result(string(b))
	case "write":
		check(os.WriteFile(o.Path, []byte("written by a guest"), 0o644))
	case "list":
		entries, err := os.ReadDir(o.Path)
		check(err)
		names := []string{}
		for _, e := range entries {
			names = append(names, e.Name())
		}
		result(names)
	case "files":
		files(o.Path)
	case "chat":
		chat()
	case "suite":
		suite(o.Path)
	case "output":
		check(os.WriteFile(os.Getenv("LULL_OUTPUT"), []byte(o.Path), 0o644))
	default:
		fmt.Fprintln(os.Stderr, "unknown order", o.Do)
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
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	result(map[string]any{"rest": string(rest), "excl": excl, "gone": gone, "now": string(b), "size": info.Size(), "names": names})
}

func result(v any) {
	b, err := json.Marshal(v)
	check(err)
	tmp := os.Getenv("LULL_OUTPUT") + ".tmp"
	check(os.WriteFile(tmp, b, 0o644))
	check(os.Rename(tmp, os.Getenv("LULL_OUTPUT")))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
