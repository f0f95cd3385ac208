package deployment

import "slices"

// Status is where a deployment stands.
type Status string

// The statuses.
const (
	Scheduled  Status = "SCHEDULED"
	Pending    Status = "PENDING"
	Validating Status = "VALIDATING"
	Deploying  Status = "DEPLOYING"
	Completed  Status = "COMPLETED"
	Failed     Status = "FAILED"
	RolledBack Status = "ROLLED_BACK"
	Cancelled  Status = "CANCELLED"
)

// Transitions lists where each status may go. A trigger in the database repeats
// it, so that no statement, ours or an operator's, can break it.
var Transitions = []struct {
	From Status
	To   []Status
}{
	{Scheduled, []Status{Pending, Cancelled}},
	{Pending, []Status{Validating, Scheduled, Cancelled, Failed}},
	{Validating, []Status{Deploying, Scheduled, Completed, Cancelled, Failed}},
	{Deploying, []Status{Completed, Cancelled, Failed}},
	{Completed, []Status{RolledBack}},
	{RolledBack, []Status{Completed}},
}

// Active tells that a deployment in this status locks its live object.
func (s Status) Active() bool {
	return s == Pending || s == Validating || s == Deploying
}

// Terminal tells that a run in this status has ended.
func (s Status) Terminal() bool {
	return s == Completed || s == Failed || s == RolledBack || s == Cancelled
}

// active is Active in SQL.
const active = `status IN ('PENDING', 'VALIDATING', 'DEPLOYING')`

// CanBecome tells whether Transitions allows to.
func (s Status) CanBecome(to Status) bool {
	for _, t := range Transitions {
		if t.From == s {
			return slices.Contains(t.To, to)
		}
	}
	return false
}
