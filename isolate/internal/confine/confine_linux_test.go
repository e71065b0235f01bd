package confine

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// TestFilter checks that each jump of the filter lands inside, and that each refused
// call stands in it once.
func TestFilter(t *testing.T) {
	for _, noNetwork := range []bool{false, true} {
		p := filter(noNetwork)
		if len(p) > 4096 { // BPF_MAXINSNS
			t.Errorf("%d instructions", len(p))
		}
		seen := map[uint32]int{}
		for i, in := range p {
			if in.Code&0x07 == unix.BPF_JMP {
				if most := i + 1 + int(max(in.Jt, in.Jf)); most >= len(p) {
					t.Errorf("instruction %d jumps to %d of %d", i, most, len(p))
				}
			}
			if in.Code == unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K {
				seen[in.K]++
			}
		}
		for _, list := range [][]uint32{denied, deniedHere} {
			for _, nr := range list {
				if seen[nr] != 1 {
					t.Errorf("system call %d stands there %d times", nr, seen[nr])
				}
			}
		}
		if want := map[bool]int{true: 1}[noNetwork]; seen[unix.SYS_SOCKET] != want {
			t.Errorf("socket stands there %d times, want %d", seen[unix.SYS_SOCKET], want)
		}
		if last := p[len(p)-1]; last.K != unix.SECCOMP_RET_ALLOW {
			t.Errorf("the last instruction is %+v", last)
		}
	}
}

func TestHandled(t *testing.T) {
	before := uint64(0)
	for abi := 1; abi <= 12; abi++ {
		now := handled(abi)
		if now&before != before {
			t.Errorf("ABI %d takes away less than the one before", abi)
		}
		before = now
	}
	if handled(1) != 1<<13-1 || handled(99)&(writeRights|deviceRights) != writeRights|deviceRights {
		t.Errorf("%#x %#x", handled(1), handled(99))
	}
	if writeRights&(unix.LANDLOCK_ACCESS_FS_MAKE_BLOCK|unix.LANDLOCK_ACCESS_FS_MAKE_CHAR) != 0 {
		t.Error("devices may be made")
	}
}

// TestOnlyOneThread lays a sandbox of every ABI that this kernel has on a thread, and
// looks that the others are free.
func TestOnlyOneThread(t *testing.T) {
	has := Probe()
	if has.Landlock == 0 {
		t.Skipf("SKIPPED, not tested: %s", has.LandlockWhy)
	}
	dir := t.TempDir()
	file, mine := filepath.Join(dir, "file"), t.TempDir()
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for abi := 1; abi <= has.Landlock; abi++ {
		s := &Sandbox{Landlock: abi, Read: []string{"/no/such/path"}, Write: []string{mine}, Seccomp: has.Seccomp, NoNetwork: true}
		err := Apart(func() error {
			if err := s.Lay(); err != nil {
				return err
			}
			if _, err := os.ReadFile(file); !errors.Is(err, unix.EACCES) {
				t.Errorf("ABI %d: reading outside gives %v", abi, err)
			}
			return os.WriteFile(filepath.Join(mine, "new"), nil, 0o600)
		})
		if err != nil {
			t.Errorf("ABI %d: %v", abi, err)
		}
		if _, err := os.ReadFile(file); err != nil {
			t.Errorf("ABI %d: it holds for other threads too: %v", abi, err)
		}
	}
	if has.Landlock < 9 { // the last one that brings a right that is known here
		if err := Apart(func() error { return (&Sandbox{Landlock: 9}).Lay() }); err == nil {
			t.Error("a right that this kernel does not know was accepted")
		}
	}
}
