package sense

import (
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/record"
)

const (
	routeUp     = 0x1
	routeReject = 0x200
)

// route is a default route.
type route struct {
	link   string
	metric uint64
}

// readNetwork reads whether a default route exists over a link that has not lost
// its carrier. What a connection costs and where it ends is not in the kernel.
func readNetwork(sysRoot, procRoot string) (out readings) {
	best, err := defaultRoute(sysRoot, procRoot)
	if err != nil {
		for _, s := range []record.Signal{record.Connected, record.Validated, record.Metered, record.Roaming} {
			value := "no"
			if good[s] == 1 {
				value = "yes"
			}
			out[s] = unknown("", "routes cannot be read ("+err.Error()+"): start NetworkManager, or "+assume(s, value))
		}
		return out
	}
	if best.link == "" {
		const source = "no default route"
		out[record.Connected] = yes(false, source)
		out[record.Validated] = yes(false, source)
		out[record.Metered] = unknown(source, notConnected)
		out[record.Roaming] = unknown(source, notConnected)
		return out
	}
	source := "default route by " + best.link
	out[record.Connected] = yes(true, source)
	out[record.Validated] = unknown(source, "nothing checks whether the internet is reached: start NetworkManager, or "+assume(record.Validated, "yes"))
	out[record.Metered] = unknown(source, "nothing tells what the connection costs: start NetworkManager, or "+assume(record.Metered, "no"))
	if wired(sysRoot, best.link) {
		out[record.Roaming] = yes(false, source+", which is no modem")
	} else {
		out[record.Roaming] = unknown(source, "the link may be a modem: start NetworkManager and ModemManager, or "+assume(record.Roaming, "no"))
	}
	return out
}

// notConnected is the note of what only a connection can have.
const notConnected = "known once there is a connection"

// defaultRoute picks the default route with the lowest metric whose link works;
// without one the link is empty.
func defaultRoute(sysRoot, procRoot string) (best route, err error) {
	net := filepath.Join(procRoot, "proc/net")
	v4, err4 := readFile(filepath.Join(net, "route"))
	v6, err6 := readFile(filepath.Join(net, "ipv6_route"))
	if err4 != nil && err6 != nil { // one alone may be switched off
		return best, err4
	}
	for _, r := range append(parseRoutes4(v4), parseRoutes6(v6)...) {
		if (best.link == "" || r.metric < best.metric) && linkWorks(sysRoot, r.link) {
			best = r
		}
	}
	return best, nil
}

// linkWorks is false for a link that has lost its carrier: its routes stay.
// Links that sysfs does not show are taken to work, as in a network namespace.
func linkWorks(sysRoot, link string) bool {
	if strings.ContainsAny(link, "/\x00") {
		return false
	}
	switch attr(filepath.Join(sysRoot, "sys/class/net", link, "operstate")) {
	case "down", "lowerlayerdown", "notpresent", "dormant":
		return false
	}
	return true
}

// wired tells whether a link is Ethernet or Wi-Fi: both can never roam. Modems,
// PPP and tunnels may lead to one that does.
func wired(sysRoot, link string) bool {
	dir := filepath.Join(sysRoot, "sys/class/net", link)
	const ethernet = "1" // ARPHRD_ETHER
	return attr(filepath.Join(dir, "type")) == ethernet &&
		!strings.Contains(attr(filepath.Join(dir, "uevent")), "DEVTYPE=wwan") &&
		!strings.HasPrefix(link, "wwan") && attr(filepath.Join(dir, "tun_flags")) == ""
}

// parseRoutes4 finds the default routes in the format of /proc/net/route.
func parseRoutes4(s string) []route {
	var out []route
	for line := range strings.Lines(s) {
		f := strings.Fields(line)
		if len(f) < 8 || f[1] != "00000000" || f[7] != "00000000" {
			continue
		}
		flags, err1 := strconv.ParseUint(f[3], 16, 32)
		metric, err2 := strconv.ParseUint(f[6], 10, 32)
		if err1 == nil && err2 == nil && usable(flags) {
			out = append(out, route{f[0], metric})
		}
	}
	return out
}

// parseRoutes6 finds the default routes in the format of /proc/net/ipv6_route.
func parseRoutes6(s string) []route {
	var out []route
	for line := range strings.Lines(s) {
		f := strings.Fields(line)
		if len(f) < 10 || f[1] != "00" || strings.Trim(f[0], "0") != "" || f[9] == "lo" {
			continue
		}
		flags, err1 := strconv.ParseUint(f[8], 16, 32)
		metric, err2 := strconv.ParseUint(f[5], 16, 32)
		if err1 == nil && err2 == nil && usable(flags) {
			out = append(out, route{f[9], metric})
		}
	}
	return out
}

func usable(flags uint64) bool { return flags&routeUp != 0 && flags&routeReject == 0 }
