package island

import (
	"path/filepath"
	"testing"
)

func fuzz(f *testing.F, l Lang) {
	for _, c := range goldens(f) {
		if extensions[filepath.Ext(c.name)] == l {
			f.Add([]byte(c.source))
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) { check(t, "fuzzed", l, src) })
}

func FuzzDart(f *testing.F)   { fuzz(f, Dart) }
func FuzzKotlin(f *testing.F) { fuzz(f, Kotlin) }
func FuzzJava(f *testing.F)   { fuzz(f, Java) }
func FuzzSwift(f *testing.F)  { fuzz(f, Swift) }
func FuzzObjC(f *testing.F)   { fuzz(f, ObjC) }
func FuzzGroovy(f *testing.F) { fuzz(f, Groovy) }
