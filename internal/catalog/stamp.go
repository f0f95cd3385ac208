package catalog

import (
	"strconv"
	"strings"
)

// Stamp is what Golive writes under StampKey on each object it creates: proof of
// ownership, and the handle by which a crashed create is found again.
type Stamp struct {
	Tenant, TestID, Deployment string
	Step                       int
}

// String returns the stamp as written: tenant/test id/deployment/step.
func (s Stamp) String() string {
	return strings.Join([]string{s.Tenant, s.TestID, s.Deployment, strconv.Itoa(s.Step)}, "/")
}

// StampOf reads the stamp from an object's metadata; ok is false where there is
// none or it is not of our making.
func StampOf(metadata map[string]string) (s Stamp, ok bool) {
	parts := strings.Split(metadata[StampKey], "/")
	if len(parts) != 4 {
		return Stamp{}, false
	}
	step, err := strconv.Atoi(parts[3])
	if err != nil {
		return Stamp{}, false
	}
	return Stamp{Tenant: parts[0], TestID: parts[1], Deployment: parts[2], Step: step}, true
}
