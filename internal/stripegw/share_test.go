package stripegw_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/stripegw"
	"github.com/golive-hq/golive/internal/stripesim"
)

// catalogue seeds products with three prices each.
func (s bench) catalogue(t *testing.T, mode stripesim.Mode, products int) (ids []string) {
	t.Helper()
	var all, prices []string
	for i := range products {
		id := fmt.Sprintf("prod_%03d", i)
		ids = append(ids, id)
		all = append(all, fmt.Sprintf(`{"id":%q,"name":"Product %d"}`, id, i))
		for j := range 3 {
			prices = append(prices, fmt.Sprintf(`{"id":"price_%03d_%d","product":%q,"currency":"usd","unit_amount":%d,"active":%t,"lookup_key":"key_%03d_%d"}`,
				i, j, id, 100*i+j, j > 0, i, j))
		}
	}
	s.seed(t, mode, all, prices)
	return ids
}

// crowd asks for each id at the same time, while the first call of the account
// to path is held, and lets it go once waiting says that all others wait.
func (s bench) crowd(t *testing.T, path string, ids []string, waiting func() int, ask func(id string)) {
	t.Helper()
	hold := set(t, s, stripesim.Fault{Kind: stripesim.Hold, Match: stripesim.Match{Path: path}})
	var all sync.WaitGroup
	all.Go(func() { ask(ids[0]) })
	if _, err := s.Sim.Held(t.Context(), hold); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids[1:] {
		all.Go(func() { ask(id) })
	}
	for waiting() < len(ids)-1 {
		runtime.Gosched()
	}
	s.Sim.Release("", false)
	all.Wait()
}

func TestSnapshotsOfABusyAccountShareLists(t *testing.T) {
	t.Parallel()
	s := start(t)
	ids := append(s.catalogue(t, stripesim.Test, 50), "prod_none")
	var snapshots sync.Map
	hold := set(t, s, stripesim.Fault{Kind: stripesim.Hold, Match: stripesim.Match{Path: "^/v1/products"}})
	waiting := func() int {
		if _, err := s.Sim.Held(t.Context(), hold); err != nil {
			t.Fatal(err)
		}
		return min(s.test.WaitingForProducts(), s.test.WaitingForPrices())
	}
	s.crowd(t, "^/v1/prices$", ids, waiting, func(id string) {
		got, err := s.test.Snapshot(t.Context(), id, nil)
		if err != nil {
			t.Error(err)
		}
		snapshots.Store(id, got)
	})
	for i, id := range ids[:50] {
		got, _ := snapshots.Load(id)
		snapshot := got.(*catalog.Snapshot)
		if snapshot == nil || snapshot.Product.ID != id || len(snapshot.Prices) != 3 || snapshot.Prices[2].UnitAmountDecimal != catalog.Decimal(fmt.Sprint(100*i+2)) {
			t.Fatalf("%s: %+v", id, snapshot)
		}
	}
	if got, _ := snapshots.Load("prod_none"); got.(*catalog.Snapshot) != nil {
		t.Errorf("a product that does not exist: %+v", got)
	}
	// One product by itself, then the others by a list; prices by two, the active and the
	// archived ones.
	if calls := s.calls(t); len(calls) != 1+1+2+2 {
		t.Errorf("%d calls for 51 snapshots", len(calls))
	}
}

func TestKeyHoldersOfABusyAccountShareLists(t *testing.T) {
	t.Parallel()
	s := start(t)
	ids := s.catalogue(t, stripesim.Live, 50)
	s.crowd(t, "^/v1/prices$", ids, s.live.WaitingForKeyHolders, func(id string) {
		got, err := s.live.PricesByLookupKeys(t.Context(), []string{"key_" + id[5:] + "_0", "key_" + id[5:] + "_2", "key_none"})
		if err != nil || len(got) != 2 || got[0].Product != id || got[1].Product != id {
			t.Errorf("%s: %+v, %v", id, got, err)
		}
	})
	if calls := s.calls(t); len(calls) > 2+4 {
		t.Errorf("%d calls for the holders of 150 keys", len(calls))
	}
}

// Reading all pages of a huge catalogue would take longer than a few lists of
// single products.
func TestAHugeCatalogueIsNotReadWhole(t *testing.T) {
	t.Parallel()
	s := start(t)
	ids := s.catalogue(t, stripesim.Test, 200)[:5]
	for _, probing := range []int{4, 0} {
		s.crowd(t, "^/v1/prices$", ids, s.test.WaitingForPrices, func(id string) {
			if got, err := s.test.Snapshot(t.Context(), id, nil); err != nil || len(got.Prices) != 3 {
				t.Errorf("%+v, %v", got, err)
			}
		})
		lists := 0
		for _, c := range s.calls(t) {
			if c.Path == "/v1/prices" {
				lists++
			}
		}
		// Two for each product, and at first the pages that told.
		if lists < 10 || lists > 10+probing {
			t.Errorf("%d lists", lists)
		}
	}
}

// Whoever asks after a change sees it, even while an older read is under way.
func TestNoAnswerIsOlderThanItsQuestion(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.seed(t, stripesim.Live, []string{proProduct}, proPrices)
	hold := set(t, s, stripesim.Fault{Kind: stripesim.Hold, At: stripesim.AtAfter, Match: stripesim.Match{Method: "GET", Path: "^/v1/products/prod_pro$"}})
	old := make(chan *catalog.Product, 1)
	read := func(to chan<- *catalog.Product) {
		p, err := s.live.Product(t.Context(), "prod_pro")
		if err != nil {
			t.Error(err)
		}
		to <- p
	}
	go read(old)
	if _, err := s.Sim.Held(t.Context(), hold); err != nil {
		t.Fatal(err)
	}
	if _, err := s.live.Send(t.Context(), catalog.Write{Path: "/v1/products/prod_pro", Body: "name=New", IdempotencyKey: "golive:1:new"}); err != nil {
		t.Fatal(err)
	}
	fresh := make(chan *catalog.Product, 1)
	go read(fresh)
	s.Sim.Release("", false)
	if p := <-old; p.Name != "Pro" {
		t.Errorf("the first read was not under way: %s", p.Name)
	}
	if p := <-fresh; p.Name != "New" {
		t.Errorf("an answer from before the question: %s", p.Name)
	}
}

func TestChecksOfABusyAccountShareCalls(t *testing.T) {
	t.Parallel()
	s := start(t)
	ids := make([]string, 20)
	s.crowd(t, "^/v1/account$", ids, s.live.WaitingForAccount, func(string) {
		if got, err := s.live.Account(t.Context()); err != nil || got.ID != s.Account.ID {
			t.Errorf("%+v, %v", got, err)
		}
	})
	if calls := s.calls(t); len(calls) != 2 {
		t.Errorf("%d calls for 20 questions", len(calls))
	}
}

// A batch that takes turns reads the whole account once, instead of each product.
func TestABatchIsReadOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	ids := s.catalogue(t, stripesim.Live, 30)
	stood := catalog.AskedAt(t.Context(), time.Now().Add(-time.Minute))
	for _, id := range ids {
		if got, err := s.live.Snapshot(stood, id, nil); err != nil || got == nil || len(got.Prices) != 3 {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	if calls := s.calls(t); len(calls) > 2*3 { // two, if the test takes longer than an answer is kept
		t.Errorf("%d calls for 30 snapshots", len(calls))
	}
}

// What a test key says of itself is asked for once in a while; a live account may change.
func TestATestKeyIsAskedOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, account := range []*stripegw.Account{s.test, s.live} {
		for range 2 {
			if _, err := account.Account(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if calls := s.calls(t); len(calls) != 1+2 {
		t.Errorf("%d calls", len(calls))
	}
}
