package audit

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// Anchor is what a log outside of the database says of a chain: the number and the hash
// of the entry that was its newest then.
type Anchor struct {
	TenantID string
	Entries  int64
	Hash     string
	At       string
}

// anchorSays is the message of the log line that is an anchor.
const anchorSays = "audit anchor"

// Anchors bounds how often a tenant's chain is named in the log.
const anchorEvery = time.Hour

// Anchor names in the log the end of each chain that has grown since it was last named,
// once an hour. It returns how many there were.
func (c *Chain) Anchor(ctx context.Context) (n int, err error) {
	ctx = postgres.Across(ctx, postgres.Auditing)
	type anchor struct {
		TenantID string `db:"tenant_id"`
		Entries  int64  `db:"entries"`
		Hash     []byte `db:"hash"`
	}
	for {
		found, err := postgres.All(ctx, c.DB, pgx.RowToStructByName[anchor], `WITH due AS (
				SELECT tenant_id FROM audit_heads WHERE entries > anchored AND (anchored_at IS NULL OR anchored_at < now() - $1::interval)
				ORDER BY tenant_id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED)
			UPDATE audit_heads h SET anchored = entries, anchored_at = now() FROM due WHERE h.tenant_id = due.tenant_id
			RETURNING h.tenant_id::text, h.entries, h.hash`, anchorEvery, lot)
		if err != nil {
			return n, err
		}
		for _, a := range found {
			c.Log.InfoContext(ctx, anchorSays, "tenant_id", a.TenantID, "entries", a.Entries, "hash", hex.EncodeToString(a.Hash))
		}
		if n += len(found); len(found) < lot {
			return n, nil
		}
	}
}

// anchorText is an anchor as the text handler writes it. What others write into a line,
// such as the path that somebody asked for, has its quotes escaped.
var anchorText = regexp.MustCompile(`(?:\btime=(\S+) .*)?\bmsg="` + anchorSays + `" tenant_id=(\S+) entries=(\d+) hash=([0-9a-f]+)`)

// ReadAnchors finds the anchors in a worker's log of either form, among whatever else is
// in it.
func ReadAnchors(log io.Reader) (anchors []Anchor, err error) {
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if a, ok := anchorIn(lines.Text()); ok && a.TenantID != "" && a.Entries > 0 && a.Hash != "" {
			anchors = append(anchors, a)
		}
	}
	return anchors, lines.Err()
}

func anchorIn(line string) (a Anchor, ok bool) {
	if !strings.Contains(line, anchorSays) {
		return a, false
	}
	if m := anchorText.FindStringSubmatch(line); m != nil {
		a = Anchor{At: m[1], TenantID: m[2], Hash: m[4]}
		a.Entries, _ = strconv.ParseInt(m[3], 10, 64)
		return a, true
	}
	var said struct {
		Time     string `json:"time"`
		Msg      string `json:"msg"`
		TenantID string `json:"tenant_id"`
		Entries  int64  `json:"entries"`
		Hash     string `json:"hash"`
	}
	// Whatever collects logs may write something before each line.
	at := strings.Index(line, "{")
	if at < 0 || json.Unmarshal([]byte(line[at:]), &said) != nil || said.Msg != anchorSays {
		return a, false
	}
	return Anchor{TenantID: said.TenantID, Entries: said.Entries, Hash: said.Hash, At: said.Time}, true
}
