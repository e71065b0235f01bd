// Package oracle compares what internal/check/island reads of sources with what
// tree-sitter reads. It is a module of its own, so that lull needs no C compiler.
package oracle

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	sitter "github.com/tree-sitter/go-tree-sitter"

	"github.com/lullwork/lull/internal/check/island"
)

// grammar is an npm package with a generated parser. They are fetched and not vendored:
// each is several megabytes of C.
type grammar struct {
	lang   island.Lang
	name   string
	pkg    string // at its version
	tar    string // what npm pack calls it
	sum    string // SHA-256 of that
	symbol string
	read   func(*reader, *sitter.Node) bool // false: not into it
}

// errUnavailable is of a machine without what it takes: a C compiler, and npm with a
// network or what it has fetched before.
var errUnavailable = errors.New("grammar is not available")

func grammars() []grammar {
	return []grammar{
		{
			island.Dart, "Dart", "@sengac/tree-sitter-dart@1.1.6", "sengac-tree-sitter-dart-1.1.6.tgz",
			"3bad817f8ba650de011142f909454b9a78c7a642c2c0a4114755bcc00eac4830", "tree_sitter_dart", (*reader).dart,
		},
		{
			island.Kotlin, "Kotlin", "tree-sitter-kotlin@0.3.8", "tree-sitter-kotlin-0.3.8.tgz",
			"e2da896c8316af1d491afc69b49173da97373bb757d07f11c455a0963c62e6b0", "tree_sitter_kotlin", (*reader).kotlin,
		},
		{
			island.Java, "Java", "tree-sitter-java@0.23.5", "tree-sitter-java-0.23.5.tgz",
			"6b6c1b62605f9d8bb80efd2ebe5951a87b182faafa3eeb67c460a667818551b6", "tree_sitter_java", (*reader).java,
		},
		{
			island.Swift, "Swift", "tree-sitter-swift@0.7.1", "tree-sitter-swift-0.7.1.tgz",
			"abd89284f1b0f1375ba5efaa9ddf99ad4b16ac91fc7751ef10c5f013cca06f8c", "tree_sitter_swift", (*reader).swift,
		},
	}
}

// cacheDir is where grammars are kept: ORACLE_CACHE, or a folder of the user's cache.
func cacheDir() (string, error) {
	if dir := os.Getenv("ORACLE_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "lull-oracle"), err
}

// language fetches and compiles a grammar where the cache does not have it.
func (g *grammar) language() (*sitter.Language, error) {
	dir, err := cacheDir()
	if err != nil {
		return nil, err
	}
	library := filepath.Join(dir, g.tar+"-"+g.sum[:8]+".so")
	if _, err := os.Stat(library); err != nil {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
		work, err := os.MkdirTemp(dir, "build-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(work)
		if err := g.build(dir, work, library); err != nil {
			return nil, err
		}
	}
	return load(library, g.symbol)
}

func (g *grammar) build(dir, work, library string) error {
	tar := filepath.Join(dir, g.tar)
	if _, err := os.Stat(tar); err != nil {
		if err := run(work, "npm", "pack", "--silent", g.pkg); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(work, g.tar), tar); err != nil {
			return err
		}
	}
	data, err := os.ReadFile(tar)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != g.sum {
		return fmt.Errorf("%s has the SHA-256 %x, not %s: remove it if it was cut short, otherwise trust it no more", tar, sum, g.sum)
	}
	if err := run(work, "tar", "xzf", tar); err != nil {
		return err
	}
	src := filepath.Join(work, "package", "src")
	made := filepath.Join(work, "made.so")
	args := []string{"-O1", "-shared", "-fPIC", "-I" + src, "-o", made, filepath.Join(src, "parser.c")}
	if scanner := filepath.Join(src, "scanner.c"); exists(scanner) {
		args = append(args, scanner)
	}
	if err := run(work, "cc", args...); err != nil {
		return err
	}
	return os.Rename(made, library) // whole or not at all
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func run(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s: %w\n%.600s", errUnavailable, name, err, out)
	}
	return nil
}
