package island

import "sort"

// grammar is what the lexer and the operators of a language differ in.
type grammar struct {
	nested     bool // comments nest
	dollar     bool // "$name", "${...}"
	backslash  bool // "\(...)"
	raw        bool // r"..."
	single     bool // '...' is a string like "..."
	triple     bool // """..."""
	tripleRaw  bool // whose backslash is none
	char       bool // 'c'
	ticks      bool // `name`
	directives bool // # at the start of a line
	hashes     bool // #"..."#
	slashy     bool // /.../ is a string or a pattern
	adjacent   bool // "a" "b" is one string
	lines      bool // a new line ends a statement
	reserved   set  // words that are no names

	operators [256][]operator
	power     [kinds]uint8 // how strongly an operator binds
}

type operator struct {
	text string
	kind kind
}

// shared operators: those of all the languages.
var shared = []operator{
	{"=", kAssign},
	{"==", kEqual},
	{"!=", kEqual},
	{"+=", kOpAssign},
	{"-=", kOpAssign},
	{"*=", kOpAssign},
	{"/=", kOpAssign},
	{"%=", kOpAssign},
	{"&=", kOpAssign},
	{"|=", kOpAssign},
	{"^=", kOpAssign},
	{"<<=", kOpAssign},
	{"->", kArrow},
	{"<", kLess},
	{">", kGreater},
	{"<=", kLessEqual},
	{">=", kGreaterEqual},
	{"+", kPlus},
	{"-", kMinus},
	{"*", kStar},
	{"/", kSlash},
	{"%", kSlash},
	{"~", kTilde},
	{"!", kBang},
	{"&&", kAndAnd},
	{"||", kOrOr},
	{"&", kAmp},
	{"|", kPipe},
	{"^", kCaret},
	{"?", kQuestion},
	{".", kDot},
	{"..", kDotDot},
	{"...", kEllipsis},
	{"@", kAt},
	{"#", kHash},
	{"\\", kBackslash},
	{":", kColon},
}

func operators(own ...operator) (table [256][]operator) {
	for _, o := range append(own, shared...) {
		table[o.text[0]] = append(table[o.text[0]], o)
	}
	for i := range table {
		sort.SliceStable(table[i], func(a, b int) bool { return len(table[i][a].text) > len(table[i][b].text) })
	}
	return table
}

var (
	shiftLeft  = operator{"<<", kShift}
	increment  = operator{"++", kStep}
	decrement  = operator{"--", kStep}
	identical  = operator{"===", kEqual}
	different  = operator{"!==", kEqual}
	nullDot    = operator{"?.", kQuestionDot}
	orElse     = operator{"??", kOrElse}
	elvis      = operator{"?:", kOrElse}
	reference  = operator{"::", kColonColon}
	rangeUntil = operator{"..<", kRange}
)

// dartGrammar and those that follow are the languages.
var dartGrammar = grammar{
	nested: true, dollar: true, raw: true, single: true, triple: true, adjacent: true,
	operators: operators(
		shiftLeft, increment, decrement, nullDot, orElse,
		operator{"=>", kFatArrow},
		operator{"~/", kSlash},
		operator{"~/=", kOpAssign},
		operator{"??=", kOpAssign},
		operator{"?..", kQuestionDotDot},
		operator{"...?", kEllipsis},
	),
	reserved: setOf(wAssert, wBreak, wCase, wCatch, wClass, wConst, wContinue, wDefault, wDo, wElse, wEnum, wExtends,
		wFalse, wFinal, wFinally, wFor, wIf, wIn, wIs, wNew, wNull, wRethrow, wReturn, wSuper, wSwitch, wThis, wThrow,
		wTrue, wTry, wVar, wWhile, wWith),
	power: [kinds]uint8{
		kOrElse: 1, kOrOr: 2, kAndAnd: 3, kEqual: 4, kLess: 5, kGreater: 5, kLessEqual: 5, kGreaterEqual: 5,
		kPipe: 6, kCaret: 7, kAmp: 8, kShift: 9, kPlus: 10, kMinus: 10, kStar: 11, kSlash: 11,
	},
}

var kotlinGrammar = grammar{
	nested: true, dollar: true, triple: true, tripleRaw: true, char: true, ticks: true, lines: true,
	operators: operators(
		increment, decrement, identical, different, nullDot, elvis, reference, rangeUntil,
		operator{"!!", kBangBang},
	),
	reserved: setOf(wAs, wBreak, wClass, wContinue, wDo, wElse, wFalse, wFor, wFun, wIf, wIn, wInterface, wIs, wNull,
		wObject, wPackage, wReturn, wSuper, wThis, wThrow, wTrue, wTry, wTypealias, wVal, wVar, wWhen, wWhile),
	power: [kinds]uint8{
		kOrOr: 1, kAndAnd: 2, kEqual: 3, kLess: 4, kGreater: 4, kLessEqual: 4, kGreaterEqual: 4, kOrElse: 6,
		kDotDot: 8, kRange: 8, kPlus: 9, kMinus: 9, kStar: 10, kSlash: 10,
	},
}

var swiftGrammar = grammar{
	nested: true, backslash: true, triple: true, ticks: true, directives: true, hashes: true, slashy: true, lines: true,
	operators: operators(
		shiftLeft, identical, different, nullDot, orElse, rangeUntil,
		operator{"&+", kPlus},
		operator{"&-", kMinus},
		operator{"&*", kStar},
		operator{"~=", kEqual},
		operator{".==", kEqual},
		operator{"|>", kCustom},
		operator{"<-", kCustom},
		operator{"<>", kCustom},
		operator{"<|", kCustom},
		operator{"=~", kCustom},
		operator{"**", kCustom},
		operator{"++", kCustom},
		operator{">>>", kCustom},
	),
	reserved: setOf(wAs, wBreak, wCase, wCatch, wClass, wContinue, wDefault, wDefer, wDeinit, wDo, wElse, wEnum,
		wExtension, wFallthrough, wFalse, wFileprivate, wFor, wFunc, wGuard, wIf, wImport, wIn, wInternal, wIs, wLet,
		wNil, wPrivate, wProtocol, wPublic, wRepeat, wRethrows, wReturn, wStatic, wStruct, wSubscript, wSuper, wSwitch,
		wThrow, wThrows, wTrue, wTry, wTypealias, wVar, wWhere, wWhile),
	power: [kinds]uint8{
		kOrOr: 1, kAndAnd: 2, kEqual: 3, kLess: 3, kGreater: 3, kLessEqual: 3, kGreaterEqual: 3, kOrElse: 4,
		kEllipsis: 6, kRange: 6, kPlus: 7, kMinus: 7, kPipe: 7, kCaret: 7, kCustom: 7, kStar: 8, kSlash: 8, kAmp: 8,
		kShift: 9,
	},
}

// cPower is how strongly the operators of C and those after it bind.
var cPower = [kinds]uint8{
	kOrElse: 1, kOrOr: 1, kAndAnd: 2, kPipe: 3, kCaret: 4, kAmp: 5, kEqual: 6, kLess: 7, kGreater: 7, kLessEqual: 7,
	kGreaterEqual: 7, kDotDot: 8, kRange: 8, kShift: 8, kPlus: 9, kMinus: 9, kStar: 10, kSlash: 10,
}

var javaGrammar = grammar{
	triple: true, char: true, power: cPower,
	operators: operators(shiftLeft, increment, decrement, reference),
	reserved: setOf(wAbstract, wAssert, wBreak, wCase, wCatch, wClass, wConst, wContinue, wDefault, wDo, wElse, wEnum,
		wExtends, wFalse, wFinal, wFinally, wFor, wIf, wImplements, wImport, wInstanceof, wInterface, wNative, wNew,
		wNull, wPackage, wPrivate, wProtected, wPublic, wReturn, wStatic, wSuper, wSwitch, wSynchronized, wThis, wThrow,
		wThrows, wTransient, wTrue, wTry, wVoid, wVolatile, wWhile),
}

var objcGrammar = grammar{
	char: true, directives: true, adjacent: true, power: cPower,
	operators: operators(shiftLeft, increment, decrement, reference, elvis),
	reserved: setOf(wBreak, wCase, wConst, wContinue, wDefault, wDo, wElse, wFor, wIf, wNil, wReturn, wSelf, wSuper,
		wSwitch, wWhile),
}

var groovyGrammar = grammar{
	dollar: true, single: true, triple: true, slashy: true, lines: true, power: cPower,
	operators: operators(
		shiftLeft, increment, decrement, identical, different, nullDot, elvis, reference, rangeUntil,
		operator{"*.", kQuestionDot},
		operator{"?=", kOpAssign},
		operator{".&", kColonColon},
		operator{"=~", kEqual},
		operator{"==~", kEqual},
		operator{"<=>", kEqual},
		operator{"**", kStar},
	),
	reserved: setOf(wAs, wAssert, wBreak, wCase, wCatch, wClass, wContinue, wDef, wDo, wElse, wEnum, wExtends,
		wFalse, wFinally, wFor, wIf, wImport, wIn, wInstanceof, wInterface, wNew, wNull, wPackage, wReturn, wSuper,
		wSwitch, wThis, wThrow, wThrows, wTrue, wTry, wVoid, wWhile),
}

func grammarOf(l Lang) *grammar {
	switch l {
	case Java:
		return &javaGrammar
	case ObjC:
		return &objcGrammar
	case Groovy:
		return &groovyGrammar
	case Swift:
		return &swiftGrammar
	case Kotlin:
		return &kotlinGrammar
	default:
		return &dartGrammar
	}
}
