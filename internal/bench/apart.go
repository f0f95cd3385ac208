package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/client"
)

const (
	apartSamples = 15
	apartLists   = 100
	// dearer is how much longer, in percent, anything may take because tenants are kept
	// apart by the database, too.
	dearer = 110
)

// theList is what a page of a tenant asks.
const theList = `query ($slug: String!) { tenant(slug: $slug) {
	products(first: 100) { nodes { id name } }
	deployments(first: 100) { nodes { id status requestedBy } } } }`

// apartFigures measures clicks and lists with row security and, in turn with it, without.
// Each comes first as often as the other. Behind each change there is a round that doesn't
// count, because the change makes all sessions plan their statements anew until they have
// seen enough of them: here that would be all that is measured, elsewhere it is over with the
// first few go-lives of a process.
func apartFigures(ctx context.Context, s *stack, r *report) error {
	var ends, lists [2][]time.Duration // with, without
	for round := range 2 * rounds {
		for i := range 2 {
			which := (round + i) % 2
			if err := rowSecurity(ctx, s.pool, which == 0); err != nil {
				return err
			}
			end, list, err := s.warmRound(ctx)
			if err != nil {
				return err
			}
			ends[which], lists[which] = append(ends[which], end...), append(lists[which], list...)
		}
	}
	r.addRatio("goLive sent to the terminal event, with row security", quantile(ends[0], 0.5), quantile(ends[1], 0.5))
	r.addRatio("lists of a tenant, with row security", quantile(lists[0], 0.5), quantile(lists[1], 0.5))
	return rowSecurity(ctx, s.pool, true)
}

// warmRound is apartRound behind one that doesn't count.
func (s *stack) warmRound(ctx context.Context) (ends, lists []time.Duration, err error) {
	if _, _, err := s.apartRound(ctx); err != nil {
		return nil, nil, err
	}
	return s.apartRound(ctx)
}

// apartRound times go-lives and lists.
func (s *stack) apartRound(ctx context.Context) (ends, lists []time.Duration, err error) {
	shops, err := s.openShops(ctx, apartSamples)
	if err != nil {
		return nil, nil, err
	}
	for _, sh := range shops {
		one, err := sh.measure(ctx)
		if err != nil {
			return nil, nil, err
		}
		ends = append(ends, one.toEnd)
	}
	for i := range apartLists {
		sh := shops[i%len(shops)]
		began := time.Now()
		if _, err := client.Do[any](ctx, sh.as, theList, map[string]any{"slug": sh.slug}); err != nil {
			return nil, nil, err
		}
		lists = append(lists, time.Since(began))
	}
	return ends, lists, nil
}

// rowSecurity turns the policies of all tables on or off, each by itself, because the worker
// holds some of them meanwhile.
func rowSecurity(ctx context.Context, pool *pgxpool.Pool, on bool) error {
	verb := "DISABLE"
	if on {
		verb = "ENABLE"
	}
	_, err := pool.Exec(ctx, `DO $$ DECLARE name regclass; BEGIN
		FOR name IN SELECT DISTINCT polrelid::regclass FROM pg_policy LOOP
			EXECUTE format('ALTER TABLE %s `+verb+` ROW LEVEL SECURITY', name);
			COMMIT;
		END LOOP; END $$`)
	if err != nil {
		return fmt.Errorf("%s row security: %w", verb, err)
	}
	return nil
}

// addRatio is add for a figure that is judged beside another one of the same run.
func (r *report) addRatio(name string, got, beside time.Duration) {
	verdict, ratio := "ok", int(100*got/beside)
	if ratio > dearer {
		verdict, r.met = "MISSED", false
	}
	fmt.Fprintf(os.Stdout, "%-58s %7d %%   at most %5d %%  %-6s  %s, without it %s\n", name, ratio, dearer, verdict, ms(got), ms(beside))
}
