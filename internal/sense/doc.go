// Package sense reads the signals of the device it runs on and tells of their
// changes.
//
// A signal has an ordered list of probes; the first that answers wins, and the
// fact names it. A service that vanishes or hangs means "ask the next probe",
// never "no". What no probe knows is unknown, with a note on how to make it
// known. Changes come as events (D-Bus, netlink, PSI); a slow poll checks that
// none was missed. A sensor changes nothing: it starts no service.
//
// The probes of Linux, first one first:
//
//	charging       UPower OnBattery · sysfs power_supply (see externalPower)
//	battery-level  UPower DisplayDevice · sysfs
//	battery-low    UPower WarningLevel >= 3 · at most 15 % and not on external power; no battery is not low
//	connected      NetworkManager, unless a link that it does not manage has the default route · a default route over a link with carrier
//	validated      NetworkManager Connectivity · without a connection no, else unknown
//	metered        NetworkManager, its guesses too · unknown
//	roaming        no unless the connection is a modem's; ModemManager · no for an Ethernet or Wi-Fi link, else unknown
//	idle           logind: each session in the foreground of a seat is idle or locked; no such session is idle · no display is idle, else unknown
//	storage-low    less than 5 % and less than 500 MB free for users, whichever is less
//	load-high      PSI: some task stalled for 10 % of the time · load average of at least the processors
//	low-power      power-profiles-daemon (both names) power-saver · ACPI platform_profile low-power
//
// macOS and Windows poll power, storage and (Windows) idleness; the rest is
// unknown there.
package sense
