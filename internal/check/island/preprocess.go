package island

// directive reads a line that is for the compiler: #if, #import. It tells whether it
// was one.
func (x *lexer) directive() bool {
	return false
}
