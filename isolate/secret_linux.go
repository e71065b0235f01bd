package isolate

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull/isolate/internal/tree"
)

const secretsOffered = true

func secretsOffer() tree.Offer { return tree.Offer{Strength: tree.Fully, Means: "sealed memfd"} }

// secretsFile returns an open file in memory that nobody can change, at its beginning.
func secretsFile(data []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate("secrets", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	f := os.NewFile(uintptr(fd), "secrets")
	_, err = f.WriteAt(data, 0)
	if err == nil {
		const seals = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE
		_, err = unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seals)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
