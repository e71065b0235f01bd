// Package project joins what the files of a project say: which apps there are, their
// code, their plugins, their manifests and property lists.
package project

import (
	"context"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/gradle"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/manifest"
	"github.com/lullwork/lull/internal/check/plist"
	"github.com/lullwork/lull/internal/check/pub"
	"github.com/lullwork/lull/internal/check/source"
	"github.com/lullwork/lull/internal/check/xcode"
)

// Tree is all projects in a folder.
type Tree struct {
	Projects  []*Project // by folder
	Unchecked []finding.Unchecked
}

// Project is a Flutter package or app, or a native app.
type Project struct {
	Dir     string // relative to the checked folder, "." for itself
	Name    string
	Flutter bool
	App     bool // it has a main function or a platform folder; else it is a package or plugin

	Plugins        map[string]pub.Package // all packages, direct or not, by name
	Pubspec        *pub.Spec
	Lock           *pub.Lock
	FlutterVersion pub.Range // what is known of the version of Flutter that builds it

	Dart                *code.Program // nil without
	Android             *Android
	IOS, MacOS          *Apple
	Web, Linux, Windows bool
}

// Android is the Android side of a project.
type Android struct {
	Dir        string
	Settings   *gradle.Settings
	Properties *gradle.Properties // of gradle.properties, nil without
	Modules    []*Module          // apps first
}

// Module is a Gradle module.
type Module struct {
	Name      string // ":app"
	Dir       string
	App       bool
	Manifest  *manifest.File            // src/main
	Overlays  map[string]*manifest.File // by source set: "debug", "profile", flavours
	Merged    *manifest.File            // of a release build: main, libraries, and the flavour where there is but one
	Complete  bool                      // all of the plugins' manifests are known
	Gradle    *gradle.File
	TargetSDK int // 0: not known
	MinSDK    int
	Code      *code.Program // Kotlin and Java; nil without
	Proguard  []string      // files that are there
}

// Apple is the iOS or the macOS side of a project.
type Apple struct {
	Dir      string
	Targets  []*Target // apps first
	Projects []*xcode.Project
	Podfile  string        // path, "" without
	Code     *code.Program // Swift and Objective-C of all targets but tests; nil without
}

// Target is an app or an extension; tests are left out.
type Target struct {
	Name         string
	Type         xcode.Type
	BundleIDs    []string // of all configurations, with variables expanded; those that are known
	InfoPlist    *plist.File
	Generated    bool // Xcode makes the Info.plist, also from INFOPLIST_KEY settings
	Entitlements []*plist.File
	AppDelegate  *island.Decl // class that starts the app
	Native       *xcode.Target
}

// Scan reads the projects in a folder. What cannot be read is in the tree's Unchecked.
func Scan(ctx context.Context, files *source.Set) (*Tree, error) { return &Tree{}, nil }

// Expand expands the build settings in a text from the target's Info.plist: one result for each
// that its configurations lead to. known is false where a variable is not known.
func (t *Target) Expand(text string) (values []string, known bool) { return nil, false }
