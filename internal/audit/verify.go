package audit

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
)

// Verdict is what a look at the whole chain of one tenant found.
type Verdict struct {
	TenantID string
	// Entries is the number of chained ones that are there.
	Entries int64
	// Late is how many of them a worker's sweep has chained: what wrote them had no sealing
	// keys, and may have been anybody who can write to the database.
	Late int64
	// Waiting is the number of those that a worker has yet to chain.
	Waiting int
	// BrokenAt is the id of the first entry that does not fit, "0" where none is left;
	// "" where the chain is whole.
	BrokenAt string
	// Why is a sentence about it, which names the entry.
	Why string
}

// Whole tells that nothing was changed, taken away or put elsewhere.
func (v Verdict) Whole() bool { return v.BrokenAt == "" }

// end is a chain's end as it is stored.
type end struct {
	Entries int64  `db:"entries"`
	Hash    []byte `db:"hash"`
	Cut     int64  `db:"cut"`
	CutHash []byte `db:"cut_hash"`
	Sealed  []byte `db:"sealed_key"`
	Version int    `db:"seal_version"`
}

// Verify looks at the whole chain of a tenant. Anchors are what the worker's log said of
// it; without any, entries that were taken from the end together with the head's memory
// of them are not missed.
func Verify(ctx context.Context, db *pgxpool.Pool, keys *seal.Keys, tenantID string, anchors []Anchor) (v Verdict, err error) {
	// One snapshot, or what is written meanwhile would seem to be missing.
	err = pgx.BeginTxFunc(ctx, db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		v, err = verify(ctx, tx, keys, tenantID, anchors)
		return err
	})
	return v, err
}

func verify(ctx context.Context, tx pgx.Tx, keys *seal.Keys, tenantID string, anchors []Anchor) (Verdict, error) {
	w := walk{v: Verdict{TenantID: tenantID}, anchors: map[int64][]Anchor{}}
	e, err := postgres.One(ctx, tx, pgx.RowToAddrOfStructByName[end], nil,
		`SELECT entries, hash, cut, cut_hash, sealed_key, seal_version FROM audit_heads WHERE tenant_id = $1`, tenantID)
	if err != nil {
		return w.v, err
	}
	if w.v.Waiting, _, err = waiting(ctx, tx, tenantID); err != nil {
		return w.v, err
	}
	for _, a := range anchors {
		if a.TenantID == tenantID {
			w.anchors[a.Entries] = append(w.anchors[a.Entries], a)
		}
	}
	if e == nil {
		return w.headless(ctx, tx)
	}
	if w.key, err = openKey(keys, tenantID, e.Sealed, e.Version); err != nil {
		return w.v, err
	}
	if w.standing, err = standingOf(ctx, tx, tenantID, w.key); err != nil {
		return w.v, err
	}
	pending, err := postgres.All(ctx, tx, scanRow, `SELECT `+rowColumns+` FROM audit_log
		WHERE tenant_id = $1 AND number IS NULL AND action = $2`, tenantID, Forgotten)
	if err != nil {
		return w.v, err
	}
	for _, r := range pending {
		w.forget(r)
	}
	w.begin(*e)
	return w.all(ctx, tx)
}

// walk goes along a chain from its beginning.
type walk struct {
	v       Verdict
	end     end
	key     []byte
	anchors map[int64][]Anchor
	standing
	// number and hash are those of the entry before, last is its id.
	number int64
	hash   []byte
	last   int64
	// pruned tells that a signed entry says what the beginning says was cut.
	pruned bool
}

// begin stands before the first entry that retention has left.
func (w *walk) begin(e end) {
	w.end, w.number, w.hash = e, e.Cut, e.CutHash
	if e.Cut == 0 {
		w.hash, w.pruned = beginning, true
		return
	}
	w.anchored(0, w.hash)
}

// anchored compares the entry that w has come to with what anchors say of its number.
func (w *walk) anchored(id int64, sum []byte) {
	for _, a := range w.anchors[w.number] {
		if a.Hash != hex.EncodeToString(sum) {
			w.broken(id, "Entry %d (number %d) doesn't match the anchor of %s.", id, w.number, a.At)
		}
	}
}

func (w *walk) broken(id int64, format string, args ...any) {
	if w.v.Whole() {
		w.v.BrokenAt, w.v.Why = strconv.FormatInt(id, 10), fmt.Sprintf(format, args...)
	}
}

// headless is for a tenant of whose chain there is no end: nothing was chained, or it was
// taken away whole.
func (w *walk) headless(ctx context.Context, tx pgx.Tx) (Verdict, error) {
	chained, err := postgres.One(ctx, tx, pgx.RowTo[int64], nil,
		`SELECT coalesce(min(id), 0) FROM audit_log WHERE tenant_id = $1 AND number IS NOT NULL`, w.v.TenantID)
	if err == nil && (chained > 0 || len(w.anchors) > 0) {
		w.broken(chained, "The end of the chain, and its key, are missing.")
	}
	return w.v, err
}

func (w *walk) all(ctx context.Context, tx pgx.Tx) (Verdict, error) {
	for after := (row{Number: math.MinInt64}); w.v.Whole(); {
		// By id, too: whoever drops the index may give one number twice.
		rows, err := postgres.All(ctx, tx, scanRow, `SELECT `+rowColumns+` FROM audit_log
			WHERE tenant_id = $1 AND (number, id) > ($2, $3) ORDER BY number, audit_log.id LIMIT $4`, w.v.TenantID, after.Number, after.ID, 10*lot)
		if err != nil {
			return w.v, err
		}
		for _, r := range rows {
			if w.step(r); !w.v.Whole() {
				return w.v, nil
			}
		}
		if len(rows) == 0 {
			break
		}
		after = rows[len(rows)-1]
	}
	w.finish()
	return w.v, nil
}

// step looks at the next entry.
func (w *walk) step(r row) {
	switch {
	case r.Number <= w.number:
		w.broken(r.ID, "Entry %d has the number %d, which is not its own.", r.ID, r.Number)
		return
	case r.Number != w.number+1:
		w.broken(r.ID, "%s before entry %d (number %d).", missing(w.number+1, r.Number-1), r.ID, r.Number)
		return
	case !r.follows(w.hash, w.key):
		w.broken(r.ID, "Entry %d (number %d, %s, %s) was changed, or is not where it was.", r.ID, r.Number, r.At.UTC().Format(time.RFC3339), r.Action)
		return
	}
	if w.number, w.hash, w.last = r.Number, r.Hash, r.ID; r.Late {
		w.v.Late++
	}
	w.v.Entries++
	w.anchored(r.ID, r.Hash)
	w.pruned = w.pruned || saysCut(r, w.end)
	if w.see(r) != "" {
		w.broken(r.ID, "Entry %d (number %d) no longer names the same person: the address stored for it was changed.", r.ID, r.Number)
	}
}

// follows tells that r is as it was made, and after what it was made after. It finds out
// whether it is late.
func (r *row) follows(before, key []byte) bool {
	for _, r.Late = range []bool{false, true} {
		// What can't be read is none of ours.
		if sum, err := r.mac(key, before); err == nil && hmac.Equal(sum, r.Hash) {
			return true
		}
	}
	return false
}

func missing(from, to int64) string {
	if from == to {
		return fmt.Sprintf("Number %d is missing", from)
	}
	return fmt.Sprintf("Numbers %d to %d are missing", from, to)
}

// finish compares the end with what is known of it.
func (w *walk) finish() {
	switch {
	case w.number < w.end.Entries:
		w.broken(w.last, "%s at the end, after entry %d.", missing(w.number+1, w.end.Entries), w.last)
	case w.number > w.end.Entries, w.number > 0 && !bytes.Equal(w.hash, w.end.Hash):
		w.broken(w.last, "The stored end of the chain doesn't match entry %d (number %d).", w.last, w.number)
	case !w.pruned:
		w.broken(w.last, "Entries up to number %d are missing, and no entry says that retention took them away.", w.end.Cut)
	}
	if id, missed := w.missed(); missed {
		w.broken(id, "Entry %d names someone unknown, and no entry says that they were erased.", id)
	}
	for number, all := range w.anchors {
		if number > w.number {
			w.broken(w.last, "Entries after entry %d (number %d) are missing: the anchor of %s names number %d.", w.last, w.number, all[0].At, number)
		}
	}
}

// cutDetails are what an entry says that retention has taken away.
type cutDetails struct {
	// Through and Hash are the number and the hash of the newest of them.
	Through int64  `json:"through"`
	Hash    string `json:"hash"`
	Entries int64  `json:"entries"`
	// Before is what all of them were older than.
	Before time.Time `json:"before"`
}

// saysCut tells that r is retention's word on what was cut, which has the keys.
func saysCut(r row, e end) bool {
	var d cutDetails
	return r.Action == Pruned && !r.Late && e.Cut > 0 && json.Unmarshal(r.Details, &d) == nil && d.Through == e.Cut && d.Hash == hex.EncodeToString(e.CutHash)
}
