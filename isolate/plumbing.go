package isolate

import (
	"os"
	"time"

	"github.com/lullwork/lull/isolate/internal/hub"
)

// plumbing is what connects a child to its host.
type plumbing struct {
	child  []*os.File // the child's ends, closed after the start
	parent []*os.File // ours, closed if the start fails

	outR, to, from, stdin *os.File
	ends                  hub.Link // ours of the link
	secrets               *os.File // nil if there are none; one of child
}

// plumb makes, or takes, what a run needs.
func (p *Process) plumb(talk, link bool) (plumbing, error) {
	if link && len(p.spec.Secrets) == 0 {
		if spare := p.spawner.takeSpare(); spare != nil {
			return *spare, nil
		}
	}
	var pl plumbing
	err := pl.open(&p.spec, talk, link, p.spawner.pipesOnly)
	return pl, err
}

// open makes stdin, the output pipe, the control pipes and the link. What it made before
// an error is there.
func (pl *plumbing) open(spec *Spec, talk, link, pipesOnly bool) (err error) {
	if spec.Func == "" && spec.Input != nil {
		if pl.stdin, err = pl.pipe(true); err != nil {
			return err
		}
	} else {
		null, err := openNull()
		if err != nil {
			return err
		}
		pl.child = append(pl.child, null)
	}
	if pl.outR, err = pl.pipe(false); err != nil {
		return err
	}
	if talk {
		if pl.to, err = pl.pipe(true); err != nil {
			return err
		}
		if pl.from, err = pl.pipe(false); err != nil {
			return err
		}
	}
	if len(spec.Secrets) > 0 {
		if pl.secrets, err = secretsFile(encodeSecrets(spec.Secrets)); err != nil {
			return err
		}
		pl.child = append(pl.child, pl.secrets)
	}
	if !link {
		return nil
	}
	var theirs []*os.File
	pl.ends, theirs, err = newLink(pipesOnly)
	pl.child = append(pl.child, theirs...)
	return err
}

// pipe makes a pipe and returns the host's end.
func (pl *plumbing) pipe(childReads bool) (*os.File, error) {
	ours, theirs, err := newPipe(childReads)
	if err != nil {
		return nil, err
	}
	pl.child, pl.parent = append(pl.child, theirs), append(pl.parent, ours)
	return ours, nil
}

// drop closes both sides.
func (pl *plumbing) drop() {
	closeAll(pl.child)
	closeAll(pl.parent)
	if pl.ends != nil {
		_ = pl.ends.Close()
	}
}

func closeAll(files []*os.File) {
	for _, f := range files {
		_ = f.Close()
	}
}

// takeSpare takes the plumbing that lies ready for a function with ports; nil if there is
// none.
func (s *Spawner) takeSpare() *plumbing {
	s.mu.Lock()
	defer s.mu.Unlock()
	spare := s.spare
	s.spare = nil
	return spare
}

// restockTime is how long after an isolate has begun a spare is made: its first answer has
// come by then. What the host does before that, it does at the child's cost, be it that they
// share a processor or a core.
const restockTime = 500 * time.Microsecond

// restock makes a spare: 29 system calls that the next start need not wait for. It is called
// after a start, so who starts nothing has none.
func (s *Spawner) restock() {
	s.mu.Lock()
	idle := s.closed || s.spare != nil
	s.mu.Unlock()
	if idle {
		return
	}
	pl := &plumbing{}
	err := pl.open(&Spec{}, true, true, s.pipesOnly)
	s.mu.Lock()
	if err == nil && !s.closed && s.spare == nil {
		s.spare, pl = pl, nil
	}
	s.mu.Unlock()
	if pl != nil {
		pl.drop()
	}
}
