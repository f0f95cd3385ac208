// Package notify knows what people choose about what they are told: who hears of a scheduled
// go-live and when, which kinds of mails somebody wants, and how a link in one ends them.
package notify

import (
	"net/mail"
	"slices"
	"strings"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/mailbox"
)

// Settings say who is told of a scheduled deployment, and when before it.
type Settings struct {
	// Email is whether anybody is.
	Email bool `json:"email"`
	// RemindBeforeMinutes are from 1 to four weeks, largest first.
	RemindBeforeMinutes []int `json:"remindBeforeMinutes"`
	// Recipients are e-mail addresses; in an input, none is whoever schedules.
	Recipients []string `json:"recipients"`
	// TenantID is whose settings they are, for those who look at them; "" in an input.
	TenantID string `json:"-"`
}

const (
	maxReminders  = 10
	maxRemind     = 4 * 7 * 24 * 60 // minutes
	maxRecipients = 50
	maxAddress    = 254 // bytes, by RFC 5321
)

// Normal returns n without repetitions, in order, addressed to whoever schedules
// where it names nobody; or INVALID_INPUT.
func (n Settings) Normal(scheduler string) (Settings, error) {
	out := Settings{Email: n.Email, RemindBeforeMinutes: []int{}, Recipients: []string{}}
	for _, m := range n.RemindBeforeMinutes {
		if m < 1 || m > maxRemind {
			return out, fault.New(fault.InvalidInput, "Reminders must be 1 to %d minutes (four weeks) before the go-live, not %d.", maxRemind, m).
				At("input", "notifications", "remindBeforeMinutes")
		}
		out.RemindBeforeMinutes = append(out.RemindBeforeMinutes, m)
	}
	slices.SortFunc(out.RemindBeforeMinutes, func(a, b int) int { return b - a })
	out.RemindBeforeMinutes = slices.Compact(out.RemindBeforeMinutes)
	for _, r := range n.Recipients {
		address := strings.TrimSpace(r)
		if a, err := mail.ParseAddress(address); err != nil || a.Address != address || len(address) > maxAddress {
			return out, fault.New(fault.InvalidInput, "%q isn't an email address.", r).At("input", "notifications", "recipients")
		}
		if !slices.ContainsFunc(out.Recipients, func(r string) bool { return mailbox.Normal(r) == mailbox.Normal(address) }) {
			out.Recipients = append(out.Recipients, address)
		}
	}
	if len(out.Recipients) == 0 {
		out.Recipients = append(out.Recipients, scheduler)
	}
	return out, out.few()
}

func (n Settings) few() error {
	if len(n.RemindBeforeMinutes) > maxReminders {
		return fault.New(fault.InvalidInput, "You can set at most %d reminders.", maxReminders).At("input", "notifications", "remindBeforeMinutes")
	}
	if len(n.Recipients) > maxRecipients {
		return fault.New(fault.InvalidInput, "You can set at most %d recipients. For more, use a mailing list.", maxRecipients).At("input", "notifications", "recipients")
	}
	return nil
}
