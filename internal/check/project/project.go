// Package project joins what the files of a project say: which apps there are, their
// code, their plugins, their manifests and property lists.
package project

import (
	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/gradle"
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

// Project is a Dart or Flutter package or app, or a native app.
type Project struct {
	Dir     string // relative to the checked folder, "." for itself
	Name    string
	Flutter bool
	App     bool // something that a user installs; else it is a package or a plugin

	Plugins        map[string]pub.Package // all packages, direct or not, by name
	Pubspec        *pub.Spec              // nil for a native project
	Lock           *pub.Lock              // nil without; of a workspace it is the root's
	FlutterVersion pub.Range              // what is known of the version of Flutter that builds it

	Dart                *code.Program // what lib and bin have, with packages used by path; nil without
	Tests               []string      // Dart files of tests, which are not part of the program
	Android             *Android      // nil where the platform is not there; the same for the others
	IOS, MacOS          *Apple
	Web, Linux, Windows bool
}

// Android is the Android side of a project.
type Android struct {
	Dir        string
	Properties *gradle.Properties // of gradle.properties, nil without
	Modules    []*Module          // apps first
}

// Module is a Gradle module with a manifest.
type Module struct {
	Name     string // ":app"
	Dir      string
	App      bool
	Manifest *manifest.File            // of src/main, nil without
	Overlays map[string]*manifest.File // by source set: "debug", "profile", flavours

	// What an installed app declares: flavours and build types but those for debugging over main, over
	// its libraries' and the plugins' own manifests. A library has that of its app, and its levels. Where there are several flavours, it has what any of them has.
	Merged *manifest.File

	Gradle    *gradle.File  // nil where there is none that could be read
	TargetSDK int           // at least, where Flutter decides; 0: not known
	MinSDK    int           // the same
	Code      *code.Program // Kotlin and Java; nil without
	Proguard  []string      // files of rules that are there
}

// Apple is the iOS or the macOS side of a project.
type Apple struct {
	Dir      string
	Targets  []*Target // apps first; without tests and frameworks
	Projects []*xcode.Project
	Podfile  string        // path, "" without
	Code     *code.Program // Swift and Objective-C of all targets but tests; nil without
}

// Target is an app or an extension.
type Target struct {
	Name         string
	Type         xcode.Type
	BundleIDs    []source.Value // of all configurations, with variables expanded; those that are known
	InfoPlist    *plist.File    // nil where there is none that could be read
	Generated    bool           // Xcode makes the Info.plist, or adds INFOPLIST_KEY settings to it
	Entitlements []*plist.File
	Delegate     *Delegate     // of the app; nil where it is not found
	Native       *xcode.Target // nil for a folder without a project file
}
