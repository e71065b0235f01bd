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
// variables. Its input and its result travel as JSON. Inside a run, [Progress] reports,
// [Stopping] and the context say that the end is near, and [Retry] and [Permanent] say
// what kind of error it is.
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
package isolate
