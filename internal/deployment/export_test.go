package deployment

import "time"

// StandingSQL is what every look at /metrics asks.
const StandingSQL = standingSQL

// MailQueries are what a worker asks twice a second where mail is on, with one
// pile of mails that is due, and what every look at /metrics asks.
func (s *Service) MailQueries(tenantID, recipient string, kind NoticeKind) []SweepQuery {
	return []SweepQuery{
		{SQL: recoverMailsSQL, Args: []any{s.Lease}},
		{SQL: dueMailsSQL, Args: []any{mailLook}},
		{SQL: oldMailsSQL, Args: []any{mailKept}},
		{SQL: burdensSQL, Args: []any{[]string{tenantID}, []string{recipient}, []string{string(kind)}, gatherFor, mailsAlone + 1}},
		{SQL: digestSQL, Args: []any{0, tenantID, recipient, kind, digestMost - 1}},
		{SQL: mailQueueSQL},
	}
}

// KeepMailEvery chooses how often a sender prolongs its claim.
func (s *Service) KeepMailEvery(d time.Duration) { s.keepMailEvery = d }
