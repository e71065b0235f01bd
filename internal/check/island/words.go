package island

// word is a keyword of one of the languages. Whether it is one where it stands is the
// parser's to know: to the lexer it is a name.
type word uint8

const (
	wNone word = iota
	wAbstract
	wActor
	wActual
	wAny
	wAs
	wAssert
	wAssociatedtype
	wAsync
	wAugment
	wAwait
	wBase
	wBreak
	wBy
	wCase
	wCatch
	wClass
	wCompanion
	wConst
	wConstructor
	wContinue
	wConvenience
	wCovariant
	wCrossinline
	wData
	wDef
	wDefault
	wDefer
	wDeferred
	wDeinit
	wDistributed
	wDo
	wDynamic
	wElse
	wEnum
	wExpect
	wExport
	wExtends
	wExtension
	wExternal
	wFactory
	wFallthrough
	wFalse
	wFileprivate
	wFinal
	wFinally
	wFor
	wFun
	wFunc
	wFunction
	wGet
	wGuard
	wHide
	wIf
	wImplements
	wImport
	wIn
	wIndirect
	wInfix
	wInit
	wInline
	wInner
	wInout
	wInstanceof
	wInterface
	wInternal
	wIs
	wIsolated
	wLate
	wLateinit
	wLazy
	wLet
	wLibrary
	wMacro
	wMixin
	wMutating
	wNative
	wNew
	wNil
	wNoinline
	wNonisolated
	wNonmutating
	wNull
	wObject
	wOf
	wOn
	wOpen
	wOperator
	wOptional
	wOut
	wOverride
	wPackage
	wPart
	wPostfix
	wPrecedencegroup
	wPrefix
	wPrivate
	wProtected
	wProtocol
	wPublic
	wRecord
	wReified
	wRepeat
	wRequired
	wRethrow
	wRethrows
	wReturn
	wSealed
	wSelf
	wSelfType
	wSet
	wShow
	wSome
	wStatic
	wStrictfp
	wStruct
	wSubscript
	wSuper
	wSuspend
	wSwitch
	wSync
	wSynchronized
	wTailrec
	wThis
	wThrow
	wThrows
	wTransient
	wTrue
	wTry
	wType
	wTypealias
	wTypedef
	wUnion
	wUnowned
	wVal
	wValue
	wVar
	wVararg
	wVoid
	wVolatile
	wWeak
	wWhen
	wWhere
	wWhile
	wWith
	wYield

	words
)

// spelling of the words, in their order.
var spelling = [words]string{
	"", "abstract", "actor", "actual", "any", "as", "assert", "associatedtype", "async", "augment", "await", "base",
	"break", "by", "case", "catch", "class", "companion", "const", "constructor", "continue", "convenience",
	"covariant", "crossinline", "data", "def", "default", "defer", "deferred", "deinit", "distributed", "do",
	"dynamic", "else", "enum", "expect", "export", "extends", "extension", "external", "factory", "fallthrough",
	"false", "fileprivate", "final", "finally", "for", "fun", "func", "Function", "get", "guard", "hide", "if",
	"implements", "import", "in", "indirect", "infix", "init", "inline", "inner", "inout", "instanceof", "interface",
	"internal", "is", "isolated", "late", "lateinit", "lazy", "let", "library", "macro", "mixin", "mutating",
	"native", "new", "nil", "noinline", "nonisolated", "nonmutating", "null", "object", "of", "on", "open",
	"operator", "optional", "out", "override", "package", "part", "postfix", "precedencegroup", "prefix", "private",
	"protected", "protocol", "public", "record", "reified", "repeat", "required", "rethrow", "rethrows", "return",
	"sealed", "self", "Self", "set", "show", "some", "static", "strictfp", "struct", "subscript", "super", "suspend",
	"switch", "sync", "synchronized", "tailrec", "this", "throw", "throws", "transient", "true", "try", "type",
	"typealias", "typedef", "union", "unowned", "val", "value", "var", "vararg", "void", "volatile", "weak", "when",
	"where", "while", "with", "yield",
}

// wordTable finds a word by the hash of its spelling.
var wordTable = func() (table [1024]word) {
	for w := wNone + 1; w < words; w++ {
		i := hash(spelling[w]) % 1024
		for table[i] != wNone {
			i = (i + 1) % 1024
		}
		table[i] = w
	}
	return table
}()

func wordOf(name string, h uint32) word {
	for i := h % 1024; wordTable[i] != wNone; i = (i + 1) % 1024 {
		if spelling[wordTable[i]] == name {
			return wordTable[i]
		}
	}
	return wNone
}

// set is a set of words.
type set [3]uint64

func setOf(list ...word) (s set) {
	for _, w := range list {
		s[w/64] |= 1 << (w % 64)
	}
	return s
}

func (s *set) has(w word) bool { return s[w/64]>>(w%64)&1 == 1 }
