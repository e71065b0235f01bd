package sense

import (
	"context"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/lullwork/lull/internal/record"
)

// platform polls what Windows tells by plain calls. (Not tried on hardware.)
func (s *Sensor) platform() {
	kernel32 := windows.NewLazySystemDLL("kernel32.dll")
	getSystemPowerStatus := kernel32.NewProc("GetSystemPowerStatus")
	getTickCount := kernel32.NewProc("GetTickCount")
	getLastInputInfo := windows.NewLazySystemDLL("user32.dll").NewProc("GetLastInputInfo")

	power := []record.Signal{record.Charging, record.BatteryLevel, record.BatteryLow, record.LowPower}
	rest := []record.Signal{record.Connected, record.Validated, record.Metered, record.Roaming, record.LoadHigh}
	s.probes = []*probe{
		newProbe(byKernel, func(context.Context) (readings, time.Duration) {
			status := powerStatus{ACLineStatus: 255, BatteryFlag: 255, BatteryLifePercent: 255}
			if ok, _, err := getSystemPowerStatus.Call(uintptr(unsafe.Pointer(&status))); ok == 0 {
				var out readings
				for _, sig := range power {
					out[sig] = unknown(powerStatusSource, "the call does not work ("+err.Error()+"): "+assume(sig, "..."))
				}
				return out, 0
			}
			return status.readings(), 0
		}, power...),
		newProbe(byKernel, func(context.Context) (out readings, again time.Duration) {
			var session uint32
			last := struct{ size, time uint32 }{size: 8}
			ok, _, _ := getLastInputInfo.Call(uintptr(unsafe.Pointer(&last)))
			if windows.ProcessIdToSessionId(uint32(os.Getpid()), &session) != nil || ok == 0 {
				session = 0
			}
			now, _, _ := getTickCount.Call()
			out[record.Idle] = idleByInput(session, uint32(now), last.time)
			return out, 0
		}, record.Idle),
		newProbe(byKernel, newStorage(s.cfg).read, record.StorageLow),
		newProbe(byKernel, func(context.Context) (readings, time.Duration) { return notBuilt("Windows", rest...), 0 }, rest...),
	}
}

func statfs(dir string) (free, total uint64, err error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err == nil {
		err = windows.GetDiskFreeSpaceEx(name, &free, &total, nil)
	}
	if err != nil {
		return 0, 0, &os.PathError{Op: "free space", Path: dir, Err: err}
	}
	return free, total, nil
}
