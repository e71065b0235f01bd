//go:build unix && (!linux || !(amd64 || arm64 || riscv64))

package link_test

import "github.com/lullwork/lull/isolate/internal/link/linktest"

func openers() map[string]func() (linktest.Link, error) {
	return map[string]func() (linktest.Link, error){"pipe": openPipe}
}
