package deployment

// MailSweepQueries are what a worker asks twice a second where mail is on.
func (s *Service) MailSweepQueries() map[string]any {
	return map[string]any{recoverMailsSQL: s.Lease, dueMailsSQL: mailLook, oldMailsSQL: mailKept}
}
