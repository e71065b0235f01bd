package project

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/xcode"
)

// platformFolders are the folders of a Flutter project that are its platforms.
var platformFolders = []string{"android", "ios", "macos", "windows", "linux", "web", ".android", ".ios"}

// claims tells whether a file is in one of those folders.
func claims(projects []*Project) func(file string) bool {
	dirs := map[string]bool{}
	for _, p := range projects {
		if p.Flutter {
			for _, platform := range platformFolders {
				dirs[join(p.Dir, platform)] = true
			}
		}
	}
	return func(file string) bool {
		for dir := file; dir != "."; dir = path.Dir(dir) {
			if dirs[dir] {
				return true
			}
		}
		return false
	}
}

// natives finds the apps that are not part of a Flutter project.
func (s *scanner) natives() []*Project {
	var all []*Project
	get := func(dir string) *Project {
		for _, p := range all {
			if p.Dir == dir {
				return p
			}
		}
		all = append(all, &Project{Dir: dir, Name: path.Base(dir)})
		return all[len(all)-1]
	}
	for _, dir := range s.androidRoots() {
		if a := s.android(&Project{}, dir); a != nil {
			p := get(dir)
			p.Android = a
			p.App = a.Application() != nil
		}
	}
	for _, dir := range s.appleRoots() {
		ios := s.apple(dir, func(t *xcode.Target) bool { return t.IOS || !t.MacOS })
		mac := s.apple(dir, func(t *xcode.Target) bool { return t.MacOS && !t.IOS })
		if ios != nil || mac != nil {
			p := get(dir)
			p.IOS, p.MacOS, p.App = ios, mac, true
		}
	}
	return all
}

// androidRoots returns the folders of Gradle builds: those with settings, and modules without any around them.
func (s *scanner) androidRoots() []string {
	var roots, modules []string
	for _, file := range s.files.Files() {
		switch path.Base(file) {
		case "settings.gradle", "settings.gradle.kts":
			if !s.claimed(file) && path.Base(path.Dir(file)) != "buildSrc" {
				roots = append(roots, path.Dir(file))
			}
		case "build.gradle", "build.gradle.kts":
			if !s.claimed(file) {
				modules = append(modules, path.Dir(file))
			}
		}
	}
	for _, dir := range modules {
		if !slices.ContainsFunc(roots, func(root string) bool { return within(dir, root) }) {
			roots = append(roots, dir)
		}
	}
	slices.Sort(roots)
	return outermost(roots)
}

// appleRoots returns the folders that hold Xcode projects or specs for them, or without any those that have
// sources and an Info.plist or a project of Tuist.
func (s *scanner) appleRoots() []string {
	var roots []string
	swift, info := false, false
	for _, file := range s.files.Files() {
		switch {
		case path.Base(file) == "project.pbxproj":
			if !s.claimed(file) {
				roots = append(roots, path.Dir(path.Dir(file)))
			}
		case xcode.IsSpec(file):
			if !s.claimed(file) && s.isSpec(file) {
				roots = append(roots, path.Dir(file))
			}
		case s.isTuist(file):
			swift, info = true, true
		case !swift && strings.HasSuffix(file, ".swift"):
			swift = !s.claimed(file)
		case !info && strings.HasSuffix(file, "Info.plist"):
			info = !s.claimed(file)
		}
	}
	if len(roots) == 0 && swift && info {
		return []string{"."}
	}
	slices.Sort(roots)
	return slices.Compact(roots)
}

// isSpec tells whether a file that has the name of one is a spec of XcodeGen.
func (s *scanner) isSpec(file string) bool {
	src, err := s.files.Read(file)
	return err == nil && (bytes.Contains(src, []byte("\ntargets:")) && bytes.Contains(src, []byte("platform:")) || bytes.Contains(src, []byte("\ninclude:")))
}

// isTuist tells whether a file describes a project to Tuist.
func (s *scanner) isTuist(file string) bool {
	if path.Base(file) != "Project.swift" || s.claimed(file) {
		return false
	}
	src, err := s.files.Read(file)
	return err == nil && bytes.Contains(src, []byte("import ProjectDescription"))
}

// outermost drops the folders that are inside of others; all are sorted.
func outermost(dirs []string) []string {
	var all []string
	for _, dir := range dirs {
		if !slices.ContainsFunc(all, func(outer string) bool { return within(dir, outer) }) {
			all = append(all, dir)
		}
	}
	return all
}
