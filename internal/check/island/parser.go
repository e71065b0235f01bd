package island

// parser turns tokens into nodes.
type parser struct{}

// lazy is a part of a file that is parsed when somebody looks.
type lazy struct{ node *Node }

func (l *lazy) get(*Decl) *Node {
	if l == nil {
		return nil
	}
	return l.node
}
