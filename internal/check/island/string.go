package island

import "strings"

// str parses a string, and in some languages those that stand beside it.
func (p *parser) str() *Node {
	start := p.start()
	if p.kind() == kString && !(p.g.adjacent && (p.tok(1).kind == kString || p.tok(1).kind == kStringOpen)) {
		return p.constant()
	}
	mark := len(p.stack)
	constant := true
	for first := true; (p.kind() == kString || p.kind() == kStringOpen) && (first || p.g.adjacent); first = false {
		if p.kind() == kString {
			p.push(p.constant())
			continue
		}
		constant = false
		p.interpolated()
	}
	n := p.node(String, start)
	if !constant {
		n.Kids = p.pop(mark)
		return p.done(n)
	}
	var b strings.Builder
	for _, part := range p.stack[mark:] {
		b.WriteString(part.Text)
	}
	n.Text = b.String()
	p.stack = p.stack[:mark]
	return p.done(n)
}

// constant parses a string without interpolation.
func (p *parser) constant() *Node {
	n := p.node(String, p.start())
	n.Text = p.value(p.at)
	p.next()
	return p.done(n)
}

// interpolated pushes the parts of one string.
func (p *parser) interpolated() {
	open := p.at
	closer := int(p.toks[open].aux)
	saved := p.mode
	p.mode = mode{}
	p.next()
	for p.at < closer {
		switch p.kind() {
		case kText:
			part := p.node(String, p.start())
			q := p.quote(open)
			part.Text = p.name(p.at)
			if q.triple && p.at == open+1 && p.f.Lang == Dart {
				part.Text = p.unindent(part.Text)
			}
			part.Text = p.unescape(part.Text, q)
			p.next()
			p.push(p.done(part))
		case kInterp:
			at := p.at
			end := int(p.toks[at].aux)
			p.next()
			for p.at < end {
				if p.g.backslash && p.accept(kComma) {
					continue
				}
				if p.g.backslash && p.labelled() {
					p.at += 2
				}
				p.island()
			}
			p.at = max(p.at, end)
			if p.closed(at) {
				p.next()
			}
		case kIdent:
			n := p.simple(Ident)
			if p.toks[p.at-1].word == wThis {
				n.Kind = This
			}
			for p.kind() == kDot && p.at+1 < closer {
				p.next()
				m := p.node(Member, n.Start)
				m.Name = p.name(p.at)
				m.Kids = p.link(n)
				p.next()
				n = p.done(m)
			}
			p.push(n)
		default:
			p.skip()
		}
	}
	p.pass(open)
	p.mode = saved
}
