package sense

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestSift shows kernel events to the filter, on a socket of another kind.
func TestSift(t *testing.T) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	sift(pair[1])
	const pass = "!"
	var want []string
	for _, event := range []string{
		pass + "change@/devices/platform/soc/power_supply/BAT0", pass + "add@/devices/virtual/power_supply/test_ac",
		pass + "change@/devices/virtual/power_supply/test_battery", pass + "remove@/devices/virtual/typec/port0",
		"add@/devices/virtual/bdi/0:45", "remove@/devices/virtual/bdi/0:45", "add@/devices/virtual/net/veth0", "change@/devices/virtual/block/loop3",
		pass + "add@/devices/pci0000:00/0000:00:1f.0/net/eth0", pass + "add@/module/usb_storage", pass + "bind@/devices/virtual/bdi/0:45",
		pass + "change@/devices/LNXSYSTM:00/PNP0C0A:00/power_supply/BAT1", pass + "move@/devices/virtual/net/a",
	} {
		text, passes := strings.CutPrefix(event, pass)
		action, path, _ := strings.Cut(text, "@")
		if passes {
			want = append(want, text)
		}
		message := text + "\x00ACTION=" + action + "\x00DEVPATH=" + path + "\x00SUBSYSTEM=any\x00SEQNUM=1\x00"
		if err := unix.Send(pair[0], []byte(message), unix.MSG_DONTWAIT); err != nil && err != unix.EPERM {
			t.Fatalf("%s: %v", text, err)
		}
	}
	var got []string
	drain(pair[1], func(msg []byte) {
		text, _, _ := strings.Cut(string(msg), "\x00")
		got = append(got, text)
	})
	if !slices.Equal(got, want) {
		t.Errorf("let through:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
