package audit

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgxpool"
)

// line is an entry as it is exported.
type line struct {
	ID            string    `json:"id"`
	Number        *int64    `json:"number"`
	At            time.Time `json:"at"`
	Actor         string    `json:"actor"`
	ActorKind     ActorKind `json:"actorKind"`
	Action        string    `json:"action"`
	Subject       string    `json:"subject"`
	Reason        *string   `json:"reason"`
	RequestID     *string   `json:"requestId"`
	RemoteAddress *string   `json:"remoteAddress"`
	Details       any       `json:"details"`
	Before        any       `json:"before"`
	After         any       `json:"after"`
	Hash          string    `json:"hash"`
}

func lineOf(e Entry) line {
	return line{
		e.ID, e.Number, e.At.UTC(), e.Actor, e.ActorKind, e.Action, e.Subject, e.Reason, e.RequestID, e.RemoteAddress,
		e.Details, e.Before, e.After, e.Hash(),
	}
}

// Format is how a log is exported.
type Format string

// The formats: a JSON object per line, and a table with a line of names.
const (
	JSONLines Format = "jsonl"
	CSV       Format = "csv"
)

// exportPage is how many entries an export holds at once, exportBuffer how many bytes it
// writes.
const (
	exportPage   = 500
	exportBuffer = 64 << 10
)

// Export writes the log of a tenant, oldest entry first, as far as it went when the
// export came there.
func Export(ctx context.Context, db *pgxpool.Pool, tenantID string, format Format, w io.Writer) error {
	out := bufio.NewWriterSize(w, exportBuffer)
	write := jsonLines(out)
	if format == CSV {
		write = table(out)
	}
	f := Filter{TenantID: tenantID}
	for after := int64(0); ; {
		entries, err := entriesOf(ctx, db, tenantID, `SELECT `+entryColumns+filterSQL+`
			AND id > $7 ORDER BY audit_log.id LIMIT $8`, f.args(after, exportPage)...)
		if err != nil {
			return fmt.Errorf("export audit log: %w", err)
		}
		for _, e := range entries {
			if err := write(lineOf(e)); err != nil {
				return err
			}
		}
		if err := out.Flush(); err != nil || len(entries) < exportPage {
			return err
		}
		last, err := cursor(entries[len(entries)-1].ID)
		if err != nil {
			return err
		}
		after = *last
	}
}

func jsonLines(w io.Writer) func(line) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return func(l line) error { return e.Encode(l) }
}

// table writes the names of the columns at once.
func table(w io.Writer) func(line) error {
	c := csv.NewWriter(w)
	_ = c.Write([]string{
		"id", "number", "at", "actor", "actorKind", "action", "subject", "reason", "requestId", "remoteAddress", "details", "before", "after", "hash",
	})
	c.Flush()
	return func(l line) error {
		number := ""
		if l.Number != nil {
			number = fmt.Sprint(*l.Number)
		}
		cells := []string{
			l.ID, number, l.At.Format(time.RFC3339Nano), l.Actor, string(l.ActorKind), l.Action, l.Subject, orElse(l.Reason, ""),
			orElse(l.RequestID, ""), orElse(l.RemoteAddress, ""), cellOf(l.Details), cellOf(l.Before), cellOf(l.After), l.Hash,
		}
		for i := range cells {
			cells[i] = harmless(cells[i])
		}
		if err := c.Write(cells); err != nil {
			return err
		}
		c.Flush()
		return c.Error()
	}
}

func cellOf(value any) string {
	text, err := encode(value)
	if err != nil {
		return ""
	}
	return string(text)
}

// harmless keeps spreadsheets from taking a cell for a formula: they do by its first
// character, some by its wide form, and show what follows an apostrophe as it is.
func harmless(cell string) string {
	if first, _ := utf8.DecodeRuneInString(cell); cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + cell
	}
	return cell
}
