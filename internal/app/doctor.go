package app

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/pause"
	"github.com/golive-hq/golive/internal/postgres"
)

// Finding is what an examination says of one subject.
type Finding struct {
	Subject, Says string
	// Fix tells that the service would not run, or not rightly.
	Fix bool
}

// tolerance is how far clocks may be apart. Due times are the database's, so a
// wrong clock elsewhere misleads people and certificates, not the service.
const tolerance = 2 * time.Second

const patience = 10 * time.Second

// Examine looks at everything that the services need and yields its findings one
// by one, good ones too. It changes nothing.
func Examine(ctx context.Context, env Lookup) iter.Seq[Finding] {
	return func(yield func(Finding) bool) {
		cfg, err := Load(env)
		if err == nil && !yield(Finding{Subject: "configuration", Says: "complete"}) {
			return
		}
		for _, fault := range Faults(err) {
			if !yield(Finding{Subject: "configuration", Says: fault, Fix: true}) {
				return
			}
		}
		for _, examine := range []func(context.Context, Config) []Finding{examineAddresses, examineTLS, examineDatabase, examineStripe, examineSignIn, examineMail} {
			for _, f := range examine(ctx, cfg) {
				if !yield(f) {
					return
				}
			}
		}
	}
}

func examineDatabase(ctx context.Context, cfg Config) []Finding {
	const subject = "database"
	if cfg.DatabaseURL == "" {
		return nil // said already
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	pool, err := postgres.OpenApp(ctx, cfg.DatabaseURL.Reveal())
	if err != nil {
		return []Finding{{subject, err.Error(), true}}
	}
	defer pool.Close()
	found := []Finding{examineServer(ctx, pool), examineClock(ctx, pool), examineSchema(ctx, pool)}
	if found[len(found)-1].Fix {
		return found // the rest reads tables
	}
	found = append(found, examineDueClock(ctx, pool), examineStandstill(ctx, pool), examineWork(ctx, pool))
	if cfg.Keys != nil {
		found = append(found, examineKeys(ctx, pool, cfg.Keys))
	}
	return found
}

func examineServer(ctx context.Context, pool *pgxpool.Pool) Finding {
	const oldest = 150000 // Postgres 15, as server_version_num has it
	var number int
	var name string
	var standby bool
	err := pool.QueryRow(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_version'), pg_is_in_recovery()`).
		Scan(&number, &name, &standby)
	if err != nil {
		return Finding{"database", err.Error(), true}
	}
	if standby {
		return Finding{"database", "this is a read-only standby: point DATABASE_URL at the primary, or add target_session_attrs=read-write to it", true}
	}
	if number < oldest {
		return Finding{"database", "Postgres " + name + " is too old: use version 15 or newer", true}
	}
	return Finding{"database", "Postgres " + name + " is reachable", false}
}

func examineSchema(ctx context.Context, pool *pgxpool.Pool) Finding {
	if err := CheckSchema(ctx, pool); err != nil {
		return Finding{"schema", err.Error(), true}
	}
	return Finding{"schema", fmt.Sprintf("up to date (version %d)", postgres.RequiredVersion()), false}
}

func examineClock(ctx context.Context, pool *pgxpool.Pool) Finding {
	var there time.Time
	before := time.Now()
	if err := pool.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&there); err != nil {
		return Finding{"clock", err.Error(), true}
	}
	return compareClock("the database clock", there, before, time.Now())
}

// examineDueClock tells of an offset that development has left: go-lives would be due
// at other times than people were told.
func examineDueClock(ctx context.Context, pool *pgxpool.Pool) Finding {
	var off time.Duration
	err := pool.QueryRow(ctx, `SELECT golive_now() - now()`).Scan(&off)
	switch {
	case err != nil:
		return Finding{"clock", "can't read the due-time clock: " + err.Error(), true}
	case off != 0:
		return Finding{"clock", fmt.Sprintf("due times use a clock that is %v off from real time (set by `golive dev --time`): "+
			"run `golive dev` without --time, or run DELETE FROM clock", off.Round(time.Second)), true}
	}
	return Finding{"clock", "due times use real time", false}
}

// examineStandstill tells of a pause: whoever finds nothing moving looks here.
func examineStandstill(ctx context.Context, pool *pgxpool.Pool) Finding {
	now, err := pause.Current(ctx, pool)
	switch {
	case err != nil:
		return Finding{"pause", err.Error(), true}
	case now == nil:
		return Finding{"pause", "not paused", false}
	}
	return Finding{"pause", fmt.Sprintf("paused by %s since %s: %s. Run `golive resume` to continue", now.By, now.Since.UTC().Format(time.RFC3339), now.Reason), true}
}

// tooLong is more than anything waits while workers live and have hands free.
const tooLong = time.Minute

// examineWork tells of what nobody takes up.
func examineWork(ctx context.Context, pool *pgxpool.Pool) Finding {
	status, err := deployment.ReadOpsStatus(ctx, pool)
	active, activeErr := deployment.CountActive(ctx, pool)
	if err = errors.Join(err, activeErr); err != nil {
		return Finding{"work", err.Error(), true}
	}
	for _, w := range active {
		if since := time.Since(w.Oldest); w.Status == deployment.Pending && since > tooLong {
			return Finding{"work", fmt.Sprintf("%d deployments are waiting for a worker, one of them for %v: check that workers are running and not all busy, and check their logs",
				w.Count, since.Round(time.Second)), true}
		}
	}
	if status.Latest > tooLong {
		return Finding{"work", fmt.Sprintf("%d scheduled go-lives are overdue, one of them by %v: check that workers are running "+
			"and that no other deployment of the product is blocking them", status.Overdue, status.Latest.Round(time.Second)), true}
	}
	return Finding{"work", "nothing is waiting too long", false}
}

// compareClock holds a clock that was read between two moments of ours against
// them.
func compareClock(whose string, there, before, after time.Time) Finding {
	var off time.Duration
	switch {
	case there.Before(before):
		off = before.Sub(there)
	case there.After(after):
		off = there.Sub(after)
	}
	if off > tolerance {
		return Finding{"clock", fmt.Sprintf("this machine's clock and %s are %v apart: sync both with NTP", whose, off.Round(time.Second)), true}
	}
	return Finding{"clock", "in sync with " + whose, false}
}

func examineStripe(ctx context.Context, cfg Config) []Finding {
	const subject = "stripe"
	if cfg.StripeAPIBase == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, cfg.StripeAPIBase+"/v1/balance", nil)
	if err != nil {
		return []Finding{{subject, err.Error(), true}}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	before := time.Now()
	res, err := client.Do(req)
	if err != nil {
		return []Finding{{subject, fmt.Sprintf("%s is not responding: %v", cfg.StripeAPIBase, err), true}}
	}
	defer res.Body.Close()
	// Without a key, 401 is the right answer; anything else is somebody else's.
	if res.StatusCode != http.StatusUnauthorized {
		return []Finding{{subject, fmt.Sprintf("%s returned %s, but Stripe would ask for a key: check GOLIVE_STRIPE_API_BASE and any proxies", cfg.StripeAPIBase, res.Status), true}}
	}
	findings := []Finding{{subject, cfg.StripeAPIBase + " is reachable", false}}
	if date, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		// The header has whole seconds, cut off.
		findings = append(findings, compareClock("Stripe's clock", date.Add(time.Second), before, time.Now()))
	}
	return findings
}

// examineMail goes as far as a mail would, and sends none.
func examineSignIn(ctx context.Context, cfg Config) []Finding {
	const subject = "sign-in"
	if cfg.Issuer.URL == "" {
		return []Finding{{subject, "by operators' links only: GOLIVE_OIDC_ISSUER is not set", false}}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := identity.New(identity.Deps{Issuer: cfg.Issuer}).Check(ctx)
	if err != nil {
		return []Finding{{subject, fmt.Sprintf("the issuer at %s does not answer: %v", cfg.Issuer.URL, errors.Unwrap(err)), true}}
	}
	return []Finding{{subject, cfg.Issuer.URL + " answers; its redirect URL is " + cfg.PublicURL + "/login/callback", false}}
}

func examineMail(ctx context.Context, cfg Config) []Finding {
	const subject = "mail"
	if cfg.SMTPURL == "" {
		return []Finding{{subject, "off: GOLIVE_SMTP_URL is not set", false}}
	}
	sender, err := mail.NewSender(cfg.SMTPURL.Reveal())
	if err != nil {
		return nil // said already
	}
	says, err := sender.Check(ctx)
	if err != nil {
		return []Finding{{subject, err.Error(), true}}
	}
	findings := []Finding{{subject, says, false}, {subject, "links in emails point to " + cfg.PublicURL, false}}
	if strings.HasSuffix(cfg.MailFrom, "@localhost>") {
		findings = append(findings, Finding{subject, "GOLIVE_MAIL_FROM is not set: email from golive@localhost will rarely be delivered", true})
	}
	return findings
}
