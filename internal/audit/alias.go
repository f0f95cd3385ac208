package audit

import (
	"context"
	"crypto/hmac"
	"net/mail"
	"net/netip"
	"regexp"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/postgres"
)

// aliased begins what stands in an entry in place of an address.
const aliased = "person:"

// Erased is what people read where a person was forgotten.
const Erased = "erased person"

const (
	aliasText = aliased + `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`
	// What might be an address in a text: too much is aliased rather than too little.
	mailText = `(?:"(?:[^"\\]|\\.)*"|[^\s<>(),;:"'\[\]{}@=/|][^\s<>(),;:"\[\]{}@=/|]*)@[^\s<>(),;:"'\[\]{}@=/|]*[^\s<>(),;:"'\[\]{}@=/|.!?]`
)

var (
	aliasForm = regexp.MustCompile(aliasText)
	// nameForm is what hide replaces: also what only looks like an alias, because somebody
	// wrote it.
	nameForm = regexp.MustCompile(aliasText + `|` + mailText)
)

// personal is something that tells of a person; person is "" where it tells of nobody.
type personal struct{ person, value string }

// alias is what stands for something personal. Its hash is made under the key of the
// tenant's chain, which covers what stands in entries, and so the id alone.
type alias struct {
	TenantID string `db:"tenant_id"`
	ID       string `db:"id"`
	Person   string `db:"person"`
	Value    string `db:"value"`
	Hash     []byte `db:"hash"`
}

const aliasColumns = `tenant_id::text, id::text, person, value, hash`

func (a alias) genuine(key []byte) bool { return hmac.Equal(a.Hash, a.mac(key)) }

func split(people []personal) (persons, values []string) {
	for _, p := range people {
		persons, values = append(persons, p.person), append(values, p.value)
	}
	return persons, values
}

// aliases are those of one tenant: what stands for what.
type aliases struct {
	known map[personal]string
	made  []personal
}

func (a *aliases) of(p personal) string {
	id, ok := a.known[p]
	if !ok {
		id = uuid.NewString()
		a.known[p] = id
		a.made = append(a.made, p)
	}
	return aliased + id
}

// know takes what is known of the head's tenant, but what somebody else has made.
func (h *head) know(all []alias) {
	if h.aliases.known == nil {
		h.aliases.known = map[personal]string{}
	}
	for _, a := range all {
		if a.TenantID == h.TenantID && a.genuine(h.key) {
			h.aliases.known[personal{a.Person, a.Value}] = a.ID
		}
	}
}

// names finds what tells of people in a text.
func names(text string, replace func(personal) string) string {
	found := func(part string) string {
		if strings.Contains(part, "@") {
			return replace(personal{mailbox.Normal(part), part})
		}
		return replace(personal{"", part})
	}
	switch {
	case isMail(text):
		return found(text)
	case strings.Contains(text, "@"), strings.Contains(text, aliased):
		return nameForm.ReplaceAllStringFunc(text, found)
	}
	return text
}

// isMail tells that a text is one address, of any form, and nothing else.
func isMail(text string) bool {
	if !strings.Contains(text, "@") || strings.ContainsAny(text, "<>") {
		return false
	}
	a, err := mail.ParseAddress(text)
	return err == nil && a.Name == "" && strings.TrimSpace(text) == text
}

// hide replaces what tells of people in r by what replace returns for it.
func (r *row) hide(replace func(personal) string) error {
	person := ""
	hidden := func(text string) string { return names(text, replace) }
	if strings.Contains(r.Actor, "@") {
		person = mailbox.Normal(r.Actor)
		r.Actor = replace(personal{person, r.Actor})
	} else {
		r.Actor = hidden(r.Actor)
	}
	// Where no person acted it tells of nobody.
	if _, err := netip.ParseAddr(r.Remote); err == nil && person != "" {
		r.Remote = replace(personal{person, r.Remote})
	} else {
		r.Remote = hidden(r.Remote)
	}
	r.Subject, r.Reason = hidden(r.Subject), hidden(r.Reason)
	for _, part := range []*[]byte{&r.Details, &r.Before, &r.After} {
		value, err := decode(*part)
		if err != nil {
			return err
		}
		if *part, err = encode(texts(value, hidden)); err != nil {
			return err
		}
	}
	return nil
}

// texts replaces every text in a JSON value, names of members included.
func texts(value any, replace func(string) string) any {
	switch v := value.(type) {
	case string:
		return replace(v)
	case []any:
		for i := range v {
			v[i] = texts(v[i], replace)
		}
	case map[string]any:
		replaced := make(map[string]any, len(v))
		for key := range v {
			replaced[replace(key)] = texts(v[key], replace)
		}
		return replaced
	}
	return value
}

// reveal puts back what aliases stand for, as far as it is known.
func reveal(ctx context.Context, db postgres.Querier, tenantID string, entries []Entry) error {
	var ids []string
	each(entries, func(text string) string {
		for _, alias := range aliasForm.FindAllString(text, -1) {
			ids = append(ids, strings.TrimPrefix(alias, aliased))
		}
		return text
	})
	if len(ids) == 0 {
		return nil
	}
	found, err := postgres.All(ctx, db, pgx.RowToStructByName[alias],
		`SELECT `+aliasColumns+` FROM audit_aliases WHERE tenant_id = $1 AND id = ANY($2::uuid[])`, tenantID, ids)
	if err != nil {
		return err
	}
	values := map[string]string{}
	for _, a := range found {
		values[aliased+a.ID] = a.Value
	}
	each(entries, func(text string) string {
		return aliasForm.ReplaceAllStringFunc(text, func(alias string) string {
			if value, ok := values[alias]; ok {
				return value
			}
			return Erased
		})
	})
	return nil
}

func each(entries []Entry, replace func(string) string) {
	for i := range entries {
		e := &entries[i]
		e.Actor, e.Subject = replace(e.Actor), replace(e.Subject)
		for _, text := range []**string{&e.Reason, &e.RemoteAddress} {
			if *text != nil {
				replaced := replace(**text)
				*text = &replaced
			}
		}
		e.Details, e.Before, e.After = texts(e.Details, replace), texts(e.Before, replace), texts(e.After, replace)
	}
}
