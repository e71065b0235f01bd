//go:build !linux

package main

import (
	"errors"

	"github.com/lullwork/lull/bench/isolates/internal/trial"
)

func newRaw() (trial.System, error) { return nil, errors.New("the raw yardstick is for Linux") }

func serveRaw() int { return 2 }
