package audit

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// Forgotten is the action of the entry that says whom the log forgets.
const Forgotten = "person.erased"

// forgotten are its details: the ids of the aliases that stand for nobody any more.
type forgotten struct {
	Aliases []string `json:"aliases"`
}

// standing is what a look at a chain knows of the aliases that stand in it.
type standing struct {
	// genuine tells of each that is there whether it is as it was made.
	genuine map[string]bool
	// gone are those that stand in entries and are not there, with the first such entry;
	// order is that in which they were met.
	gone  map[string]int64
	order []string
	// forgotten are those that an entry says are forgotten.
	forgotten map[string]bool
}

func standingOf(ctx context.Context, tx pgx.Tx, tenantID string, key []byte) (standing, error) {
	s := standing{genuine: map[string]bool{}, gone: map[string]int64{}, forgotten: map[string]bool{}}
	all, err := postgres.All(ctx, tx, pgx.RowToStructByName[alias], `SELECT `+aliasColumns+` FROM audit_aliases WHERE tenant_id = $1`, tenantID)
	for _, a := range all {
		s.genuine[a.ID] = a.genuine(key)
	}
	return s, err
}

// see notes the aliases in r. It returns one that stands for something else than it did.
func (s *standing) see(r row) (changed string) {
	for _, text := range []string{r.Actor, r.Subject, r.Reason, r.Remote, string(r.Details), string(r.Before), string(r.After)} {
		for _, found := range aliasForm.FindAllString(text, -1) {
			id := strings.TrimPrefix(found, aliased)
			genuine, there := s.genuine[id]
			if there && !genuine {
				return id
			}
			if _, met := s.gone[id]; !there && !met {
				s.gone[id], s.order = r.ID, append(s.order, id)
			}
		}
	}
	s.forget(r)
	return ""
}

// forget notes whom an entry says were erased. One that is yet to be chained says so, too:
// whoever erases may have no sealing keys.
func (s *standing) forget(r row) {
	var f forgotten
	if r.Action == Forgotten && json.Unmarshal(r.Details, &f) == nil {
		for _, id := range f.Aliases {
			s.forgotten[id] = true
		}
	}
}

// missed returns the first entry that names somebody of whom nothing is known, though no
// entry says that they were forgotten.
func (s *standing) missed() (entryID int64, missed bool) {
	for _, id := range s.order {
		if !s.forgotten[id] {
			return s.gone[id], true
		}
	}
	return 0, false
}
