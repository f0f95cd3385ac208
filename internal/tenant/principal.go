package tenant

import (
	"strings"

	"github.com/golive-hq/golive/internal/fault"
)

// What the Principal of an actor begins with, before a slash.
const (
	TokenKind   = "token"
	SessionKind = "session"
)

// IDsOf returns the ids behind principals.
func IDsOf(principals []string) []string {
	ids := make([]string, len(principals))
	for i, p := range principals {
		_, ids[i], _ = strings.Cut(p, "/")
	}
	return ids
}

// SessionEnded is for whoever shows a session that is none, or none any more.
func SessionEnded() *fault.Error {
	return fault.New(fault.Unauthenticated, "Your session has ended. Sign in again.")
}

// SessionID is the id of the session by which the actor acts, "" for a token.
func (a Actor) SessionID() string {
	kind, id, _ := strings.Cut(a.Principal, "/")
	if kind != SessionKind {
		return ""
	}
	return id
}
