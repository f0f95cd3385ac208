package deployment

import (
	"context"
	"net/http"
	"time"

	"github.com/golive-hq/golive/internal/engine"
)

// Fence is the last thing before the wire: no write starts that might still be
// under way when another worker may take over. It sits in the transport so that
// nobody can forget it.
type Fence struct {
	Base http.RoundTripper
	// Call is the longest that one call may take.
	Call time.Duration
}

type leaseKey struct{}

func withLease(ctx context.Context, r *run) context.Context {
	return context.WithValue(ctx, leaseKey{}, r)
}

// RoundTrip refuses a write with engine.ErrFenced where it has no lease, or one
// that ends too soon and cannot be renewed. Reads pass.
func (f *Fence) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodPost {
		return f.Base.RoundTrip(req)
	}
	r, ok := req.Context().Value(leaseKey{}).(*run)
	if !ok {
		return nil, engine.ErrFenced
	}
	if !r.lease.fits(f.Call) {
		r.beat(req.Context(), []*lease{r.lease})
	}
	if !r.lease.fits(f.Call) {
		return nil, engine.ErrFenced
	}
	return f.Base.RoundTrip(req)
}
