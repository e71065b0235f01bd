package android

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lullwork/lull/internal/core/nearest"
)

// Version is a version of Android, in the order of their release.
type Version uint8

// The versions. The windows of Android 16's quotas were widened after its release.
const (
	Android11 Version = iota
	Android12
	Android13
	Android14
	Android15
	Android16First // as released
	Android16      // as it is now
	versions
)

var versionNames = [versions]string{"11", "12", "13", "14", "15", "16.0", "16"}

var versionAPIs = [versions]int{30, 31, 33, 34, 35, 36, 36}

// String returns the name that plans use.
func (v Version) String() string { return versionNames[v] }

// API returns the API level.
func (v Version) API() int { return versionAPIs[v] }

// VersionByName finds a version by its name.
func VersionByName(name string) (Version, error) {
	for i, n := range versionNames {
		if n == name {
			return Version(i), nil
		}
	}
	return 0, fmt.Errorf("unknown version of Android %q: use one of %s", name, strings.Join(versionNames[:], ", "))
}

// AOSP is the vendor that changes nothing.
const AOSP = "aosp"

// vendorNames are the vendors that there is a profile of. Those without rows of their
// own in the table do as AOSP does.
var vendorNames = []string{
	AOSP, "asus", "blackview", "google", "htc", "huawei", "lenovo", "meizu", "motorola", "nokia", "oneplus", "oppo",
	"realme", "samsung", "sony", "tecno", "unihertz", "vivo", "wiko", "xiaomi",
}

// Vendors returns the vendors that there is a profile of.
func Vendors() []string { return slices.Clone(vendorNames) }

// Profile is a device and what of the app decides how it is treated there: the values
// of a version of Android as a vendor ships it. Devices that are alike share one;
// nothing changes it once it is in use.
type Profile struct {
	Version     Version
	Vendor      string
	Target      int        // target SDK of the app; default: the version's API level
	Permissions Permission // of the app; default: none
	values      [params]int64
	tags        [params]string
}

// NewProfile returns the profile of a version and a vendor; "" is AOSP.
func NewProfile(v Version, vendor string) (*Profile, error) {
	if vendor == "" {
		vendor = AOSP
	}
	if !slices.Contains(vendorNames, vendor) {
		return nil, fmt.Errorf("unknown vendor %q%s", vendor, meant(vendor, vendorNames))
	}
	return newProfile(table(), v, vendor), nil
}

func newProfile(t []row, v Version, vendor string) *Profile {
	p := &Profile{Version: v, Vendor: vendor, Target: v.API()}
	for i := range t {
		if r := &t[i]; r.since <= v && (r.vendor == "" || r.vendor == vendor) {
			p.values[r.param], p.tags[r.param] = r.value, r.tag
		}
	}
	return p
}

func meant(word string, words []string) string {
	if near := nearest.Word(word, words); near != "" {
		return fmt.Sprintf(": did you mean %q?", near)
	}
	return ""
}

// Name returns the name that profile files use.
func (x Param) Name() string {
	if x >= bucketParams {
		return paramNames[x].name
	}
	b := x % Param(ranked)
	word := strings.ReplaceAll(strings.ToLower(Bucket(b).String()), "_", "-")
	return strings.Replace(paramNames[x-b].name, "*", word, 1)
}

// Unit returns the unit of its values.
func (x Param) Unit() string {
	if x < bucketParams {
		x -= x % Param(ranked)
	}
	return paramNames[x].unit
}

// ParamByName finds a parameter by its name; an underscore is as good as a hyphen.
func ParamByName(name string) (Param, error) {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	names := make([]string, params)
	for x := range params {
		if names[x] = x.Name(); names[x] == name {
			return x, nil
		}
	}
	return 0, fmt.Errorf("unknown parameter %q of Android%s", name, meant(name, names))
}

// Params returns how many parameters there are: they are numbered from 0.
func Params() Param { return params }

// Value returns the value of a parameter.
func (p *Profile) Value(x Param) int64 { return p.values[x] }

// Tag returns how a value is known: the tag of its constant, or "set".
func (p *Profile) Tag(x Param) string { return p.tags[x] }

// of returns the value that a bucket has of a parameter that each has of its own.
func (p *Profile) of(x Param, b Bucket) int64 { return p.values[x+Param(b)] }

// on reports whether a flag is set.
func (p *Profile) on(x Param) bool { return p.values[x] != 0 }

// Set gives a parameter another value, in the unit of the parameter. It must be one that
// Apply would take.
func (p *Profile) Set(x Param, value int64) {
	p.values[x], p.tags[x] = value, "set"
}

// Setting is one line of a profile file.
type Setting struct {
	Name, Value string
}

// Apply overrides values. It reports all mistakes at once, and then changes nothing.
func (p *Profile) Apply(list []Setting) error {
	var errs []error
	q := *p
	for _, s := range list {
		x, err := ParamByName(s.Name)
		if err == nil {
			var v int64
			if v, err = parse(s.Value, x.Unit()); err == nil {
				err = x.check(v)
			}
			if err == nil {
				q.Set(x, v)
				continue
			}
			err = fmt.Errorf("%s: %w", x.Name(), err)
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		*p = q
	}
	return errors.Join(errs...)
}

// check refuses what would make a machine of this package run without end.
func (x Param) check(v int64) error {
	switch {
	case v < 0:
		return errors.New("it must not be negative")
	case v == 0 && slices.Contains(positive, x):
		return errors.New("it must be more than 0")
	case v == never && !slices.Contains(endless, x):
		return fmt.Errorf("it must be at most %dd", longest)
	case x.Unit() == unitPercent && v > mostPercent:
		return fmt.Errorf("it must be at most %d%%", mostPercent)
	}
	return nil
}

// endless are the parameters that may be never.
var endless = []Param{
	runRegularMax, serviceDataTime, hibernateAfter, vendorKillOnScreenOff, vendorSleepAfterUnused, vendorSettingReverts,
	standbyElapsedFrequent, standbyElapsedRare, standbyElapsedRestricted, processFreeze, batchOthers,
}

// positive are the parameters that must not be 0.
var positive = []Param{
	quotaMinuteWindow, quotaDayWindow, expeditedWindow, expeditedTopChunk, batchShare, periodicMin, periodicLateShare, standbyCheck,
	dozeLightIdle, dozeLightMax, dozeLightBudgetMin, dozeLightBudgetMax, dozeLightMaintenanceMin, dozeInactive, dozeInactiveSmall, dozeIdle,
	dozeIdleMax, dozeMaintenance, dozeMaintenanceMax, dozeMaintenanceMin, dozeMotionInactive, alarmIdleWindow, alarmIntervalMin, pushCapWindow,
	serviceDataWindow, scheduleRateWindow, guardTimeoutWindow, guardANRWindow, pushTTL,
}

// parse reads a value as people write it: 10m or 3d, 75%, yes, 20, never.
func parse(s, unit string) (int64, error) {
	switch unit {
	case unitTime:
		if v, ok := parseTime(s); ok {
			return v, nil
		}
		return 0, fmt.Errorf("%q is no time: write 30s, 10m, 2h, 3d or never", s)
	case unitFlag:
		switch strings.ToLower(s) {
		case "yes", "true", "on", "1":
			return 1, nil
		case "no", "false", "off", "0":
			return 0, nil
		}
		return 0, fmt.Errorf("%q is neither yes nor no", s)
	case unitPercent:
		s = strings.TrimSuffix(s, "%")
	}
	v, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is no whole number (%s)", s, unit)
	}
	return v, nil
}

// longest, in days, is more than a device lives. The most per cent of it still is an
// instant.
const (
	longest     = 10 * 365
	mostPercent = 10_000
)

func parseTime(s string) (int64, bool) {
	if s == "never" {
		return never, true
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseInt(days, 10, 64)
		return n * day, err == nil && n >= 0 && n <= longest
	}
	d, err := time.ParseDuration(s)
	return d.Microseconds(), err == nil && d >= 0 && d <= longest*24*time.Hour
}
