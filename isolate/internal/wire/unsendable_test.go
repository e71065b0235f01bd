package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"
	"weak"
)

type (
	decoder struct {
		Buf []byte
		mu  sync.Mutex
	}
	frame struct{ Decoder *decoder }
	Job   struct {
		Name   string
		Frames []frame
	}
	noCopy  struct{}
	guarded struct {
		_ noCopy
		N int
	}
	pair[K comparable, V any] struct {
		Key K
		Val V
	}
	hidden struct{ secret int }
	embeds struct{ level }
	ring   []ring
	node   struct {
		Name string
		Next *node
		Any  any
		Map  map[string]*node
	}
	// Its marshaler makes up for the function, but not for the channel beside it.
	helped struct{ F func() }
	beside struct {
		H helped
		C chan int
	}
	// Recursive through a type that only encodes itself.
	selfish struct {
		Next *selfish
		f    func()
	}
	throughSelfish struct {
		Next  *selfish
		Outer *throughSelfish
		C     chan int
	}
)

// Nobody reads these fields: that they are there is the test.
var _ = []any{&decoder{mu: sync.Mutex{}}, hidden{secret: 1}, embeds{level: 1}, selfish{f: nil}, oneShot{used: true}}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

func (helped) MarshalBinary() ([]byte, error) { return nil, nil }
func (*helped) UnmarshalBinary([]byte) error  { return nil }
func (*selfish) MarshalText() ([]byte, error) { return []byte("s"), nil }
func (*selfish) UnmarshalText(b []byte) error { return nil }

func TestUnsendableTypes(t *testing.T) {
	for _, c := range []struct {
		typ  reflect.Type
		path string
		in   reflect.Type
		why  string // part of it
	}{
		{reflect.TypeFor[Job](), "Job.Frames[].Decoder.mu", reflect.TypeFor[sync.Mutex](), "wait for each other"},
		{reflect.TypeFor[*Job](), "Job.Frames[].Decoder.mu", reflect.TypeFor[sync.Mutex](), "wait for each other"},
		{reflect.TypeFor[[]Job](), "message[].Frames[].Decoder.mu", reflect.TypeFor[sync.Mutex](), "wait for each other"},
		{reflect.TypeFor[chan int](), "message", reflect.TypeFor[chan int](), "SendPort"},
		{reflect.TypeFor[func()](), "message", reflect.TypeFor[func()](), "entry point"},
		{reflect.TypeFor[struct{ P unsafe.Pointer }](), "message.P", reflect.TypeFor[unsafe.Pointer](), "address"},
		{reflect.TypeFor[struct{ P uintptr }](), "message.P", reflect.TypeFor[uintptr](), "uint64"},
		{reflect.TypeFor[struct{ M *sync.RWMutex }](), "message.M", reflect.TypeFor[sync.RWMutex](), "wait for each other"},
		{reflect.TypeFor[struct{ W sync.WaitGroup }](), "message.W", reflect.TypeFor[sync.WaitGroup](), "wait for each other"},
		{reflect.TypeFor[struct{ O sync.Once }](), "message.O", reflect.TypeFor[sync.Once](), "wait for each other"},
		{reflect.TypeFor[struct{ C *sync.Cond }](), "message.C", reflect.TypeFor[sync.Cond](), "wait for each other"},
		{reflect.TypeFor[struct{ L sync.Locker }](), "message.L", reflect.TypeFor[sync.Locker](), "which type it holds"},
		{reflect.TypeFor[struct{ P sync.Pool }](), "message.P", reflect.TypeFor[sync.Pool](), "shared memory"},
		{reflect.TypeFor[struct{ M *sync.Map }](), "message.M", reflect.TypeFor[sync.Map](), "shared memory"},
		{reflect.TypeFor[struct{ N atomic.Int64 }](), "message.N", reflect.TypeFor[atomic.Int64](), "plain value"},
		{reflect.TypeFor[struct{ N *atomic.Pointer[int] }](), "message.N", reflect.TypeFor[atomic.Pointer[int]](), "plain value"},
		{reflect.TypeFor[struct{ F *os.File }](), "message.F", reflect.TypeFor[*os.File](), "open file"},
		{reflect.TypeFor[struct{ C *net.TCPConn }](), "message.C", reflect.TypeFor[*net.TCPConn](), "connection"},
		{reflect.TypeFor[struct{ C net.Conn }](), "message.C", reflect.TypeFor[net.Conn](), "connection"},
		{reflect.TypeFor[struct{ C *net.UnixListener }](), "message.C", reflect.TypeFor[*net.UnixListener](), "open file"},
		{reflect.TypeFor[struct{ Ctx context.Context }](), "message.Ctx", reflect.TypeFor[context.Context](), "belongs to its process"},
		{reflect.TypeFor[struct{ V reflect.Value }](), "message.V", reflect.TypeFor[reflect.Value](), "send the value itself"},
		{reflect.TypeFor[struct{ T reflect.Type }](), "message.T", reflect.TypeFor[reflect.Type](), "send the value itself"},
		{reflect.TypeFor[struct{ P weak.Pointer[int] }](), "message.P", reflect.TypeFor[weak.Pointer[int]](), "weak pointer"},
		{reflect.TypeFor[struct{ Err error }](), "message.Err", reflect.TypeFor[error](), "send its text"},
		{reflect.TypeFor[struct{ R []io.Reader }](), "message.R[]", reflect.TypeFor[io.Reader](), "which type it holds"},
		{reflect.TypeFor[hidden](), "hidden.secret", reflect.TypeFor[int](), "unexported field would be lost; export it, or give wire.hidden MarshalBinary"},
		{reflect.TypeFor[map[string]hidden](), "message[].secret", reflect.TypeFor[int](), "unexported"},
		{reflect.TypeFor[embeds](), "embeds.level", reflect.TypeFor[level](), "unexported"},
		{reflect.TypeFor[guarded](), "guarded._", reflect.TypeFor[noCopy](), "must not be copied"},
		{reflect.TypeFor[map[*int]string](), "message[key]", reflect.TypeFor[*int](), "another key"},
		{reflect.TypeFor[map[struct{ A [2]*int }]int](), "message[key]", reflect.TypeFor[struct{ A [2]*int }](), "another key"},
		{reflect.TypeFor[map[chan int]int](), "message[key]", reflect.TypeFor[chan int](), "channel"},
		{reflect.TypeFor[map[int]chan int](), "message[]", reflect.TypeFor[chan int](), "channel"},
		{reflect.TypeFor[[4]func()](), "message[]", reflect.TypeFor[func()](), "function"},
		{reflect.TypeFor[pair[string, chan int]](), "pair.Val", reflect.TypeFor[chan int](), "channel"},
		{reflect.TypeFor[[MaxSize + 1]byte](), "message", reflect.TypeFor[[MaxSize + 1]byte](), "larger than 1 GiB"},
		{reflect.TypeFor[struct{ A, B [MaxSize/2 + 1]byte }](), "message", reflect.TypeFor[struct{ A, B [MaxSize/2 + 1]byte }](), "larger than 1 GiB"},
		{reflect.TypeFor[struct{ T oneShot }](), "message.T", reflect.TypeFor[oneShot](), "use a *oneShot"},
		{reflect.TypeFor[beside](), "beside.C", reflect.TypeFor[chan int](), "channel"},
		{reflect.TypeFor[throughSelfish](), "throughSelfish.C", reflect.TypeFor[chan int](), "channel"},
	} {
		_, err := For(c.typ)
		var u *UnsendableError
		if !errors.As(err, &u) {
			t.Errorf("%v: error %v", c.typ, err)
			continue
		}
		if u.Path != c.path || u.Type != c.in || !strings.Contains(u.Why, c.why) {
			t.Errorf("%v: %v", c.typ, err)
		}
		if _, again := For(c.typ); again == nil || again.Error() != err.Error() {
			t.Errorf("%v: %v, and then %v", c.typ, err, again)
		}
	}
	_, err := For(reflect.TypeFor[Job]())
	want := "Job.Frames[].Decoder.mu (sync.Mutex) cannot be sent: it makes goroutines of one process wait for each other, " +
		"and its copy would make nobody wait"
	if err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// What a type cannot do field by field, it may do itself.
func TestOwnEncodingMakesUp(t *testing.T) {
	for _, typ := range []reflect.Type{
		reflect.TypeFor[helped](), reflect.TypeFor[[]*helped](), reflect.TypeFor[selfish](),
		reflect.TypeFor[struct {
			A *selfish
			B helped
		}](),
	} {
		if _, err := For(typ); err != nil {
			t.Error(err)
		}
	}
}

func TestUnsendableValues(t *testing.T) {
	loop := &node{Name: "a"}
	loop.Next = &node{Name: "b", Next: loop}
	below := &node{Next: &node{Map: map[string]*node{}}}
	below.Next.Map["up"] = below.Next
	r := ring{nil, nil}
	r[1] = r
	self := map[string]any{}
	self["self"] = []any{1, self}
	var long *node
	for range MaxDepth + 1 {
		long = &node{Next: long}
	}
	for name, c := range map[string]struct {
		v    any
		path string
		why  string
	}{
		"cycle":              {loop, "node.Next.Next", "leads back"},
		"cycle below":        {*below, `node.Next.Map["up"]`, "leads back"},
		"slice in itself":    {r, "ring[1]", "leads back"},
		"map in itself":      {self, `message["self"][1]`, "leads back"},
		"long list":          {long, "node.Next.Next.Next.", "deeper than 10000 levels"},
		"channel in an any":  {node{Any: make(chan int)}, "node.Any", "channel"},
		"func in an any":     {[]any{1, func() {}}, "message[1]", "function"},
		"pointer in an any":  {map[string]any{"p": new(int)}, `message["p"]`, "use the type itself"},
		"struct in an any":   {map[int]any{7: benchPoint{}}, `message[7]`, "use the type itself"},
		"named in an any":    {node{Any: level(1)}, "node.Any", "use the type itself"},
		"file in an any":     {node{Any: os.Stdout}, "node.Any", "open file"},
		"lock in an any":     {node{Any: &sync.Mutex{}}, "node.Any", "use the type itself"},
		"error in an any":    {node{Any: map[string]any{"err": errors.New("x")}}, `node.Any["err"]`, "use the type itself"},
		"key of an any":      {map[any]int{benchPoint{}: 1}, "message[key]", "use the type itself"},
		"own encoding fails": {[]private{{1}, {-1}}, "message[1]", "negative"},
		"handle":             {struct{ P port }{port{1}}, "message.P", "no link"},
		"handle in an any":   {node{Any: port{1}}, "node.Any", "no link"},
		"zero handle in any": {node{Any: port{}}, "node.Any", "is zero"},
	} {
		dst := []byte("as it was")
		got, err := codec(t, reflect.TypeOf(c.v)).Append(dst, reflect.ValueOf(c.v), nil)
		var u *UnsendableError
		if !errors.As(err, &u) || !strings.HasPrefix(u.Path, c.path) || name != "long list" && u.Path != c.path || !strings.Contains(u.Why, c.why) {
			t.Errorf("%s: %.300v", name, err)
		}
		if len(u.Path) > pathMax {
			t.Errorf("%s: the path has %d bytes", name, len(u.Path))
		}
		if string(got) != "as it was" {
			t.Errorf("%s: the buffer was changed", name)
		}
	}
}

// Values that share a lot double with each level: the size is looked at on the way.
func TestTooLarge(t *testing.T) {
	o := codec(t, reflect.TypeFor[*string]()).root
	w := writer{start: -MaxSize - 1}
	if err := o.enc(&w, unsafe.Pointer(ptr(ptr("x")))); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if _, err := Encode(nil, make([]struct{}, MaxSize+1), nil); !errors.Is(err, ErrTooLarge) || !strings.HasPrefix(err.Error(), "message: ") {
		t.Error(err)
	}
}

func TestWrongUse(t *testing.T) {
	c := codec(t, reflect.TypeFor[int]())
	if _, err := c.Append(nil, reflect.ValueOf("x"), nil); err == nil {
		t.Error("a string was appended by the codec of int")
	}
	if _, err := c.Append(nil, reflect.Value{}, nil); err == nil {
		t.Error("nothing was appended by the codec of int")
	}
	for _, into := range []reflect.Value{{}, reflect.ValueOf(1), reflect.ValueOf(ptr("")).Elem()} {
		if err := c.Decode(make([]byte, 8), into, nil); err == nil {
			t.Errorf("decoded into %v", into)
		}
	}
}

// port and oneShot are handles as isolate has them.
type (
	port    struct{ id uint64 }
	oneShot struct{ used bool }
)

func (port) WireKind() string     { return "port" }
func (*oneShot) WireKind() string { return "one shot" }

// office is a link's table: what it exports it imports.
type office struct {
	out    []any
	refuse error
}

func (o *office) Export(v any) (uint64, error) {
	if o.refuse != nil {
		return 0, o.refuse
	}
	o.out = append(o.out, v)
	return uint64(len(o.out) - 1), nil
}

func (o *office) Import(kind string, id uint64, into reflect.Value) error {
	if id >= uint64(len(o.out)) {
		return fmt.Errorf("no handle %d", id)
	}
	v := o.out[id]
	if v.(Handle).WireKind() != kind || !reflect.TypeOf(v).AssignableTo(into.Type()) {
		return fmt.Errorf("handle %d is no %s for a %v", id, kind, into.Type())
	}
	into.Set(reflect.ValueOf(v))
	return nil
}

func TestHandles(t *testing.T) {
	type message struct {
		Reply  port
		Unset  port
		Ptr    *port
		Shot   *oneShot
		NoShot *oneShot
		Many   []port
		Keys   map[port]int
		Any    any
	}
	shot := &oneShot{}
	v := message{
		Reply: port{1}, Ptr: &port{2}, Shot: shot, Many: []port{{3}, {}}, Keys: map[port]int{{4}: 1},
		Any: map[string]any{"x": port{5}, "y": []any{shot}},
	}
	o := &office{}
	buf, err := Encode(nil, v, o)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode[message](buf, o)
	if err != nil || !reflect.DeepEqual(got, v) || got.Shot != shot {
		t.Errorf("%v: %+v", err, got)
	}
	if len(o.out) != 7 {
		t.Errorf("%d handles were exported: %v", len(o.out), o.out)
	}
	if _, err := Decode[message](buf, nil); !errors.Is(err, ErrMalformed) {
		t.Error(err)
	}
	if _, err := Decode[message](buf, &office{}); err == nil || !strings.Contains(err.Error(), "no handle 0") {
		t.Error(err)
	}
	closed := errors.New("the port is closed")
	_, err = Encode(nil, message{Many: []port{{}, {1}}}, &office{refuse: closed})
	if want := "message.Many[1] (wire.port) cannot be sent: the port is closed"; !errors.Is(err, closed) || err.Error() != want {
		t.Error(err)
	}
	if buf, err := Encode(nil, message{}, nil); err != nil {
		t.Error(err)
	} else if got, err := Decode[message](buf, nil); err != nil || !reflect.DeepEqual(got, message{}) {
		t.Error("zero handles need no link:", got, err)
	}
}
