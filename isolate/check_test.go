//go:build linux

package isolate_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lullwork/lull/isolate"
)

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	touched := filepath.Join(dir, "touched")
	write("good", "#!/bin/sh\ntouch "+touched+"\n", 0o700)
	write("by-env", "#!/usr/bin/env sh\n", 0o700)
	write("no-interpreter", "#!/opt/none/perl -w\n", 0o700)
	write("no-env", "#! /usr/bin/env no-such-interpreter\n", 0o700)
	write("empty-line", "#!\n", 0o700)
	write("not-executable", "#!/bin/sh\n", 0o600)
	for _, c := range []struct {
		what string
		spec isolate.Spec
		want string // part of the error; empty is none
	}{
		{"program in PATH", isolate.Spec{Argv: []string{"sh", "-c", "exit 1"}}, ""},
		{"program by its path", isolate.Spec{Argv: []string{"./good"}, Dir: dir}, ""},
		{"interpreter by env", isolate.Spec{Argv: []string{"./by-env"}, Dir: dir}, ""},
		{"no program", isolate.Spec{Argv: []string{"no-such-program"}}, "no-such-program"},
		{"no file", isolate.Spec{Argv: []string{"./none"}, Dir: dir}, "no such file"},
		{"no executable", isolate.Spec{Argv: []string{"./not-executable"}, Dir: dir}, "permission denied"},
		{"a folder", isolate.Spec{Argv: []string{dir}}, "is a directory"},
		{"no interpreter", isolate.Spec{Argv: []string{"./no-interpreter"}, Dir: dir}, "no-interpreter: its interpreter: "},
		{"no interpreter by env", isolate.Spec{Argv: []string{"./no-env"}, Dir: dir}, "no-such-interpreter"},
		{"nothing after #!", isolate.Spec{Argv: []string{"./empty-line"}, Dir: dir}, "names no interpreter"},
		{"no folder", isolate.Spec{Argv: []string{"sh"}, Dir: dir + "/none"}, "working folder: "},
		{"a file as folder", isolate.Spec{Argv: []string{"sh"}, Dir: dir + "/good"}, "is not a folder"},
		{"a sandbox", isolate.Spec{Argv: []string{"sh"}, Dir: dir, Sandbox: &isolate.Sandbox{Read: []string{"good"}, Write: []string{dir}}}, ""},
		{"a sandbox without its paths", isolate.Spec{Argv: []string{"sh"}, Dir: dir, Sandbox: &isolate.Sandbox{Write: []string{"none"}}}, "/none does not exist"},
		{"shell", isolate.Spec{Shell: "touch " + touched + "; exit 1"}, ""},
		{"shell, relative", isolate.Spec{Shell: "./good | cat", Dir: dir}, ""},
		{"shell builtin", isolate.Spec{Shell: "cd / && ls"}, ""},
		{"shell keyword", isolate.Spec{Shell: "if touch " + touched + "; then exit 1; fi"}, ""},
		{"shell with a variable first", isolate.Spec{Shell: "$UNKNOWN x"}, ""},
		{"shell with an assignment first", isolate.Spec{Shell: "X=1 no-such-program"}, ""},
		{"shell function", isolate.Spec{Shell: "f() { true; }; f"}, ""},
		{"shell substitution", isolate.Spec{Shell: "echo $(touch " + touched + ")"}, ""},
		{"shell, two lines", isolate.Spec{Shell: "\n  true\n  no-such-program\n"}, ""},
		{"shell, no program", isolate.Spec{Shell: "no-such-program --all; true"}, "the shell finds no no-such-program"},
		{"shell, no file", isolate.Spec{Shell: "./none&", Dir: dir}, "no such file"},
		{"shell, quote", isolate.Spec{Shell: "echo 'x"}, "cannot read the line"},
		{"shell, syntax", isolate.Spec{Shell: "if true; then"}, "cannot read the line"},
		{"shell with its PATH", isolate.Spec{Shell: "good", Env: []string{"PATH=" + dir}}, ""},
		{"shell with another PATH", isolate.Spec{Shell: "ls", Env: []string{"PATH=" + dir}}, "finds no ls"},
		{"function", isolate.Spec{Func: "double"}, ""},
		{"no function", isolate.Spec{Func: "nobody"}, "no such entry point"},
		{"nothing", isolate.Spec{}, "exactly one of"},
	} {
		file, err := c.spec.Check(t.Context())
		if c.want == "" && (err != nil || (file == "") != (c.spec.Func != "")) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %q, %v, want ...%s...", c.what, file, err, c.want)
		}
	}
	if _, err := os.Stat(touched); !errors.Is(err, os.ErrNotExist) {
		t.Error("something was run:", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (isolate.Spec{Shell: "true"}).Check(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
