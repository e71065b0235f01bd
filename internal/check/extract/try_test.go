package extract

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/check/pub"
	"github.com/lullwork/lull/internal/plan"
)

func TestTry(t *testing.T) {
	root := os.Getenv("TRY")
	if root == "" {
		t.Skip()
	}
	var units []*code.Unit
	filepath.Walk(root, func(p string, i os.FileInfo, err error) error {
		if strings.HasSuffix(p, ".dart") && strings.Contains(p, "/lib/") {
			src, _ := os.ReadFile(p)
			rel, _ := filepath.Rel(root, p)
			units = append(units, &code.Unit{Path: rel, File: island.Parse(island.Dart, src)})
		}
		return nil
	})
	specSrc, _ := os.ReadFile(root + "/pubspec.yaml")
	lockSrc, _ := os.ReadFile(root + "/pubspec.lock")
	spec, err := pub.ReadSpec("pubspec.yaml", specSrc)
	if err != nil {
		t.Fatal(err)
	}
	lock, _ := pub.ReadLock("pubspec.lock", lockSrc)
	p := &project.Project{Dir: ".", Name: spec.Name, Flutter: true, Plugins: pub.Resolve(spec, lock, func(string) *pub.Spec { return nil }), Dart: code.New(units, map[string]string{spec.Name: "."}), Android: &project.Android{}, IOS: &project.Apple{}}
	x := Of(p)
	fmt.Println(string(x.YAML()))
	_, err = plan.Parse("x", x.YAML())
	fmt.Println("parse:", err)
}
