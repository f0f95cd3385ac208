package fair

import "github.com/golive-hq/golive/internal/fault"

// So many schedules may wait, for their time or, on hold, for a person.
const (
	mostOfProduct = 50
	mostOfTenant  = 5000
)

// MaySchedule refuses a schedule too many with LIMIT_REACHED, given how many there are.
func MaySchedule(ofProduct, ofTenant int) error {
	switch {
	case ofProduct >= mostOfProduct:
		return fault.New(fault.LimitReached, "This product already has %d scheduled go-lives, including those on hold. Cancel one that's no longer needed.", ofProduct)
	case ofTenant >= mostOfTenant:
		return fault.New(fault.LimitReached, "This tenant already has %d scheduled go-lives, including those on hold. Cancel some that are no longer needed.", ofTenant)
	}
	return nil
}
