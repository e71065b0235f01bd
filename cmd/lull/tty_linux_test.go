package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// paper is a terminal that keeps all rows that were ever on it. It knows what a display
// sends: new lines, the cursor up, and wiping to the end.
type paper struct {
	mu   sync.Mutex
	rows []string
	at   int
}

var sequence = regexp.MustCompile(`^\x1b\[(\d*)([A-Za-z])`)

func (p *paper) write(s string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for s != "" {
		if len(p.rows) <= p.at {
			p.rows = append(p.rows, "")
		}
		if m := sequence.FindStringSubmatch(s); m != nil {
			s = s[len(m[0]):]
			switch n, _ := strconv.Atoi(m[1]); m[2] {
			case "A":
				p.at = max(0, p.at-n)
			case "J":
				p.rows = p.rows[:p.at]
			}
			continue
		}
		switch c := s[0]; c {
		case '\n':
			p.at++
		case '\r':
		default:
			p.rows[p.at] += string(c)
		}
		s = s[1:]
	}
}

func (p *paper) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.rows, "\n") + "\n"
}

func (p *paper) count(word string) int { return strings.Count(p.text(), word) }

// terminalPair opens a pseudo-terminal and keeps what is written to it.
func terminalPair(t *testing.T) (keyboard, screen *os.File, shown *paper) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("SKIPPED, the terminal is not tested: no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { keyboard.Close() })
	n, err := unix.IoctlGetInt(int(keyboard.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(keyboard.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(int(keyboard.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 100})
	}
	if err == nil {
		screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close() })
	shown = &paper{}
	go func() {
		for buf := make([]byte, 4096); ; {
			n, err := keyboard.Read(buf)
			if err != nil {
				return
			}
			shown.write(string(buf[:n]))
		}
	}()
	return keyboard, screen, shown
}

func echoes(t *testing.T, f *os.File) bool {
	t.Helper()
	mode, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return mode.Lflag&unix.ECHO != 0
}

func shows(t *testing.T, shown *paper, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never %s; the terminal shows\n%s", what, shown.text())
		}
	}
}

// TestEnter: what is typed does not move what is drawn, and the terminal is as before
// when the command ends, however it ends.
func TestEnter(t *testing.T) {
	for name, ends := range map[string]func(keyboard *os.File) error{
		"by itself":   nil,
		"interrupted": func(k *os.File) error { _, err := k.WriteString("\x03"); return err },
		"two interrupts": func(k *os.File) error {
			if _, err := k.WriteString("\x03"); err != nil {
				return err
			}
			time.Sleep(300 * time.Millisecond)
			_, err := k.WriteString("\x03")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keyboard, screen, shown := terminalPair(t)
			release := filepath.Join(t.TempDir(), "release")
			plan := filepath.Join(t.TempDir(), "lull.yaml")
			text := "tasks:\n" +
				"  busy: {run: 'until test -e " + release + "; do sleep 0.05; done'}\n" +
				"  stubborn: {run: \"trap '' TERM; until test -e " + release + "; do sleep 0.05; done\", grace: 2s}\n" +
				"  power: {run: 'true', needs: {charging: true}}\n"
			if err := os.WriteFile(plan, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			lull, err := exec.LookPath("lull")
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(lull, "run", plan, "--until-idle", "--jobs", "2", "--pretend", "charging=no")
			cmd.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=1")
			cmd.Stdin, cmd.Stdout, cmd.Stderr = screen, screen, screen
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Pdeathsig: syscall.SIGKILL}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = cmd.Process.Kill() }()
			shows(t, shown, "drawn", func() bool { return shown.count("  waits  power") == 1 && shown.count("  runs   busy") == 1 })
			if echoes(t, screen) {
				t.Error("the terminal echoes what is typed")
			}
			for range 2 {
				if _, err := keyboard.WriteString("typed\n\n"); err != nil {
					t.Fatal(err)
				}
				time.Sleep(1100 * time.Millisecond) // it counts on
			}
			if shown.count("  runs ") != 1 || shown.count("  waits ") != 1 || shown.count("typed") != 0 {
				t.Errorf("the terminal shows\n%s", shown.text())
			}
			if ends == nil {
				if err := os.WriteFile(release, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			} else if err := ends(keyboard); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // an interrupted command may fail
			if !echoes(t, screen) {
				t.Error("the terminal was left without an echo")
			}
			if name != "two interrupts" && shown.count("  runs ") != 0 {
				t.Errorf("what was drawn is left over:\n%s", shown.text())
			}
		})
	}
}

// TestBackground: a command in the background draws nothing between the lines of the
// shell, and leaves the terminal alone.
func TestBackground(t *testing.T) {
	t.Parallel()
	_, screen, shown := terminalPair(t)
	plan := filepath.Join(t.TempDir(), "lull.yaml")
	if err := os.WriteFile(plan, []byte("tasks:\n  busy: {run: sleep 1.5}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// The shell leads the session and has the terminal; monitor mode gives what it starts
	// in the background a group of its own.
	cmd := exec.Command("sh", "-c", `set -m; lull run "$1" --until-idle & wait`, "sh", plan)
	cmd.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = screen, screen, screen
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	shows(t, shown, "started", func() bool { return shown.count("start     busy") == 1 })
	time.Sleep(500 * time.Millisecond)
	if shown.count("  runs ") != 0 {
		t.Errorf("it draws:\n%s", shown.text())
	}
	if !echoes(t, screen) {
		t.Error("it has changed the terminal")
	}
	if err := cmd.Wait(); err != nil || shown.count("done      busy") != 1 {
		t.Errorf("%v\n%s", err, shown.text())
	}
}
