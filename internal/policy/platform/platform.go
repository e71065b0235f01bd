// Package platform makes the systems of phones that an engine can run under, from a
// description that is stored with their state.
package platform

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/policy/host"
	"github.com/lullwork/lull/internal/policy/ios"
)

// Names of the platforms. The host has none.
const (
	Android = "android"
	IOS     = "ios"
)

// Title is how a platform is written in a sentence.
func Title(name string) string {
	switch name {
	case Android:
		return "Android"
	case IOS:
		return "iOS"
	}
	return "host"
}

// Setup describes a phone's system with one app. The zero value is the host.
type Setup struct {
	Name string    `json:"name"`
	Seed uint64    `json:"seed"`
	Set  []Setting `json:"set,omitempty"` // other values for parameters of the platform

	App ios.App `json:"app"` // on iOS
	Pad bool    `json:"pad,omitempty"`

	Version     string   `json:"version,omitempty"` // of Android; "": the newest
	Vendor      string   `json:"vendor,omitempty"`  // of the phone; "": AOSP
	Target      int      `json:"target,omitempty"`  // API level that the app is built for; 0: the newest
	Permissions []string `json:"permissions,omitempty"`
}

// Setting is another value for a parameter.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Policy makes the policy that is described.
func (s Setup) Policy() (core.Policy, error) {
	if s.Name == "" {
		return host.Policy{}, nil
	}
	inner, err := s.system()
	if err != nil {
		return nil, err
	}
	return &System{Platform: inner, setup: s}, nil
}

// AppAlive reports whether the app's process exists. Known is false where the system does
// not say so.
func (s *System) AppAlive() (alive, known bool) {
	x, known := s.Platform.(interface{ Alive() bool })
	return known && x.Alive(), known
}

func (s Setup) system() (core.Platform, error) {
	switch s.Name {
	case IOS:
		params, err := s.Params()
		if err != nil {
			return nil, err
		}
		return ios.NewSystem(ios.Config{Seed: s.Seed, App: s.App, Pad: s.Pad, Params: params})
	case Android:
		p, err := s.Profile()
		if err != nil {
			return nil, err
		}
		return android.NewSystem(p, chance.New(s.Seed)), nil
	}
	return nil, fmt.Errorf("unknown platform %q: use %s or %s", s.Name, Android, IOS)
}

// SettingError is a mistake in what was asked for, as the name of a parameter.
type SettingError struct{ Err error }

// Error returns what is wrong.
func (e *SettingError) Error() string { return e.Err.Error() }

// Unwrap returns it.
func (e *SettingError) Unwrap() error { return e.Err }

// Params are the parameters of iOS.
func (s Setup) Params() (ios.Params, error) {
	var p ios.Params
	for _, x := range s.Set {
		if err := p.Set(x.Name, x.Value); err != nil {
			return p, err
		}
	}
	return p, nil
}

// Profile is the profile of Android.
func (s Setup) Profile() (*android.Profile, error) {
	version := android.Android16
	if s.Version != "" {
		v, err := android.VersionByName(s.Version)
		if err != nil {
			return nil, err
		}
		version = v
	}
	p, err := android.NewProfile(version, s.Vendor)
	if err != nil {
		return nil, err
	}
	if s.Target != 0 {
		p.Target = s.Target
	}
	if s.Permissions != nil {
		if p.Permissions, err = android.Permissions(s.Permissions...); err != nil {
			return nil, err
		}
	}
	list := make([]android.Setting, len(s.Set))
	for i, x := range s.Set {
		list[i] = android.Setting{Name: x.Name, Value: x.Value}
	}
	return p, p.Apply(list)
}

// Words describes it in a few words.
func (s Setup) Words() string {
	switch s.Name {
	case Android:
		version := s.Version
		if version == "" {
			version = android.Android16.String()
		}
		words := "Android " + version
		if s.Vendor != "" {
			words += " of " + s.Vendor
		}
		return words
	case IOS:
		if s.Pad {
			return "iPadOS"
		}
		return "iOS"
	}
	return "this machine"
}

// System is a platform that stores with its state what it is.
type System struct {
	core.Platform
	setup Setup
}

// Told implements [core.Narrator].
func (s *System) Told(yield func(text string)) {
	if t, ok := s.Platform.(core.Narrator); ok {
		t.Told(yield)
	}
}

// saved is a state with the description of what it is of.
type saved struct {
	Setup Setup           `json:"setup"`
	State json.RawMessage `json:"state"`
}

// Save implements [core.Platform].
func (s *System) Save() ([]byte, error) {
	state, err := s.Platform.Save()
	if err != nil {
		return nil, err
	}
	return json.Marshal(saved{s.setup, state})
}

// Load implements [core.Platform]. What it is itself stays: parameters may be others
// than those that the state was saved under.
func (s *System) Load(state []byte) error {
	// Also what a failed commit has left behind is forgotten.
	inner, err := s.setup.system()
	if err != nil {
		return err
	}
	if len(state) > 0 {
		var old saved
		if err := json.Unmarshal(state, &old); err != nil {
			return fmt.Errorf("state of the platform: %w", err)
		}
		if old.Setup.Name != s.setup.Name {
			return fmt.Errorf("the state is of %s, not of %s", Title(old.Setup.Name), Title(s.setup.Name))
		}
		if err := inner.Load(old.State); err != nil {
			return err
		}
	}
	s.Platform = inner
	return nil
}

// Of returns the description in a platform's stored state.
func Of(state string) (Setup, error) {
	var old saved
	if err := json.Unmarshal([]byte(state), &old); err != nil {
		return Setup{}, fmt.Errorf("state of the platform: %w", err)
	}
	if !slices.Contains([]string{Android, IOS}, old.Setup.Name) {
		return Setup{}, fmt.Errorf("state of the platform: unknown platform %q", old.Setup.Name)
	}
	return old.Setup, nil
}
