package stripesim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/stripesim"
)

// TestTroubleOnTheWay: each switch does what it says.
func TestTroubleOnTheWay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trouble stripesim.Delivery
		want    int
		failure string // of stripe-go's verification
		check   func(*testing.T, delivered)
	}{
		"duplicates":   {trouble: stripesim.Delivery{Duplicates: 100}, want: 6},
		"lost":         {trouble: stripesim.Delivery{Lost: 100}, want: 0},
		"paused":       {trouble: stripesim.Delivery{Paused: true}, want: 0},
		"wrong secret": {trouble: stripesim.Delivery{WrongSecret: true}, want: 3, failure: "no valid signature"},
		"old times":    {trouble: stripesim.Delivery{Skew: -400}, want: 3, failure: "tolerance"},
		"new times": {trouble: stripesim.Delivery{Skew: 4000}, want: 3, check: func(t *testing.T, d delivered) {
			t.Helper()
			var at int64
			if _, err := fmt.Sscanf(d.header, "t=%d,", &at); err != nil || at < time.Now().Unix()+3000 {
				t.Errorf("%v %s", err, d.header)
			}
		}},
		"other version": {trouble: stripesim.Delivery{APIVersion: "2026-08-26.dahlia"}, want: 3, failure: "API version"},
		"two signatures": {trouble: stripesim.Delivery{TwoSignatures: true}, want: 3, check: func(t *testing.T, d delivered) {
			t.Helper()
			if strings.Count(d.header, ",v1=") != 2 {
				t.Errorf("header is %s", d.header)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			r := b.receive("")
			b.Sim.SetDelivery(c.trouble)
			b.paid("pm_card_visa")
			b.settle()
			got := r.take()
			if len(got) != c.want {
				t.Errorf("%d deliveries, want %d", len(got), c.want)
			}
			for _, d := range got {
				_, err := r.verify(d)
				if c.failure == "" && err != nil || c.failure != "" && (err == nil || !strings.Contains(err.Error(), c.failure)) {
					t.Errorf("verified with %v, want %q", err, c.failure)
				}
				if c.check != nil {
					c.check(t, d)
				}
			}
			if name == "lost" {
				b.pending("3")
				b.Sim.Advance(100 * time.Hour)
				b.settle()
				if again := r.take(); len(again) != 0 {
					t.Errorf("what was lost came %d times", len(again))
				}
			}
		})
	}
}
