package isolate

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// controlFiles opens the handles named by the last argument, "lull:pipes=R,W".
func controlFiles() (control, report *os.File, err error) {
	last, ok := strings.CutPrefix(os.Args[len(os.Args)-1], argPipes)
	first, second, ok2 := strings.Cut(last, ",")
	if !ok || !ok2 {
		return nil, nil, errors.New("no control pipes")
	}
	var files [2]*os.File
	for i, text := range []string{first, second} {
		handle, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return nil, nil, errors.New("no control pipes")
		}
		if kind, err := syscall.GetFileType(syscall.Handle(handle)); err != nil || kind != syscall.FILE_TYPE_PIPE {
			return nil, nil, errors.New("control handle is not a pipe")
		}
		files[i] = os.NewFile(uintptr(handle), "control")
	}
	return files[0], files[1], nil
}

// Secrets are not offered here.
const secretsFD, programSecretsFD = 0, 0

const argPipes = "lull:pipes="

// inheritControl hands the control pipes to a child that is about to be started.
func inheritControl(attr *os.ProcAttr, argv []string, control, report *os.File) []string {
	var numbers []string
	for _, f := range []*os.File{control, report} {
		h := syscall.Handle(f.Fd())
		_ = syscall.SetHandleInformation(h, syscall.HANDLE_FLAG_INHERIT, syscall.HANDLE_FLAG_INHERIT)
		attr.Sys.AdditionalInheritedHandles = append(attr.Sys.AdditionalInheritedHandles, h)
		numbers = append(numbers, strconv.FormatUint(uint64(h), 10))
	}
	return append(argv, argPipes+strings.Join(numbers, ","))
}

// hostGone ends this child: nobody waits for its result.
func hostGone() { os.Exit(1) }
