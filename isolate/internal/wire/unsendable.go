package wire

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"time"
)

// UnsendableError says what cannot travel, and where it is.
type UnsendableError struct {
	// Path leads from the type of the message to the value, such as
	// "Job.Frames[].Decoder.mu". An element is [] if it is the type that cannot travel,
	// and [3] or ["name"] if it is the value; a map's key is [key].
	Path string
	// Type is what was found there.
	Type reflect.Type
	// Why says why not, and what to do.
	Why string
	// Err is the error of a Handles or of the value's own encoding; else nil.
	Err error
}

func (e *UnsendableError) Error() string {
	return fmt.Sprintf("%s (%v) cannot be sent: %s", e.Path, e.Type, e.Why)
}

// Unwrap returns Err.
func (e *UnsendableError) Unwrap() error { return e.Err }

func refuse(t reflect.Type, why string) error { return &UnsendableError{Type: t, Why: why} }

func refuseBecause(t reflect.Type, err error) error {
	return &UnsendableError{Type: t, Why: err.Error(), Err: err}
}

// pathMax bounds the path, which has a segment for each level. Its middle is left out.
const pathMax = 200

// at puts a segment before the path of an error that comes up from below.
func at(err error, segment string) error {
	u, ok := err.(*UnsendableError) // unwrapped: it is on its way
	if !ok {
		return err
	}
	u.Path = segment + u.Path
	if n := len(u.Path); n > pathMax {
		u.Path = strings.ToValidUTF8(u.Path[:pathMax/2]+"..."+u.Path[n-pathMax/2+3:], "")
	}
	return u
}

func named(err error, root reflect.Type) error {
	if _, ok := err.(*UnsendableError); !ok {
		return fmt.Errorf("%s: %w", rootName(root), err)
	}
	return at(err, rootName(root))
}

// Methods that give a type away without importing its package.
type (
	osResource interface {
		SyscallConn() (syscall.RawConn, error)
	}
	connection interface {
		Read([]byte) (int, error)
		Write([]byte) (int, error)
		Close() error
		SetDeadline(time.Time) error
	}
)

var (
	typeContext    = reflect.TypeFor[context.Context]()
	typeOSResource = reflect.TypeFor[osResource]()
	typeConnection = reflect.TypeFor[connection]()
	typeLocker     = reflect.TypeFor[sync.Locker]()
	typeError      = reflect.TypeFor[error]()
	typeReflect    = reflect.TypeFor[reflect.Type]()
)

// refusal says why no value of the type can travel; empty if its kind decides.
func refusal(t reflect.Type) string {
	has := func(iface reflect.Type) bool {
		return t.Implements(iface) || t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(iface)
	}
	generic, _, _ := strings.Cut(t.Name(), "[")
	switch {
	case t.PkgPath() == "sync" && (generic == "Mutex" || generic == "RWMutex" || generic == "Once" || generic == "Cond" || generic == "WaitGroup"):
		return "it makes goroutines of one process wait for each other, and its copy would make nobody wait"
	case t.PkgPath() == "sync" && (generic == "Pool" || generic == "Map"):
		return "it is shared memory; send a plain slice or map"
	case t.PkgPath() == "sync/atomic":
		return "it is shared memory; send the plain value"
	case t.PkgPath() == "weak" && generic == "Pointer":
		return "a weak pointer means nothing in another process"
	case t == reflect.TypeFor[reflect.Value]() || t == typeReflect:
		return "what reflect found in this process means nothing in another one; send the value itself"
	case has(typeContext):
		return "a context belongs to its process; a run has one of its own, and a deadline is a time.Time"
	case has(typeOSResource) || has(typeConnection):
		return "an open file or connection belongs to its process; send its name or address, or what it holds"
	}
	switch t.Kind() {
	case reflect.UnsafePointer, reflect.Uintptr:
		return "an address means nothing in another process; a number is an uint64"
	case reflect.Interface:
		switch {
		case t == typeError:
			return "the receiver cannot know which type an error is; send its text"
		case t.NumMethod() > 0:
			return "the receiver cannot know which type it holds; use that type, or any for basic values"
		}
	}
	return ""
}

// kindRefusal is for kinds that a type's own encoding can make up for.
func kindRefusal(t reflect.Type) error {
	switch t.Kind() {
	case reflect.Chan:
		return refuse(t, "a channel belongs to its process; send a SendPort")
	case reflect.Func:
		return refuse(t, "a function may hold variables of its process; send the name of an entry point")
	}
	return refuse(t, "values of kind "+t.Kind().String()+" do not travel")
}
