package e2e_test

import "sync"

// parallel runs functions side by side, some at a time. Tests whose cases mostly
// wait, since Stripe's rate limit allows few calls to an account, use it: t.Parallel
// runs no more cases at once than there are processors.
type parallel struct {
	slots chan struct{}
	all   sync.WaitGroup
}

func sideBySide(n int) *parallel { return &parallel{slots: make(chan struct{}, n)} }

func (p *parallel) add(run func()) {
	p.slots <- struct{}{}
	p.all.Go(func() {
		defer func() { <-p.slots }()
		run()
	})
}

func (p *parallel) wait() { p.all.Wait() }
