package identity

import (
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/localtime"
)

func checkZone(zone *string) error {
	if zone == nil {
		return nil
	}
	if _, err := localtime.Load(*zone); err != nil {
		return fault.Wrap(err, fault.TimeZoneUnknown, "%v", err).At("input", "timeZone")
	}
	return nil
}
