package sense

import (
	"context"
	"errors"

	"github.com/godbus/dbus/v5"

	"github.com/lullwork/lull/internal/record"
)

const (
	netman     = "org.freedesktop.NetworkManager"
	netmanPath = dbus.ObjectPath("/org/freedesktop/NetworkManager")
	modem      = "org.freedesktop.ModemManager1"
	modemPath  = dbus.ObjectPath("/org/freedesktop/ModemManager1")
	modem3gpp  = modem + ".Modem.Modem3gpp"

	// modemShare of the time that a reading has is left for the modem manager, after NetworkManager.
	modemShare = 5
)

// NetworkManager's numbers (NMState, NMConnectivityState, NMMetered, NMDeviceState).
const (
	stateUnknown        = 0
	stateConnectedLocal = 50

	connectivityUnknown = 0
	connectivityLimited = 3
	connectivityFull    = 4

	meteredYes      = 1
	meteredNo       = 2
	meteredGuessYes = 3
	meteredGuessNo  = 4

	deviceUnmanaged = 10
)

func (b *bus) addNetworkManager(sysRoot, procRoot string) *probe {
	s := &service{
		label: "NetworkManager",
		names: []string{netman, modem},
		roots: []dbus.ObjectPath{netmanPath, modemPath},
		matches: [][]dbus.MatchOption{
			matchProperties(netman, netmanPath),
			{dbus.WithMatchSender(modem), dbus.WithMatchPathNamespace(modemPath), dbus.WithMatchArg(0, modem3gpp)},
		},
	}
	b.add(s, func(ctx context.Context, c client) (readings, error) {
		return askNetworkManager(ctx, c, sysRoot, procRoot)
	}, record.Connected, record.Validated, record.Metered, record.Roaming)
	return s.probe
}

func askNetworkManager(ctx context.Context, c client, sysRoot, procRoot string) (out readings, err error) {
	p, err := c.properties(ctx, netman, netmanPath, netman)
	if err != nil {
		return out, err
	}
	state, ok := property[uint32](p, "State")
	if !ok {
		return out, errors.New("no property State")
	}
	connectivity, _ := property[uint32](p, "Connectivity")
	out[record.Connected] = connected(state, connectivity)
	if out[record.Connected].value != 1 {
		if unmanaged(ctx, c, sysRoot, procRoot) {
			return out, errors.New("does not manage the link of the default route")
		}
		out[record.Validated] = yes(false, "NetworkManager Connectivity")
		if out[record.Connected].value == record.Unknown {
			out[record.Validated] = out[record.Connected]
		}
		out[record.Metered] = unknown("NetworkManager State", notConnected)
		out[record.Roaming] = unknown("NetworkManager State", notConnected)
		return out, nil
	}
	out[record.Validated] = validated(connectivity)
	metered, _ := property[uint32](p, "Metered")
	out[record.Metered] = costs(metered)
	kind, _ := property[string](p, "PrimaryConnectionType")
	out[record.Roaming] = roaming(ctx, c, kind)
	return out, nil
}

// connected needs an active connection that no portal holds back. Connectivity
// is unknown where the check is off, as on many servers, and limited on a site
// without internet: both are connections.
func connected(state, connectivity uint32) reading {
	if state == stateUnknown {
		return unknown("NetworkManager State", "NetworkManager does not know its state; "+assume(record.Connected, "yes"))
	}
	ok := connectivity == connectivityUnknown || connectivity == connectivityLimited || connectivity == connectivityFull
	if state >= stateConnectedLocal && !ok {
		return yes(false, "NetworkManager Connectivity")
	}
	return yes(state >= stateConnectedLocal, "NetworkManager State")
}

func validated(connectivity uint32) reading {
	const source = "NetworkManager Connectivity"
	if connectivity == connectivityUnknown {
		return unknown(source, "NetworkManager's connectivity check is off: set uri= in section [connectivity] of NetworkManager.conf, or "+assume(record.Validated, "yes"))
	}
	return yes(connectivity == connectivityFull, source)
}

// costs takes NetworkManager's guesses as its word: it knows the kind of link
// and what the access point says of itself.
func costs(metered uint32) reading {
	const source = "NetworkManager Metered"
	switch metered {
	case meteredYes:
		return yes(true, source)
	case meteredNo:
		return yes(false, source)
	case meteredGuessYes:
		return yes(true, source+" (guess)")
	case meteredGuessNo:
		return yes(false, source+" (guess)")
	}
	return unknown(source, "NetworkManager does not know what the connection costs: run `nmcli connection modify NAME connection.metered no`, or "+assume(record.Metered, "no"))
}

// roaming: only what goes through a modem can roam. The primary connection is
// the one below a VPN.
func roaming(ctx context.Context, c client, kind string) reading {
	const source = "NetworkManager PrimaryConnectionType"
	switch kind {
	case "802-3-ethernet", "802-11-wireless", "802-11-olpc-mesh", "infiniband", "adsl", "pppoe",
		"bridge", "bond", "team", "vlan", "macvlan", "veth":
		return yes(false, source+" "+kind)
	case "gsm", "cdma":
		return modemRoams(ctx, c)
	}
	return unknown(source+" "+kind, "the connection may lead through a modem; "+assume(record.Roaming, "no"))
}

// modemRoams asks ModemManager for the registration of all modems. (Not tried
// with a real modem.)
func modemRoams(ctx context.Context, c client) reading {
	const source = "ModemManager RegistrationState"
	ctx, cancel := context.WithTimeout(ctx, c.timeout/modemShare)
	defer cancel()
	var objects map[dbus.ObjectPath]map[string]properties
	err := c.call(ctx, modem, modemPath, "org.freedesktop.DBus.ObjectManager.GetManagedObjects").Store(&objects)
	registered := false
	for _, ifaces := range objects {
		state, ok := property[uint32](ifaces[modem3gpp], "RegistrationState")
		switch {
		case !ok:
		case state == 5, state == 7, state == 10: // roaming; for SMS only; CSFB not preferred
			return yes(true, source)
		case state == 1, state == 6, state == 9: // home, and likewise
			registered = true
		}
	}
	if registered {
		return yes(false, source)
	}
	note := "no modem tells of its registration"
	if err != nil {
		note = "ModemManager does not tell (" + err.Error() + ")"
	}
	return unknown(source, note+": start it, or "+assume(record.Roaming, "no"))
}

// unmanaged tells whether a default route leads over a link that NetworkManager
// leaves alone, as on servers with ifupdown: then its "disconnected" is not
// about this connection.
func unmanaged(ctx context.Context, c client, sysRoot, procRoot string) bool {
	best, err := defaultRoute(sysRoot, procRoot)
	if err != nil || best.link == "" {
		return false
	}
	var device dbus.ObjectPath
	if c.call(ctx, netman, netmanPath, netman+".GetDeviceByIpIface", best.link).Store(&device) != nil {
		return false
	}
	p, err := c.properties(ctx, netman, device, netman+".Device")
	state, ok := property[uint32](p, "State")
	return err == nil && ok && state == deviceUnmanaged
}
