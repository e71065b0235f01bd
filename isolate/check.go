package isolate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Check says what would keep a run of the spec from starting, and runs nothing of it:
// what the spec itself has wrong; a working folder, a program or a script's interpreter
// that is missing or not executable; a shell line that the shell cannot read or whose
// first command it does not find; an entry point that is not registered. It looks with
// the environment that the run would have, and returns the program's file ("" for an
// entry point). Paths of a sandbox must be there. What a program needs in turn it cannot know.
func (s Spec) Check(ctx context.Context) (file string, err error) {
	if err := s.validate(); err != nil {
		return "", err
	}
	if err := checkDir(s.Dir); err != nil {
		return "", err
	}
	if s.Sandbox != nil {
		if _, err := paths(slices.Concat(s.Sandbox.Read, s.Sandbox.Write), s.Dir); err != nil {
			return "", err
		}
	}
	if s.Func != "" {
		_, ok := Registered(s.Func)
		switch {
		case !theTable.mainCalled():
			return "", ErrNoMain
		case !ok:
			return "", theTable.noEntry(s.Func)
		}
		return "", nil
	}
	argv := s.Argv
	if s.Shell != "" {
		argv = shellArgv(s.Shell)
	}
	if file, err = lookProgram(argv[0], s.Dir); err != nil {
		return "", err
	}
	if s.Shell != "" {
		return file, s.checkShell(ctx, file)
	}
	return file, checkInterpreter(file)
}

func checkDir(dir string) error {
	if dir == "" {
		return nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("working folder: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("working folder %s is not a folder", dir)
	}
	return nil
}

// checkShell lets the shell read the line without executing it, and look for the first
// command where that is a plain word.
func (s Spec) checkShell(ctx context.Context, shell string) error {
	if runtime.GOOS == "windows" {
		return nil // cmd.exe has no such mode
	}
	if complaint, err := s.ask(ctx, shell, "-n", "-c", s.Shell); err != nil {
		return err
	} else if complaint != "" {
		return fmt.Errorf("the shell cannot read the line: %s", complaint)
	}
	word := plainWord(s.Shell)
	if strings.Contains(word, "/") {
		_, err := lookProgram(word, s.Dir)
		return err
	}
	if word == "" {
		return nil
	}
	missing, err := s.ask(ctx, shell, "-c", `command -v "$1" >/dev/null || echo missing >&2`, "sh", word)
	if err == nil && missing != "" {
		err = fmt.Errorf("the shell finds no %s", word)
	}
	return err
}

// ask runs the shell with what does not come from the line, and returns its complaint.
func (s Spec) ask(ctx context.Context, shell string, args ...string) (complaint string, err error) {
	cmd := exec.CommandContext(ctx, shell, args...)
	cmd.Dir, cmd.Env = s.Dir, mergeEnv(os.Environ(), s.Env)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && (!errors.As(err, &exit) || ctx.Err() != nil) {
		return "", fmt.Errorf("%s: %w", shell, err)
	}
	return cleanLine(stderr.String()), nil
}

// plainWord is the first word of a shell line, if nothing in it means something to the
// shell; else empty.
func plainWord(line string) string {
	line = strings.TrimLeft(line, " \t\n")
	end := strings.IndexFunc(line, func(r rune) bool {
		alnum := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !alnum && !strings.ContainsRune("._-+/@:,%", r)
	})
	if end < 0 {
		end = len(line)
	} else if !strings.ContainsRune(" \t\n;&|<>", rune(line[end])) {
		return ""
	}
	return line[:end]
}

// checkInterpreter looks for the program that a script names in its first line.
func checkInterpreter(file string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(file)
	if errors.Is(err, os.ErrPermission) {
		return nil // executable, and not readable: no script
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	head, err := io.ReadAll(io.LimitReader(f, 256)) // what the kernel reads
	if err != nil {
		return err
	}
	line, ok := bytes.CutPrefix(head, []byte("#!"))
	if !ok {
		return nil
	}
	line, _, _ = bytes.Cut(line, []byte("\n"))
	words := strings.Fields(string(line))
	if len(words) == 0 {
		return fmt.Errorf("%s: its first line names no interpreter", file)
	}
	name := words[0]
	if _, err := lookProgram(name, ""); err != nil {
		return fmt.Errorf("%s: its interpreter: %w", file, err)
	}
	if filepath.Base(name) != "env" || len(words) < 2 || strings.HasPrefix(words[1], "-") || strings.Contains(words[1], "=") {
		return nil
	}
	if _, err := exec.LookPath(words[1]); err != nil {
		return fmt.Errorf("%s: its interpreter: %w", file, err)
	}
	return nil
}
