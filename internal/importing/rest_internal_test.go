package importing

import (
	"testing"
	"testing/synctest"
	"time"
)

// An import rests for as long as its last page has kept the processors, but not for Stripe's
// time, nor where somebody waits for a few products.
func TestRest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ took, wrote, want time.Duration }{
		{took: 60 * time.Millisecond, wrote: 20 * time.Millisecond, want: 60 * time.Millisecond},
		{took: 5 * time.Second, wrote: 50 * time.Millisecond, want: 250 * time.Millisecond},
		{took: 9 * time.Second, wrote: 8 * time.Second, want: time.Second},
	} {
		for asked, want := range map[int]time.Duration{0: c.want, few: 0, few + 1: c.want} {
			synctest.Test(t, func(t *testing.T) {
				r := &run{row: &row{}, wrote: c.wrote}
				if asked > 0 {
					r.Asked = make([]string, asked)
				}
				began := time.Now()
				r.rest(t.Context(), c.took)
				if got := time.Since(began); got != want {
					t.Errorf("after %s, %s of it writing, %d asked for: rests %s, want %s", c.took, c.wrote, asked, got, want)
				}
			})
		}
	}
}
