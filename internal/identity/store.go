package identity

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

const personColumns = `p.id::text, p.issuer, p.subject, p.email, p.address, p.name, p.time_zone`

func personBySubject(ctx context.Context, tx pgx.Tx, issuer, subject string) (person, error) {
	p, err := postgres.One(ctx, tx, pgx.RowToStructByName[person], nil,
		`SELECT `+personColumns+` FROM people p WHERE p.issuer = $1 AND p.subject = $2 FOR UPDATE`, issuer, subject)
	return p, wrap(err, "find person")
}

// personFor returns the person that memberships know by this address, new where there was
// none, and locks it.
func personFor(ctx context.Context, tx pgx.Tx, email string) (person, error) {
	p, err := postgres.One(ctx, tx, pgx.RowToStructByName[person], nil, `INSERT INTO people AS p (id, email, address) VALUES ($1, $2, $2)
		ON CONFLICT ON CONSTRAINT people_email_key DO UPDATE SET email = EXCLUDED.email RETURNING `+personColumns,
		uuid.Must(uuid.NewV7()).String(), email)
	return p, wrap(err, "find or make person")
}

// claimPerson binds a person to the account that has just proved the address.
func claimPerson(ctx context.Context, tx pgx.Tx, p *person, who claims) error {
	p.Address = who.email
	_, err := tx.Exec(ctx, `UPDATE people SET issuer = $2, subject = $3 WHERE id = $1`, p.ID, who.issuer, who.subject)
	if err != nil {
		return wrap(err, "bind person")
	}
	if err := takeAddress(ctx, tx, *p); err != nil {
		return err
	}
	return updatePerson(ctx, tx, p, who)
}

// takeAddress leaves an address that was just verified to the person p alone: whoever had it
// before must not be invited by it.
func takeAddress(ctx context.Context, tx pgx.Tx, p person) error {
	_, err := tx.Exec(ctx, `UPDATE people SET address = '' WHERE address = $1 AND address <> '' AND id <> $2`, p.Address, p.ID)
	return wrap(err, "take an address from others")
}

func updatePerson(ctx context.Context, tx pgx.Tx, p *person, who claims) error {
	if who.name != "" {
		p.Name = &who.name
	}
	_, err := tx.Exec(ctx, `UPDATE people SET address = $2, name = $3 WHERE id = $1`, p.ID, p.Address, p.Name)
	return wrap(err, "update person")
}

// releasePerson takes from the account that a person had all that it has left: its
// sessions, and the address that it has moved to.
func releasePerson(ctx context.Context, tx pgx.Tx, id string) error {
	_, err := tx.Exec(ctx, `UPDATE people SET issuer = NULL, subject = NULL, address = email WHERE id = $1`, id)
	if err != nil {
		return wrap(err, "release person")
	}
	done, err := tx.Exec(ctx, `UPDATE sessions SET ended_at = now() WHERE person_id = $1 AND ended_at IS NULL`, id)
	if err == nil && done.RowsAffected() > 0 {
		err = tenant.Withdrawn(ctx, tx)
	}
	return wrap(err, "end a released person's sessions")
}

func hasProved(ctx context.Context, db postgres.Querier, email string) (bool, error) {
	has, err := postgres.One(ctx, db, pgx.RowTo[bool], nil, `SELECT true FROM people WHERE email = $1 AND address = email`, email)
	return has, wrap(err, "look whether an address was proved")
}

func setTimeZone(ctx context.Context, db postgres.Execer, email string, zone *string) error {
	_, err := db.Exec(ctx, `UPDATE people SET time_zone = $2 WHERE email = $1`, email, zone)
	return wrap(err, "set time zone")
}

// alive is what a session s fulfils that may be used; $2 is how long it may be idle, $3 how
// long it lasts.
const alive = `s.ended_at IS NULL AND s.last_used_at > now() - $2::interval AND s.created_at > now() - $3::interval`

// visit is a session with its person.
type visit struct {
	person
	SessionID string `db:"session_id"`
	// Unnoted tells that its use wants noting, Invited that an invitation waits.
	Unnoted bool `db:"unnoted"`
	Invited bool `db:"invited"`
}

const visits = `SELECT ` + personColumns + `, s.id::text AS session_id,
		s.last_used_at < now() - interval '1 minute' AS unnoted,
		EXISTS (SELECT FROM invitations i WHERE i.email = p.address AND p.address = p.email AND i.settled_at IS NULL AND i.expires_at > now()) AS invited
	FROM sessions s JOIN people p ON p.id = s.person_id WHERE ` + alive

func visitBySecret(ctx context.Context, db postgres.Querier, hash []byte) (visit, error) {
	v, err := postgres.One(ctx, db, pgx.RowToStructByName[visit], tenant.SessionEnded(), visits+` AND s.hash = $1`, hash, idle, absolute)
	return v, wrap(err, "find session")
}

func visitsByID(ctx context.Context, db postgres.Querier, ids []string) ([]visit, error) {
	found, err := postgres.All(ctx, db, pgx.RowToStructByName[visit], visits+` AND s.id = ANY($1::uuid[])`, ids, idle, absolute)
	return found, wrap(err, "look for sessions")
}

// sessionLasts tells that a session was not ended, however long ago it was used.
func sessionLasts(ctx context.Context, db postgres.Querier, id, email string) (bool, error) {
	lasts, err := postgres.One(ctx, db, pgx.RowTo[bool], nil,
		`SELECT true FROM sessions s JOIN people p ON p.id = s.person_id WHERE s.id = $1 AND p.email = $2 AND s.ended_at IS NULL`, id, email)
	return lasts, wrap(err, "look for a session")
}

// noteUsed waits for nobody who has the session locked: that one notes it, or ends it.
func noteUsed(ctx context.Context, db postgres.Execer, id string) error {
	_, err := db.Exec(ctx, `UPDATE sessions SET last_used_at = now() WHERE id = (SELECT id FROM sessions
		WHERE id = $1 AND last_used_at < now() - interval '1 minute' FOR NO KEY UPDATE SKIP LOCKED)`, id)
	return wrap(err, "note that a session was used")
}

func insertSession(ctx context.Context, tx pgx.Tx, id, personID string, hash []byte, userAgent string) error {
	_, err := tx.Exec(ctx, `INSERT INTO sessions (id, person_id, hash, user_agent) VALUES ($1, $2, $3, $4)`, id, personID, hash, userAgent)
	return wrap(err, "insert session")
}

func sessionsOf(ctx context.Context, db postgres.Querier, email, current string) ([]Session, error) {
	all, err := postgres.All(ctx, db, pgx.RowToStructByName[Session], `SELECT s.id::text, s.created_at, s.last_used_at, s.user_agent, s.id::text = $4 AS current
		FROM sessions s JOIN people p ON p.id = s.person_id WHERE p.email = $1 AND `+alive+` ORDER BY s.id DESC`, email, idle, absolute, current)
	return all, wrap(err, "list sessions")
}

// endSessions ends the session with that id, or where it is "" all but the current one.
func endSessions(ctx context.Context, tx pgx.Tx, email, id, current string) ([]string, error) {
	ended, err := postgres.All(ctx, tx, pgx.RowTo[string], `UPDATE sessions s SET ended_at = now() FROM people p
		WHERE p.id = s.person_id AND p.email = $1 AND `+alive+` AND CASE WHEN $4 = '' THEN s.id::text <> $5 ELSE s.id::text = $4 END
		RETURNING s.id::text`, email, idle, absolute, id, current)
	if err == nil && len(ended) > 0 {
		err = tenant.Withdrawn(ctx, tx)
	}
	return ended, wrap(err, "end sessions")
}

func endBySecret(ctx context.Context, tx pgx.Tx, secret string) error {
	if secret == "" {
		return nil
	}
	done, err := tx.Exec(ctx, `UPDATE sessions SET ended_at = now() WHERE hash = $1 AND ended_at IS NULL`, hashOf(secret))
	if err == nil && done.RowsAffected() > 0 {
		err = tenant.Withdrawn(ctx, tx)
	}
	return wrap(err, "end session")
}

func insertLink(ctx context.Context, tx pgx.Tx, hash []byte, email string) error {
	_, err := tx.Exec(ctx, `INSERT INTO sign_in_links (hash, email, expires_at) VALUES ($1, $2, now() + $3::interval)`, hash, email, linkTime)
	return wrap(err, "insert link")
}

func openLink(ctx context.Context, db postgres.Querier, hash []byte, absent error) (string, error) {
	email, err := postgres.One(ctx, db, pgx.RowTo[string], absent,
		`SELECT email FROM sign_in_links WHERE hash = $1 AND used_at IS NULL AND expires_at > now()`, hash)
	return email, wrap(err, "find link")
}

func useLink(ctx context.Context, tx pgx.Tx, hash []byte, absent error) (string, error) {
	email, err := postgres.One(ctx, tx, pgx.RowTo[string], absent,
		`UPDATE sign_in_links SET used_at = now() WHERE hash = $1 AND used_at IS NULL AND expires_at > now() RETURNING email`, hash)
	return email, wrap(err, "use link")
}

// mostFailures bounds what strangers can have us write in a minute, also into tenants' logs;
// the process's log has all of them.
const mostFailures = 60

func (s *Service) noteFailure(ctx context.Context, r *RefusedError) error {
	ctx = postgres.Across(ctx, postgres.Door)
	return postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		noted, err := tx.Exec(ctx, `INSERT INTO sign_in_failures (reason, email, request_id) SELECT $1, nullif($2, ''), $3
			WHERE (SELECT count(*) FROM sign_in_failures WHERE at > now() - interval '1 minute') < $4`, r.Reason, r.Email, logid.Request(ctx), mostFailures)
		if err != nil || r.Email == "" || noted.RowsAffected() == 0 {
			return wrap(err, "note a refused sign-in")
		}
		return recordFor(ctx, tx, r.Email, audit.Entry{
			Actor: "golive", Action: "sign_in.failed", Subject: r.Email, Details: map[string]any{"reason": r.Reason},
		})
	})
}
