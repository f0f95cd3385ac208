package server

import (
	"net/http"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/tenant"
	"github.com/golive-hq/golive/web"
)

// documents lead whoever opens the page without a session to the sign-in and back, before
// anything of it shows, and those without a membership to whom they can ask. Where nobody
// can tell just now, the page comes, and says so itself.
func documents(auth bearer, base string, page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !web.WantsDocument(r) {
			page.ServeHTTP(w, r)
			return
		}
		ctx, err := auth.counted(r)
		actor, nobody := tenant.ActorFrom(ctx)
		switch {
		case fault.CodeOf(err) == fault.Unauthenticated, err == nil && nobody != nil:
			signInFirst(base)(w, r, http.StatusUnauthorized, nil)
		case err == nil && len(actor.Memberships) == 0:
			w.Header().Set("Location", base+"/login/welcome")
			w.WriteHeader(http.StatusSeeOther)
		default:
			page.ServeHTTP(w, r)
		}
	})
}
