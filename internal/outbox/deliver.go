package outbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/postgres"
)

const (
	// claim is how long a sender may give no sign of life; after it another one
	// may send.
	claim = 2 * time.Minute
	// sendTime is how long a mail may wait until it is begun. How long the server may
	// take from then on is mail.Sender's to know: minutes.
	sendTime = 90 * time.Second
	// A mail that the server does not take yet is tried for a day.
	firstResend = time.Minute
	mostResend  = 30 * time.Minute
	mostSends   = 50
	// mostUnanswered bounds how often somebody may get a mail of which the server
	// never says that it has it.
	mostUnanswered = 3
	// While the server is out of order, one mail finds out this often.
	firstProbe = 5 * time.Second
	mostProbe  = time.Minute
)

// Deliver sends a mail, if it still has something to say. It returns nil where the
// mail was sent, was put off or given up, or is none of this job's business; an
// error is ours or the database's, and the mail comes round again.
//
// Between the server's answer and the note that follows it lies the one moment in
// which a death makes the mail go out twice: SMTP knows no way to ask.
func (s *Service) Deliver(ctx context.Context, id, jobID int64) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	// What ends ctx ends the sending alone: what was claimed is not left to wait for
	// the claim's end.
	noting, cancel := inItsTime(ctx)
	defer cancel()
	tenantID, err := s.claimNotice(noting, id, jobID)
	if tenantID == "" || err != nil {
		return err
	}
	ctx, noting = postgres.For(ctx, tenantID), postgres.For(noting, tenantID)
	notices, err := s.noticesOf(noting, s.DB, id)
	if err != nil {
		return err
	}
	c, err := s.judged(noting, notices)
	if err != nil {
		return err
	}
	if len(c.Live) == 0 {
		s.counts.dropped.Add(int64(len(c.Moot)))
		return settleMoot(noting, s.DB, notices)
	}
	may, err := s.mayGo(noting, c.Live)
	switch {
	case err != nil:
		return err
	case !may && s.traits(notices[0].Kind).Waits:
		return s.delay(noting, notices[0])
	case !may:
		return s.drop(noting, notices)
	}
	message, err := s.render(c)
	if err != nil {
		return s.refuse(noting, notices, "It couldn't be composed.", hushed(err, c.Mail.To))
	}
	err = s.send(ctx, message, id, jobID)
	noting, cancel = inItsTime(ctx)
	defer cancel()
	if err != nil {
		return s.undelivered(noting, notices, hushed(err, c.Mail.To))
	}
	return s.delivered(noting, c.Live, c.Moot)
}

// hushed is an error without an address that only the mail may have, "" for none.
func hushed(err error, address string) error {
	if address == "" {
		return err
	}
	hush := func(text string) string { return strings.ReplaceAll(text, address, "a customer") }
	var refused *mail.RefusedError
	if errors.As(err, &refused) {
		quiet := *refused
		quiet.Text, quiet.Told = hush(quiet.Text), hush(quiet.Told)
		return &quiet
	}
	return errors.New(hush(err.Error()))
}

// inItsTime outlives ctx, for as long as a claim lasts.
func inItsTime(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), claim)
}

// send hands the mail over, and keeps its claim meanwhile.
func (s *Service) send(ctx context.Context, m *mail.Message, id, jobID int64) error {
	holding, letGo := context.WithCancel(context.WithoutCancel(ctx))
	var held sync.WaitGroup
	held.Go(func() { s.keep(holding, id, jobID) })
	defer held.Wait()
	defer letGo()
	sending, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	return s.Mail.Send(sending, m)
}

// keep prolongs a claim until ctx ends.
func (s *Service) keep(ctx context.Context, id, jobID int64) {
	every := s.keepEvery
	for {
		select {
		case <-time.After(every):
		case <-ctx.Done():
			return
		}
		if err := s.claimLonger(ctx, id, jobID); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "could not extend the claim on an email being sent", "mail", id, "error", err)
		}
	}
}

// undelivered decides when a mail that was not taken is tried again.
func (s *Service) undelivered(ctx context.Context, notices []Notice, err error) error {
	head := notices[0]
	var refused *mail.RefusedError
	switch {
	case !errors.As(err, &refused):
		// Nothing was handed over: the worker stops, or others took all the time.
		return s.again(ctx, head, 0, err, head.Attempts-1)
	case refused.Server && !refused.Begun:
		s.Log.WarnContext(ctx, "mail server unavailable; will retry", "error", err)
		return s.suspendMail(ctx, head, err)
	case refused.Unanswered && head.Unanswered+1 >= mostUnanswered:
		told := fmt.Sprintf("%s It didn't answer on attempt %d either, so the email may have arrived anyway.", refused.Told, mostUnanswered)
		return s.refuse(ctx, notices, told, err)
	case !refused.Server && !refused.Temporary, head.Attempts >= mostSends:
		return s.refuse(ctx, notices, refused.Told, err)
	}
	s.counts.retried.Add(1)
	wait := backOff(head.Attempts, firstResend, mostResend)
	if refused.Unanswered {
		if err := s.noteUnanswered(ctx, head); err != nil {
			return err
		}
	}
	if refused.Server {
		return s.again(ctx, head, wait, err, head.Attempts)
	}
	return s.later(ctx, head, wait, err)
}

// backOff doubles from first to most.
func backOff(tries int, first, most time.Duration) time.Duration {
	for range tries - 1 {
		if first *= 2; first >= most {
			return most
		}
	}
	return first
}

// delivered notes that a mail is out, for as long as the claim lasts: a database
// that is away for a moment must not make it go out twice.
func (s *Service) delivered(ctx context.Context, live, moot []Notice) error {
	for {
		err := settleSent(ctx, s.DB, live, moot)
		if err == nil {
			s.counts.count(live, moot)
			return nil
		}
		if !postgres.IsAway(err) || ctx.Err() != nil {
			return fmt.Errorf("note that mail %d was sent: %w", live[0].ID, err)
		}
		select {
		case <-time.After(s.Patience / 20):
		case <-ctx.Done():
		}
	}
}
