package stripesim_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/stripesim"
)

// books are what the simulator holds after all, as far as money goes.
type books struct {
	Intents []struct {
		ID             string
		Status         string
		Amount         int64
		AmountReceived int64  `json:"amount_received"`
		LatestCharge   string `json:"latest_charge"`
	} `json:"payment_intents"`
	Charges []struct {
		ID             string
		Amount         int64
		AmountCaptured int64 `json:"amount_captured"`
		AmountRefunded int64 `json:"amount_refunded"`
		Captured       bool
		Transaction    *string `json:"balance_transaction"`
	}
	Refunds []struct {
		ID, Charge, Status string
		Amount             int64
	}
	Transactions []struct {
		ID, Type, Currency string
		Source             *string
		Amount, Fee, Net   int64
		Payout             string `json:"_payout"`
	} `json:"balance_transactions"`
	Payouts []struct {
		ID, Currency string
		Amount       int64
	}
}

// TestBooksBalance: whatever payers, banks and merchants do in whatever order, each unit
// of money is somewhere, once.
func TestBooksBalance(t *testing.T) {
	t.Parallel()
	b := setup(t)
	random := rand.New(rand.NewPCG(1, 2))
	var ids, refunded, disputed []string
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	for range 600 {
		switch n := random.IntN(12); {
		case n < 5 || len(ids) == 0:
			ids = append(ids, b.randomPayment(random))
		case n < 7:
			if a := b.must("POST", refunds, fmt.Sprintf("payment_intent=%s&amount=%d", pick(ids), 100*(1+random.IntN(1500)))); a.status == 200 {
				refunded = append(refunded, a.get("id"))
			}
		case n == 7:
			b.must("POST", intents+"/"+pick(ids)+"/capture", fmt.Sprintf("amount_to_capture=%d", 100*(1+random.IntN(9000))))
		case n == 8 && len(refunded) > 0:
			_ = b.Sim.Settle(pick(refunded), random.IntN(2) == 0) // refused where it has ended
		case n == 9:
			if id, err := b.Sim.Dispute(pick(ids), stripesim.Dispute{Inquiry: random.IntN(3) == 0}); err == nil {
				disputed = append(disputed, id)
			}
		case n == 10 && len(disputed) > 0:
			_ = b.Sim.Decide(pick(disputed), pick([]string{"won", "lost", "escalated", "warning_closed"})) // refused where it has ended
		default:
			b.Sim.Advance(time.Duration(random.IntN(48)) * time.Hour)
			_ = b.Sim.Settle(pick(ids), random.IntN(3) > 0) // refused where nothing is under way
			paid, err := b.Sim.Payout(b.Account.ID, stripesim.Test)
			b.did(err)
			for _, id := range paid {
				b.did(b.Sim.Settle(id, random.IntN(4) > 0))
			}
		}
	}
	b.Sim.Advance(100 * 24 * time.Hour)
	b.balance(readBooks(t, b))
}

// randomPayment is of some method and currency, and returns the intent's id.
func (b bench) randomPayment(random *rand.Rand) string {
	b.t.Helper()
	currencies := []string{"usd", "eur", "jpy", "kwd", "isk", "gbp", "huf", "brl"}
	method := []string{"automatic", "manual"}[random.IntN(2)]
	id := b.ok("POST", intents, fmt.Sprintf("amount=%d&currency=%s&capture_method=%s", 1000*(20+random.IntN(900)), currencies[random.IntN(len(currencies))], method)).get("id")
	all := stripesim.Methods()
	b.did(b.Sim.Pay(id, all[random.IntN(len(all))]))
	if random.IntN(2) == 0 {
		_ = b.Sim.Authenticate(id, random.IntN(3) > 0) // refused where nobody asks
	}
	return id
}

func readBooks(t *testing.T, b bench) (kept books) {
	t.Helper()
	s, err := b.Sim.Dump(b.Account.ID, stripesim.Test)
	b.did(err)
	if err := json.Unmarshal([]byte(encode(t, s)), &kept); err != nil {
		t.Fatal(err)
	}
	return kept
}

func (b bench) balance(kept books) {
	b.t.Helper()
	booked, sums, paidOut := map[string]int64{}, map[string]int64{}, map[string]int64{}
	for _, tx := range kept.Transactions {
		if tx.Net != tx.Amount-tx.Fee {
			b.t.Errorf("%+v does not add up", tx)
		}
		sums[tx.Currency] += tx.Net
		if tx.Type != "payout" {
			paidOut[tx.Payout] += tx.Net
		}
		if tx.Source != nil {
			booked[tx.Type+" "+*tx.Source] += tx.Amount
		}
	}
	given := map[string]int64{}
	for _, r := range kept.Refunds {
		if r.Status != "failed" {
			given[r.Charge] += r.Amount
		}
		back := booked["refund "+r.ID] + booked["payment_refund "+r.ID] + booked["refund_failure "+r.ID]
		if want := map[bool]int64{true: 0, false: -r.Amount}[r.Status == "failed"]; back != want {
			b.t.Errorf("refund %+v is booked with %d", r, back)
		}
	}
	for _, c := range kept.Charges {
		took := booked["charge "+c.ID] + booked["payment "+c.ID]
		if took != c.AmountCaptured || c.Captured != (c.Transaction != nil) {
			b.t.Errorf("charge %+v is booked with %d", c, took)
		}
		if c.Captured && c.AmountRefunded != c.Amount-c.AmountCaptured+given[c.ID] || given[c.ID] > c.AmountCaptured {
			b.t.Errorf("charge %+v gave back %d", c, given[c.ID])
		}
	}
	for _, p := range kept.Payouts {
		if p.Amount != paidOut[p.ID] {
			b.t.Errorf("payout %+v is of %d", p, paidOut[p.ID])
		}
	}
	b.sums(sums)
	if len(kept.Payouts) < 10 || len(kept.Refunds) < 20 {
		b.t.Errorf("only %d payouts and %d refunds", len(kept.Payouts), len(kept.Refunds))
	}
}

// sums compares with GET /v1/balance.
func (b bench) sums(want map[string]int64) {
	b.t.Helper()
	a := b.ok("GET", "/v1/balance", "")
	for _, kind := range []string{"available", "pending"} {
		for _, each := range a.body[kind].([]any) {
			sum := each.(object)
			want[fmt.Sprint(sum["currency"])] -= int64(sum["amount"].(float64))
		}
	}
	for currency, left := range want {
		if left != 0 {
			b.t.Errorf("the balance lacks %d %s", left, currency)
		}
	}
}

// TestOnePaymentWins however many try at once, and pays once.
func TestOnePaymentWins(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.receive("")
	id := b.session("")
	var won atomic.Int32
	var tries sync.WaitGroup
	for i := range 40 {
		tries.Go(func() {
			if i%4 == 0 {
				b.must("POST", sessions+"/"+id+"/expire", "")
			} else if b.Sim.Pay(id, "") == nil {
				won.Add(1)
			}
		})
	}
	tries.Wait()
	b.settle()
	a := b.ok("GET", sessions+"/"+id, "")
	expired := a.get("status") == "expired"
	if want := map[bool]int32{true: 0, false: 1}[expired]; won.Load() != want {
		t.Errorf("%d paid a session that is %s", won.Load(), a.get("status"))
	}
	if got, want := r.types(t), map[bool]string{true: "", false: paidEvents}[expired]; got != want {
		t.Errorf("got %s", got)
	}
}

// TestRefundsNeverExceedTheCharge, however many come at once.
func TestRefundsNeverExceedTheCharge(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.paid("pm_card_visa")
	var statuses [30]int
	var tries sync.WaitGroup
	for i := range statuses {
		tries.Go(func() { statuses[i] = b.must("POST", refunds, "amount=300&payment_intent="+id).status })
	}
	tries.Wait()
	slices.Sort(statuses[:])
	if statuses[5] != 200 || statuses[6] != 400 {
		t.Errorf("of 2,000 these refunded 300: %v", statuses)
	}
}
