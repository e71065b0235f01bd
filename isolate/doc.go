// Package isolate runs Go functions and programs in fresh processes that share nothing
// with this one and that can really be stopped, with everything they started.
//
// A goroutine cannot be killed; a process can. So a function that must keep a time
// budget, may crash, or may eat all memory runs in a child: the same executable, started
// again, which finds the function by its name.
//
// # A function
//
//	var Thumbnail = isolate.Named[Photo, Thumb]("thumbnail")
//
//	func main() {
//		isolate.Main(Thumbnail.Do(thumbnail)) // first line: a child never gets past it
//		thumb, err := isolate.Run(ctx, Thumbnail, Photo{Path: "a.jpg"})
//		...
//	}
//
//	func thumbnail(ctx context.Context, in Photo) (Thumb, error) { ... }
//
// The function is declared at package level, because a fresh isolate has no captured
// variables. Its input and its result are copied. Inside a run, [Progress] reports,
// [Stopping] and the context say that the end is near, and [Retry] and [Permanent] say
// what kind of error it is.
//
// # A conversation
//
// [Spawn] starts an isolate that stays. Messages go to a [ReceivePort] through its
// [SendPort], which may be sent itself: in an input, a result, or over other ports.
//
//	func resizer(ctx context.Context, replies isolate.SendPort[isolate.SendPort[Photo]]) (int, error) {
//		photos := isolate.NewReceivePort[Photo](ctx)
//		defer photos.Close() // an open port keeps the isolate alive
//		if err := replies.Send(ctx, photos.SendPort()); err != nil {
//			return 0, err
//		}
//		n := 0
//		for photo := range photos.All(ctx) {
//			...
//		}
//		return n, photos.Err()
//	}
//
// Values are copied, as if they were written to a file and read again: what cannot be
// (a channel, a function, a mutex) is refused with the path of the field, before anything
// is sent. A [Transfer] moves a large buffer instead. A port has one listener, and keeps
// what came before it; so much of it, that is (see PortWindow), then Send waits. A port
// that nobody reads holds up who sends to it, and nobody else: not the isolate's other
// ports, and not its control.
//
// An isolate can be pinged, paused and resumed by a [Capability], stopped and killed; a
// [Controller] gives some of these rights to others. How it ended is told to listeners
// that cannot miss it (SpawnConfig.OnExit). [Serve] is the event loop that goes on
// after an error, if asked to. A [Registry] finds ports by name. An isolate ends with the
// one that started it, after those that it started itself.
//
// What differs from Dart: Send may wait, since a queue without a bound is a leak that
// waits for its day. The one listener may go, and another come. And [ExitWith] is a
// function that can fail, as sending can.
//
// # A plugin
//
// A fresh isolate inherits nothing: what a function needs (a connection, a model) is made
// there, by a provider, when it is first used.
//
//	var DB = isolate.Provide("db", openDB) // passed to Main beside the entry points
//
//	func thumbnail(ctx context.Context, in Photo) (Thumb, error) {
//		db, err := DB.Use(ctx)
//
// [Entry.Needs] lists what an entry point uses, and [Verify] tries it all in fresh
// isolates without running anything, best in a test.
//
// # A run
//
// [Run] is one shot. An engine uses a [Spawner], which runs functions, programs and shell
// lines alike: a [Spec] goes in, a [Process] can be stopped, an [Exit] comes out.
//
//	s, err := isolate.NewSpawner(isolate.Config{Instance: "my-state"})
//	_, err = s.Sweep() // what an earlier process left
//	p, err := s.Start(isolate.Spec{Shell: "tar -czf backup.tgz photos", MemoryBytes: 512 << 20})
//	p.Stop("the budget is over", 10*time.Second)
//	exit := p.Wait()
//
// A stop is a request first: the context of a function is cancelled, a program gets
// SIGTERM. When the grace is over, the whole tree of processes is killed. Whatever the
// end was, when [Process.Wait] returns no process of the run is left, not even one that
// made itself a daemon.
//
// # How the tree is killed
//
// By the strongest means that the host has, found by trying: [TierCgroup],
// [TierNamespace], [TierGroup]; on Windows [TierJob]. [Exit] says which it was, and
// which limits were enforced by what. If this process itself is killed, functions in a
// PID namespace end with it; what else is left ends in the next process's
// [Spawner.Sweep].
//
// # Limits and sandbox
//
// A [Spec] can limit memory, processes, processor time, time on the wall, descriptors,
// file sizes and output, lower the priority, hand over secrets, and with a [Sandbox] say
// which files and whether the network may be reached. Not every host can enforce all of
// it: [Spawner.Layers] tells what this one gives, [Exit.Layers] what a run had, and
// Spec.Require makes a layer a condition of the start.
//
//	p, err := s.Start(isolate.Spec{
//		Argv: []string{"./convert", "in", "out"}, CPUTime: time.Minute,
//		Sandbox: &isolate.Sandbox{Read: []string{"in"}, Write: []string{"out"}, NoNetwork: true},
//		Require: []isolate.LayerName{isolate.LayerFiles, isolate.LayerNetwork},
//	})
//
// This contains faults. It is no security boundary against hostile native code.
//
// # Smaller isolates
//
// Package isolate/wasm runs WebAssembly modules, in this process or in a child, with
// ports like these. Package isolate/isolatetest is what all kinds pass.
package isolate
