package oracle

/*
#cgo linux LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdlib.h>

typedef const void *(*language)(void);

static const void *load(const char *path, const char *symbol) {
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library) return 0;
	language f = (language)dlsym(library, symbol);
	return f ? f() : 0;
}
*/
import "C"

import (
	"fmt"
	"unsafe"

	sitter "github.com/tree-sitter/go-tree-sitter"
)

// load returns what a function of a shared library returns: a language. The library
// stays open until the process ends.
func load(path, symbol string) (*sitter.Language, error) {
	p, s := C.CString(path), C.CString(symbol)
	defer C.free(unsafe.Pointer(p))
	defer C.free(unsafe.Pointer(s))
	l := C.load(p, s)
	if l == nil {
		return nil, fmt.Errorf("%s has no %s, or cannot be opened: remove it, so that it is compiled again", path, symbol)
	}
	return sitter.NewLanguage(unsafe.Pointer(l)), nil
}
