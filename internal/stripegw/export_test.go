package stripegw

// WaitingForPrices, WaitingForProducts, WaitingForKeyHolders and WaitingForAccount are how many
// questions of a kind have joined the round that forms.
func (a *Account) WaitingForPrices() int { return a.pricesOf.waiting() }

func (a *Account) WaitingForProducts() int { return a.products.waiting() }

func (a *Account) WaitingForKeyHolders() int { return a.keyHolders.waiting() }

func (a *Account) WaitingForAccount() int { return a.accounts.waiting() }

// Accounts is how many accounts, and so keys, the gateway remembers.
func (g *Gateway) Accounts() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.accounts)
}

func (s *shared[Q, A]) waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == nil {
		return 0
	}
	return len(s.next.questions)
}
