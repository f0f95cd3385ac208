package scalar

import (
	"regexp"
	"strings"

	"github.com/99designs/gqlgen/graphql"
)

// MarshalID writes an id as it is.
func MarshalID(id string) graphql.Marshaler { return graphql.MarshalID(id) }

// UnmarshalID reads an id. A UUID is the same one in capitals, in braces or without its
// dashes, as Postgres has it; it is read as Golive writes it, so that all that compares
// ids, in whatever way, compares the same.
func UnmarshalID(v any) (string, error) {
	id, err := graphql.UnmarshalID(v)
	if err != nil {
		return "", err
	}
	bare, opened := strings.CutPrefix(id, "{")
	bare, closed := strings.CutSuffix(bare, "}")
	if opened != closed || !uuidForm.MatchString(bare) {
		return id, nil
	}
	hex := strings.ToLower(strings.ReplaceAll(bare, "-", ""))
	return strings.Join([]string{hex[:8], hex[8:12], hex[12:16], hex[16:20], hex[20:]}, "-"), nil
}

// uuidForm is what Postgres reads as a UUID, braces aside.
var uuidForm = regexp.MustCompile(`^([0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}$`)
