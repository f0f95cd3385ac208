package plan

import "github.com/golive-hq/golive/internal/catalog"

// pair is a test price with its live one; live is nil where there is none yet.
type pair struct {
	test *catalog.Price
	live *catalog.Price
}

// replaced tells that Stripe cannot turn the live price into the test one.
func (p pair) replaced() bool {
	return p.live != nil && p.creatable() && !sameFrozen(p.test, p.live)
}

// needsCreate tells that a new live price comes into being for the pair. A price that
// was archived before it ever was live stays in test.
func (p pair) needsCreate() bool {
	return p.creatable() && (p.live == nil || p.replaced())
}

// creatable tells that a live price may be made from the test one. A meter is an
// object of test that live does not have; where the checks do not refuse such a
// price, because its product is only being archived, it stays in test.
func (p pair) creatable() bool { return p.test.Active && p.test.Meter() == "" }

// matcher pairs the prices of test and live. Each live price is taken once.
type matcher struct {
	in    Input
	taken map[string]bool
	pairs []pair
	links []Link
}

// match pairs every test price: by link, then by stamp, and where the live
// product is being adopted by lookup key and content, then by content alone if
// that is one-to-one.
func match(in Input) ([]pair, []Link) {
	m := matcher{in: in, taken: map[string]bool{}}
	for _, liveID := range in.Known.Links.Prices() {
		m.taken[liveID] = true
	}
	for i := range in.Test.Prices {
		m.pairs = append(m.pairs, pair{test: &in.Test.Prices[i]})
	}
	if in.Live == nil {
		return m.pairs, nil
	}
	m.byLink()
	m.each(m.sameStamp, false)
	if in.Adopt {
		m.each(m.sameKeyAndContent, true)
		m.byContent()
	}
	return m.pairs, m.links
}

func (m *matcher) byLink() {
	for i, p := range m.pairs {
		if live := m.in.Live.Price(m.in.Known.Links.Price(p.test.ID)); live != nil {
			m.pairs[i].live = live
		}
	}
}

// each gives every unpaired test price the first free live price that fits.
func (m *matcher) each(fits func(test, live *catalog.Price) bool, adopted bool) {
	for i, p := range m.pairs {
		if p.live != nil {
			continue
		}
		if free := m.free(func(live *catalog.Price) bool { return fits(p.test, live) }); len(free) > 0 {
			m.take(i, free[0], adopted)
		}
	}
}

// byContent pairs prices that are alike and unlike all others: twins stay apart,
// for nobody can say which is which.
func (m *matcher) byContent() {
	for i, p := range m.pairs {
		if p.live != nil || m.alikeInTest(p.test) != 1 {
			continue
		}
		if free := m.free(func(live *catalog.Price) bool { return sameFrozen(p.test, live) }); len(free) == 1 {
			m.take(i, free[0], true)
		}
	}
}

func (m *matcher) take(i int, live *catalog.Price, adopted bool) {
	m.pairs[i].live = live
	m.taken[live.ID] = true
	m.links = append(m.links, Link{
		Resource: catalog.ResourcePrice, TestID: m.pairs[i].test.ID, LiveID: live.ID, Adopted: adopted,
	})
}

func (m *matcher) free(fits func(*catalog.Price) bool) []*catalog.Price {
	var free []*catalog.Price
	for i := range m.in.Live.Prices {
		live := &m.in.Live.Prices[i]
		if !m.taken[live.ID] && fits(live) {
			free = append(free, live)
		}
	}
	return free
}

func (m *matcher) sameStamp(test, live *catalog.Price) bool {
	stamp, ours := m.in.stampOf(Object{catalog.ResourcePrice, live.ID}, live.Metadata)
	return ours && stamp.TestID == test.ID && sameFrozen(test, live)
}

func (m *matcher) sameKeyAndContent(test, live *catalog.Price) bool {
	return test.LookupKey != "" && test.LookupKey == live.LookupKey && sameFrozen(test, live)
}

func (m *matcher) alikeInTest(price *catalog.Price) int {
	n := 0
	for _, p := range m.pairs {
		if p.live == nil && sameFrozen(price, p.test) {
			n++
		}
	}
	return n
}
