package chaos_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/pgtest"
)

// A sender that is killed anywhere on a mail's way costs nobody the mail; and only
// one that dies between the server's taking it and its own note sends it twice,
// under one Message-ID.
func TestMailsOfKilledSenders(t *testing.T) {
	t.Parallel()
	s := newStack(t, pgtest.URL(t), time.Second)
	box := newMailbox(t)
	s.env = append(s.env, "GOLIVE_SMTP_URL="+box.url)
	s.plantDeployment(t)
	must(t, s.hire())
	var twice int
	rounds := []string{atGreeting, atAddress, atTaken, atAnswer, atAnswer, atAnswer, atAnswer, atAnswer}
	for i, where := range rounds {
		to := fmt.Sprintf("p%d@acme.example", i)
		box.set(where)
		s.plantMail(t, to)
		domaintest.Receive(t, box.reached, "a mail "+where)
		s.killAll()
		close(box.goOn)
		_, err := s.pool.Exec(t.Context(), `UPDATE mails SET claimed_until = now() - interval '1 second' WHERE claimed_until IS NOT NULL`)
		must(t, err)
		must(t, s.hire())
		s.settled(t, to)
		got := box.arrivals(to)
		switch {
		case len(got) == 0 || len(got) > 2, len(slices.Compact(got)) > 1:
			t.Errorf("killed %s: %q", where, got)
		case len(got) == 2 && (where == atGreeting || where == atAddress):
			t.Errorf("killed %s: the server had not taken it, and got it twice", where)
		case len(got) == 1 && where == atTaken:
			t.Errorf("killed %s: nobody could know", where) // else this test proves nothing
		case len(got) == 2 && where == atAnswer:
			twice++
		}
	}
	t.Logf("of 5 killed in the moment of the answer, %d sent their mail twice", twice)
}

// The moment in which a death sends a mail twice, without any death.
func TestHowLongTheMomentIs(t *testing.T) {
	t.Parallel()
	s := newStack(t, pgtest.URL(t), 10*time.Second)
	box := newMailbox(t)
	s.env = append(s.env, "GOLIVE_SMTP_URL="+box.url)
	s.plantDeployment(t)
	// As its owner, because the workers' role may not write this table.
	_, err := s.pool.Exec(t.Context(), `CREATE TABLE noted (recipient text, at timestamptz);
		CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN INSERT INTO noted VALUES (NEW.recipient, clock_timestamp()); RETURN NULL; END $$;
		CREATE CONSTRAINT TRIGGER note AFTER UPDATE ON mails DEFERRABLE INITIALLY DEFERRED
			FOR EACH ROW WHEN (NEW.state = 'SENT') EXECUTE FUNCTION note()`)
	must(t, err)
	const mails = 100
	for i := range mails {
		s.plantMail(t, fmt.Sprintf("p%d@acme.example", i))
	}
	must(t, s.hire())
	var took []time.Duration
	for i := range mails {
		to := fmt.Sprintf("p%d@acme.example", i)
		s.settled(t, to)
		var at time.Time
		must(t, s.pool.QueryRow(t.Context(), `SELECT at FROM noted WHERE recipient = $1`, to).Scan(&at))
		box.mu.Lock()
		took = append(took, at.Sub(box.answered[to]))
		box.mu.Unlock()
		if got := box.arrivals(to); len(got) != 1 {
			t.Errorf("%s got %d", to, len(got))
		}
	}
	slices.Sort(took)
	t.Logf("from the server's answer to the note's commit: p50 %v, p99 %v, most %v", took[mails/2], took[mails*99/100], took[mails-1])
}

// plantDeployment makes the one that all mails are about, which was cancelled: that
// is told whatever happens later. Everybody at its tenant's domain may be told.
func (s *stack) plantDeployment(t *testing.T) {
	t.Helper()
	_, err := s.pool.Exec(t.Context(), `
		WITH t AS (INSERT INTO tenants (id, slug, name) VALUES (gen_random_uuid(), 'acme', 'Acme') RETURNING id),
		p AS (INSERT INTO products (id, tenant_id, test_account_id, stripe_product_id, name, snapshot, digest)
			SELECT gen_random_uuid(), id, 'acct_1', 'prod_1', 'One', '{}', 'x' FROM t RETURNING id, tenant_id),
		d AS (INSERT INTO mail_domains (tenant_id, domain, confirmed_by) SELECT id, 'acme.example', 'ada@acme.example' FROM t)
		INSERT INTO deployments (id, tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger, status, requested_by, input_digest, finished_at)
		SELECT gen_random_uuid(), tenant_id, id, 'acct_1', 'prod_1', 'GO_LIVE', 'IMMEDIATE', 'CANCELLED', 'ada@acme.example', 'x', now() FROM p`)
	must(t, err)
}

func (s *stack) plantMail(t *testing.T, to string) {
	t.Helper()
	_, err := s.pool.Exec(t.Context(), `INSERT INTO mails (tenant_id, deployment_id, version, kind, recipient, actor, required, importance, due_at, next_at)
		SELECT tenant_id, id, 1, 'CANCELLED', $1, 'ada@acme.example', false, 2, golive_now(), golive_now() FROM deployments`, to)
	must(t, err)
}

// settled waits until the mail to somebody is noted as sent.
func (s *stack) settled(t *testing.T, to string) {
	t.Helper()
	domaintest.Until(t, "the mail to "+to, func() (sent bool) {
		must(t, s.pool.QueryRow(t.Context(), `SELECT state = 'SENT' FROM mails WHERE recipient = $1`, to).Scan(&sent))
		return sent
	})
}

// killAll kills the whole crew.
func (s *stack) killAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, p := range s.crew {
		p.kill()
		delete(s.crew, name)
	}
}
