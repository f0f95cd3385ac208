package runner

import (
	"context"
	"net/http"
	"time"

	"github.com/golive-hq/golive/internal/engine"
)

// Permit is the right to act, as it travels with the calls of a run.
type Permit struct {
	lease *lease
	renew func(ctx context.Context, held ...*lease)
}

// Fits tells whether a call that begins now ends before the right does.
func (p *Permit) Fits(call time.Duration) bool { return p.lease.fits(call) }

// Renew asks for more time. Where there is none, because another worker has taken over
// or the database is away, Fits tells it.
func (p *Permit) Renew(ctx context.Context) { p.renew(ctx, p.lease) }

type permitKey struct{}

func withPermit(ctx context.Context, p *Permit) context.Context {
	return context.WithValue(ctx, permitKey{}, p)
}

type leaselessKey struct{}

// WithoutLease lets writes under the returned context pass, which are of no deployment. Their
// owner notes each before it is sent, and never repeats one whose effect it doesn't know.
func WithoutLease(ctx context.Context) context.Context {
	return context.WithValue(ctx, leaselessKey{}, true)
}

// Fence is the last thing before the wire: no write starts that might still be
// under way when another worker may take over. It sits in the transport so that
// nobody can forget it.
type Fence struct {
	Base http.RoundTripper
	// Call is the longest that one call may take.
	Call time.Duration
}

// RoundTrip refuses a write with engine.ErrFenced where it has no permit, or one
// that ends too soon and cannot be renewed. Reads pass, and writes WithoutLease.
func (f *Fence) RoundTrip(req *http.Request) (*http.Response, error) {
	if leaseless, _ := req.Context().Value(leaselessKey{}).(bool); leaseless || req.Method != http.MethodPost {
		return f.Base.RoundTrip(req)
	}
	permit, ok := req.Context().Value(permitKey{}).(*Permit)
	if !ok {
		return nil, engine.ErrFenced
	}
	if !permit.Fits(f.Call) {
		permit.Renew(req.Context())
	}
	if !permit.Fits(f.Call) {
		return nil, engine.ErrFenced
	}
	return f.Base.RoundTrip(req)
}
