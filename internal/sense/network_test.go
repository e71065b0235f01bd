package sense

import (
	"testing"

	"github.com/lullwork/lull/internal/record"
)

const (
	routeHead = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
	routeEth  = routeHead + "eth0\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n" +
		"eth0\t0002A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
	routeBoth = routeEth + "wwan0\t00000000\t00000000\t0001\t0\t0\t50\t00000000\t0\t0\t0\n"
	routeBad  = routeHead + "eth0\t00000000\t00000000\t0200\t0\t0\t0\t00000000\t0\t0\t0\n"
	zero32    = "00000000000000000000000000000000"
	route6    = "fd00000000000000000000000000000a 40 " + zero32 + " 00 " + zero32 + " 00000100 00000001 00000000 00000001     eth0\n" +
		zero32 + " 00 " + zero32 + " 00 fe800000000000000000000000000001 00000400 00000001 00000000 00450003     eth0\n" +
		zero32 + " 00 " + zero32 + " 00 " + zero32 + " ffffffff 00000001 00000000 00200200       lo\n"
)

func TestNetworkByRoutes(t *testing.T) {
	const v4, v6, state = "proc/net/route", "proc/net/ipv6_route", "sys/class/net/eth0/operstate"
	const unknown = record.Unknown
	for _, c := range []struct {
		name                 string
		files                map[string]string
		connected, validated int64
		roaming              int64
		source               string
	}{
		{"default route", map[string]string{v4: routeEth, "sys/class/net/eth0/type": "1", state: "up"}, 1, unknown, 0, "default route by eth0"},
		{"IPv6 only", map[string]string{v4: routeHead, v6: route6, "sys/class/net/eth0/type": "1"}, 1, unknown, 0, "default route by eth0"},
		{"IPv4 switched off", map[string]string{v6: route6}, 1, unknown, unknown, "default route by eth0"},
		{"best metric wins", map[string]string{v4: routeBoth}, 1, unknown, unknown, "default route by wwan0"},
		{"no carrier", map[string]string{v4: routeEth, state: "down"}, 0, 0, unknown, "no default route"},
		{"bridge without ports", map[string]string{v4: routeEth, state: "lowerlayerdown"}, 0, 0, unknown, "no default route"},
		{"second route takes over", map[string]string{v4: routeBoth, "sys/class/net/wwan0/operstate": "down", "sys/class/net/eth0/type": "1"}, 1, unknown, 0, "default route by eth0"},
		{"rejecting route", map[string]string{v4: routeBad}, 0, 0, unknown, "no default route"},
		{"no routes", map[string]string{v4: routeHead, v6: ""}, 0, 0, unknown, "no default route"},
		{"modem", map[string]string{v4: routeEth, "sys/class/net/eth0/type": "1", "sys/class/net/eth0/uevent": "DEVTYPE=wwan\nINTERFACE=eth0"}, 1, unknown, unknown, "default route by eth0"},
		{"tap of a VPN", map[string]string{v4: routeEth, "sys/class/net/eth0/type": "1", "sys/class/net/eth0/tun_flags": "0x1002"}, 1, unknown, unknown, "default route by eth0"},
		{"link name that leaves the folder", map[string]string{v4: "x\n../..\t00000000\t0\t0003\t0\t0\t1\t00000000\n"}, 0, 0, unknown, "no default route"},
		{"no procfs", nil, unknown, unknown, unknown, ""},
	} {
		root := fakeRoot(t, c.files)
		r := readNetwork(root, root)
		r[record.Connected].check(t, c.name+": connected", c.connected, c.source, "")
		r[record.Validated].check(t, c.name+": validated", c.validated, c.source, "")
		r[record.Roaming].check(t, c.name+": roaming", c.roaming, c.source, "")
		r[record.Metered].check(t, c.name+": metered", unknown, c.source, "")
	}
	root := fakeRoot(t, map[string]string{v4: routeEth})
	readNetwork(root, root)[record.Metered].check(t, "wired", unknown, "default route", "`assume: {metered: no}`")
}
