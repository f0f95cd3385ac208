package mail_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/mail"
)

// expiring is a context whose end is a deadline, whenever the test wants it.
type expiring struct{ context.Context }

func (e expiring) Err() error {
	if e.Context.Err() != nil {
		return context.DeadlineExceeded
	}
	return nil
}

// A server has ten minutes to answer a mail that has left, even where the time to
// begin one is over by then; a process that stops waits for ten seconds.
func TestAServerMayTakeItsTime(t *testing.T) {
	t.Parallel()
	for name, ending := range map[string]func(context.Context) context.Context{
		"deadline": func(ctx context.Context) context.Context { return expiring{ctx} },
		"stop":     func(ctx context.Context) context.Context { return ctx },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		var set <-chan time.Duration
		var waits []time.Duration
		s := &sink{data: func(net.Conn) error {
			for len(set) > 0 {
				waits = append(waits, <-set)
			}
			cancel()
			if name == "stop" {
				waits = append(waits, <-set)
			}
			return nil
		}}
		s.start(t)
		sender := s.sender(t)
		var err error
		if set, err = sender.Deadlines(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := send(ending(ctx), t, sender, sample(mail.Failed)); err != nil {
			t.Error(err)
		}
		for len(set) > 0 {
			waits = append(waits, <-set)
		}
		last := waits[len(waits)-1]
		if stopped := last <= 10*time.Second; stopped != (name == "stop") || !stopped && last < 9*time.Minute {
			t.Errorf("%s: waits %v", name, waits)
		}
	}
}
