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
// none or it is not of our making. Test ids hold what people like, slashes too; the
// other parts do not.
func StampOf(metadata map[string]string) (s Stamp, ok bool) {
	tenant, rest, hasTenant := strings.Cut(metadata[StampKey], "/")
	rest, number, hasStep := cutLast(rest)
	testID, deployment, hasDeployment := cutLast(rest)
	step, err := strconv.Atoi(number)
	if !hasTenant || !hasStep || !hasDeployment || err != nil {
		return Stamp{}, false
	}
	return Stamp{Tenant: tenant, TestID: testID, Deployment: deployment, Step: step}, true
}

// cutLast cuts s around its last slash.
func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, '/')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
