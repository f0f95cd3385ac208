package audit

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/postgres"
)

// ActorKind tells what acted.
type ActorKind string

// The kinds of actors. A person who uses a token is a person; a token acts where it
// belongs to a tenant and to nobody in it.
const (
	Person   ActorKind = "PERSON"
	Token    ActorKind = "TOKEN"
	System   ActorKind = "SYSTEM"
	Operator ActorKind = "OPERATOR"
)

// Entry is one line of a tenant's audit log.
type Entry struct {
	// ID grows with every entry; it and At are the database's.
	ID       string    `db:"id"`
	At       time.Time `db:"at"`
	TenantID string    `db:"tenant_id"`
	// Actor is the e-mail address of a member, or what acted for nobody in
	// particular: "operator" or "golive".
	Actor string `db:"actor"`
	// ActorKind follows from Actor where it is empty.
	ActorKind ActorKind `db:"actor_kind"`
	// Action is in the past tense: "deployment.started".
	Action string `db:"action"`
	// Subject is the id of what was acted on.
	Subject string `db:"subject"`
	// Reason is what the actor gave as one, nil for none.
	Reason *string `db:"reason"`
	// RequestID and RemoteAddress are those of the context where they are nil.
	RequestID     *string `db:"request_id"`
	RemoteAddress *string `db:"remote_address"`
	// Details, Before and After are structs or maps that encoding/json takes, nil for
	// none. Before and After are what the subject was and is, as far as it changed.
	// Secrets have no place in them.
	Details any `db:"details"`
	Before  any `db:"before"`
	After   any `db:"after"`
	// Number is the entry's place in the chain, nil before it is chained; Sum is its HMAC.
	Number *int64 `db:"number"`
	Sum    []byte `db:"hash"`
}

// Hash is the entry's HMAC in hexadecimal digits, "" before it is chained.
func (e Entry) Hash() string { return hex.EncodeToString(e.Sum) }

// Record writes e, whose ID, At, Number and Sum are ignored, in the transaction of the
// change that it tells of, as the last thing in it. The transaction is one of
// postgres.InTx, on a pool of which Attach or LeaveUnchained has told what to do: nobody
// leaves entries unchained by mistake.
func Record(ctx context.Context, tx pgx.Tx, e Entry) error {
	return record(ctx, tx, []Entry{e})
}

// RecordEach writes e into the log of each of these tenants, whatever its own
// TenantID.
func RecordEach(ctx context.Context, tx pgx.Tx, tenantIDs []string, e Entry) error {
	all := make([]Entry, len(tenantIDs))
	for i, id := range tenantIDs {
		all[i], all[i].TenantID = e, id
	}
	return record(ctx, tx, all)
}

func record(ctx context.Context, tx pgx.Tx, entries []Entry) error {
	rows := make([]any, len(entries))
	for i, e := range entries {
		r, err := rowOf(ctx, e)
		if err != nil {
			return fmt.Errorf("record %s: %w", e.Action, err)
		}
		rows[i] = r
	}
	chain, ok := postgres.Carried[*Chain](tx)
	if !ok {
		return errNoChain
	}
	write := unchained
	if chain != nil {
		write = chain.write
	}
	for _, r := range rows {
		if !postgres.Last(tx, r, write) {
			return errNotLast
		}
	}
	return nil
}

var (
	errNoChain = errors.New("record audit entry: nothing is said of this pool's audit chain: use audit.Attach or audit.LeaveUnchained")
	errNotLast = errors.New("record audit entry: the transaction must be one of postgres.InTx")
)

// row is an entry as it is stored. A text that is not there is "", JSON nil.
type row struct {
	ID                        int64
	At                        time.Time
	TenantID                  string
	Actor, Kind               string
	Action, Subject           string
	Reason, RequestID, Remote string
	Details, Before, After    []byte
	Number                    int64
	Hash                      []byte
	// Late tells that it was chained by a sweep, which can't know who wrote it.
	Late bool
}

func rowOf(ctx context.Context, e Entry) (r row, err error) {
	r = row{
		TenantID: e.TenantID, Actor: e.Actor, Kind: string(e.ActorKind), Action: e.Action, Subject: e.Subject,
		Reason: orElse(e.Reason, ""), RequestID: orElse(e.RequestID, logid.Request(ctx)), Remote: orElse(e.RemoteAddress, logid.Remote(ctx)),
	}
	if r.Kind == "" {
		r.Kind = string(kindOf(e.Actor))
	}
	for _, part := range []struct {
		of any
		to *[]byte
	}{{e.Details, &r.Details}, {e.Before, &r.Before}, {e.After, &r.After}} {
		if *part.to, err = encode(part.of); err != nil {
			return r, err
		}
	}
	return r, nil
}

// kindOf tells what an actor is by its name, as those who only know that wrote it.
func kindOf(actor string) ActorKind {
	switch {
	case actor == "operator":
		return Operator
	case strings.Contains(actor, "@"):
		return Person
	default:
		return System
	}
}

func orElse(text *string, other string) string {
	if text == nil {
		return other
	}
	return *text
}
