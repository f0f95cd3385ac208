package outbox

import "github.com/riverqueue/river"

// Queue is the River queue of mails: a mail server that is slow must not keep others
// waiting.
const Queue = "mail"

// SendArgs is the job that sends one mail. The row is the truth; the job only says that
// somebody should look at it.
type SendArgs struct {
	MailID int64 `json:"mail_id" river:"unique"`
	// Dispatch counts the jobs of this mail, from 1.
	Dispatch int `json:"dispatch" river:"unique"`
}

// Kind is the job's name in River.
func (SendArgs) Kind() string { return "mail_send" }

// InsertOpts keeps one job per dispatch.
func (SendArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: Queue, MaxAttempts: 5, UniqueOpts: river.UniqueOpts{ByArgs: true}}
}
