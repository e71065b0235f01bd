// Package island reads source text of Dart, Kotlin, Java, Swift, Objective-C and Gradle
// as far as checks need it: declarations, annotations, parameters, calls with their
// arguments, closures, strings, and the statements that decide which way a function
// ends. The rest is sea: it is skipped and counted, and nothing fails. Offsets are of
// bytes.
package island

// Lang is a language.
type Lang uint8

// The languages.
const (
	Dart Lang = 1 + iota
	Kotlin
	Java
	Swift
	ObjC   // declarations and calls as messages
	Groovy // build.gradle
)

// Span is a part of a file: bytes from Start up to, not including, End.
type Span struct{ Start, End int }

// File is one source file. What is inside of functions is parsed when it is asked for,
// so that a file that nobody looks into costs its tokens only. It is not safe for
// concurrent use.
type File struct {
	Lang     Lang
	Src      []byte
	Imports  []Import
	Decls    []*Decl   // of the file itself, in their order
	Comments []Comment // in their order
	Skipped  []Span    // what was not understood, outside of bodies and inside of those asked for

	text   string // Src, of which all names are parts
	tokens tokens // their list is nil while nobody looks
	size   int    // of the list
	lines  []int  // where they start; nil until they are asked for
	top    *Node  // statements outside of declarations
	parser parser // of what is asked for
}

// Import is an import, export, part or package directive.
type Import struct {
	Span
	Kind   ImportKind
	URI    string   // as written, without quotes: "package:a/b.dart", "androidx.work.*", "BackgroundTasks"
	Other  []string // of a conditional import: the other URIs
	Prefix string   // "as p"
	Show   []string // nil: everything
	Hide   []string
}

// ImportKind is a kind of directive.
type ImportKind uint8

// The directives.
const (
	ImportOf ImportKind = iota
	ExportOf
	PartOf // this file belongs to URI (a library's name or its file)
	Part
	PackageOf // Kotlin, Java: the package of this file
)

// Comment is one comment with its marks, or a run of line comments one below another.
type Comment struct {
	Span
	Text string // without the marks
	Doc  bool
}

// DeclKind is a kind of declaration.
type DeclKind uint8

// The declarations.
const (
	Function    DeclKind = 1 + iota // also methods, getters and local functions
	Constructor                     // Name is the whole of it in Dart: "", "fromJson"
	Variable                        // top-level, field or local
	Class                           // also struct, mixin, actor, record
	Enum
	EnumValue // Params are empty, Args may be set
	Interface // also protocol
	Extension // Name is that of the extended type where it has none of its own
	Object    // Kotlin's object and companion object
	TypeAlias
)

// Modifier is a set of modifiers.
type Modifier uint32

// The modifiers.
const (
	Static Modifier = 1 << iota // also Swift's class func and members of a companion
	Const
	Final // also val, let
	Late  // also lateinit
	Async // async, async*, suspend, Swift's async
	Generator
	Override
	Abstract
	External
	Getter
	Setter
	Factory
	Private // by keyword, or Dart's underscore
	Lazy
	Throws
	Optional // a variable whose type is nullable
)

// Decl is a declaration.
type Decl struct {
	Span
	Kind        DeclKind
	Modifiers   Modifier
	Name        string
	NameAt      int // offset of the name
	Annotations []Annotation
	Type        string   // of a variable, what a function returns; as written, "" where it is inferred
	Supers      []string // extends, with, implements, conforms to; as written without type arguments
	Params      []Param
	Args        []Arg   // of an enum value; of a Kotlin class or constructor: what it hands to another one
	Members     []*Decl // in their order; of a variable with a setter or observers those, while its getter is its body
	Parent      *Decl   // nil at the top
	File        *File

	init *lazy
	body *lazy
}

// Has tells whether all of the modifiers are set.
func (d *Decl) Has(m Modifier) bool { return d.Modifiers&m == m }

// Annotation is @pragma('vm:entry-point'), @objc and the like.
type Annotation struct {
	Span
	Name string // "pragma"
	Args []Arg
}

// Param is a parameter.
type Param struct {
	Span
	Name  string
	Label string // Swift and Objective-C: how it is called from outside; "" where it has none
	Type  string
	Named bool // Dart: in braces
	Field bool // also a field: Dart's this.name, val and var of a Kotlin constructor

	init *lazy
}

// Kind is a kind of a node of a body.
type Kind uint8

// Expressions.
const (
	Unknown Kind = iota // what was not understood; Kids are the islands in it

	Ident   // Name; a type after is and as too. Text is "(_:with:)" where Swift names a function by its labels
	Member  // Kids[0] . Name; NullAware for ?.
	Call    // Kids[0] is what is called; Args; trailing closures are the last Args, their label "" or as written
	Index   // Kids[0] [ Kids[1] ]
	String  // Text is its value where it is constant; else Kids are its parts in order: String and what is interpolated
	Number  // Text as written
	Bool    // Name is "true" or "false"
	Null    // null, nil
	List    // Kids; Name is "()" for records and tuples, whose named fields are Pairs
	Map     // Kids: Pair; also sets, whose Kids are no Pair
	Pair    // Kids: key, value
	Spread  // Kids[0]
	Closure // Params, and Kids[0] is a Block, or an expression for =>; Text is Swift's capture list
	Await   // Kids[0]
	Throw   // Kids[0]; also rethrow, without a kid
	Unary   // Name is the operator; also postfix, Swift's try? and try!, and Dart's !
	Binary  // Name is the operator; also is, as, ??, in
	Assign  // Name is the operator; Kids: target, value
	Cond    // Kids: condition, then, else
	Cascade // Kids[0] is the receiver, the others are sections, whose innermost receiver is an Ident with no Name.
	// That is also the receiver of .name where the type is implied
	This // this, self
	Super
)

// Statements. In Kotlin and Swift some of them are expressions also.
const (
	Block   Kind = 64 + iota // Kids
	Expr                     // Kids[0]
	Local                    // Decl; Kids[0] is its first value, where it has one
	LocalFn                  // Decl; also local classes, and objects of an unnamed class
	If                       // Kids: condition, then[, else]; Swift's if let too: the condition has an Assign
	Guard                    // Kids: condition, else
	For                      // Kids: header parts ..., body last; Name is "in" where it runs over a collection
	While                    // Kids: condition, body; also do and repeat, whose Name is "do"
	Switch                   // Kids: subject, then Case ...; also when. Its subject may be Unknown and empty
	Case                     // Name is "default" for that (also else, _); Kids: patterns ..., and Block last
	Try                      // Kids: Block, Catch ..., and Finally last where it is there
	Catch                    // Text is the type it catches as written, "" for all; Name the variable; Kids[0] is a Block
	Finally                  // Kids[0] is a Block
	Return                   // Kids[0] where it has one; Name is the label, of return@label
	Break
	Continue // also Swift's fallthrough, which is its Name
	Yield    // Kids[0]
	Defer    // Kids[0] is a Block
	Do       // Swift: do without a catch. Kids[0] is a Block
)

// Node is an expression or a statement.
type Node struct {
	Span
	Kind      Kind
	NullAware bool
	New       bool // Call: with new or const
	Async     bool // Closure; For: await for
	Name      string
	Text      string
	Kids      []*Node
	Args      []Arg
	TypeArgs  []string // Call: as written
	Params    []Param
	Decl      *Decl // also of a Java call: the unnamed class of new T() { ... }
}

// Arg is an argument.
type Arg struct {
	Span
	Label string
	Value *Node
}
