// Package validate holds the simulator against published measurements: of phones whose
// owners, or the developers of whose apps, wrote down when background work ran.
//
// Each case is a world, a plan and what has to hold, and is played by the same machine
// and policies as everything else. All cases share the default values of every
// parameter. What differs is what the measurement states of its phone, and the profile
// of a vendor, a version or an entitlement that it names.
package validate
