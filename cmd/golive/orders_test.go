package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/fault"
)

// The commands of docs/payments.md work as they stand there, one after the other in the same
// shell; then people list, show and refund what came of them.
func TestFirstOrderAndWhatBecomesOfIt(t *testing.T) {
	t.Parallel()
	s := startStack(t, dataDir(t))
	t.Run("guide", func(t *testing.T) { testFirstOrder(t, s) })
	t.Run("commands", func(t *testing.T) { testOrders(t, s) })
}

func testFirstOrder(t *testing.T, s *stack) {
	page, err := os.ReadFile("../../docs/payments.md")
	if err != nil {
		t.Fatal(err)
	}
	_, guide, _ := strings.Cut(string(page), "<!-- first order:begin -->")
	guide, _, whole := strings.Cut(guide, "<!-- first order:end -->")
	blocks := regexp.MustCompile("(?s)```\n(.*?)```").FindAllStringSubmatch(guide, -1)
	if !whole || len(blocks) < 9 {
		t.Fatalf("%d blocks", len(blocks))
	}
	var script strings.Builder
	for _, block := range blocks {
		script.WriteString(block[1])
	}
	here := strings.NewReplacer("bin/golive", os.Args[0], "http://127.0.0.1:8082", s.stripe)
	cmd := exec.CommandContext(t.Context(), "bash", "-euxo", "pipefail", "-c", here.Replace(script.String()))
	cmd.Env = append(os.Environ(), append(s.env(), actAs+"=1")...)
	out, err := cmd.CombinedOutput()
	said := string(out)
	if err != nil || strings.Contains(said, `"error"`) || strings.Contains(said, `"errors"`) {
		t.Fatalf("%v\n%s", err, said)
	}
	for _, want := range []string{`"enabled":true`, `"checkoutUrl":"` + s.stripe, `"status":"PAID"`, `"status":"FULFILLED"`, "SUCCEEDED ", "captured 37.00 USD, refunded 7.00 USD", `"code":"INVALID_STATE"`} {
		if !strings.Contains(said, want) {
			t.Errorf("%s is not said:\n%s", want, said)
		}
	}
}

// testOrders finds A-17, of which 7.00 of 37.00 were refunded, and one that nobody paid.
func testOrders(t *testing.T, s *stack) {
	lines := strings.Split(strings.TrimSpace(golive(t, s.env(), "orders", "list", "--mode=test").out), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "000002  ") || !strings.Contains(lines[1], "  fulfilled  37.00 USD  cus-1  ") {
		t.Errorf("listed %q", lines)
	}
	for want, flags := range map[string][]string{
		"000001 000002": {"--customer=cus-1"}, "000001": {"--status=fulfilled,paid"}, "000001 ": {"A-1"}, "000002": {"--status=created"}, "": {"--attention"}, " ": {"--customer=nobody"},
	} {
		var orders []listedOrder
		r := golive(t, s.env(), append([]string{"orders", "list", "--mode=test", "--json"}, flags...)...)
		if err := json.Unmarshal([]byte(r.out), &orders); err != nil || len(orders) != len(strings.Fields(want)) {
			t.Errorf("%q: %+v", flags, r)
		}
		for _, o := range orders {
			if !strings.Contains(want, o.Number) {
				t.Errorf("%q lists %+v", flags, o)
			}
		}
	}
	if r := golive(t, s.env(), "orders", "list"); r.status != 0 || r.out != "" {
		t.Errorf("live has %+v", r)
	}
	golive(t, s.env(), "orders", "list", "--mode=test", "--first=1").says(t, "latest 1")
	golive(t, s.env(), "orders", "list", "--status=gone").fails(t, exitUsage, "awaiting_payment")

	shown := golive(t, s.env(), "orders", "show", "000001", "--mode=test").out
	for _, want := range []string{"2 × Dockside Espresso, 500 g", "captured 37.00 USD, refunded 7.00 USD", "payment  captured  37.00 USD  pi_", "refund  ", "re_", "paid  "} {
		if !strings.Contains(regexp.MustCompile(` {2,}`).ReplaceAllString(shown, "  "), want) {
			t.Errorf("%q is not shown in\n%s", want, shown)
		}
	}
	golive(t, s.env(), "orders", "show", "A-17").fails(t, 1, "live mode", "golive orders list")
	golive(t, s.env(), "orders", "show", "0000", "--mode=test").fails(t, 1, "the one you mean", "000001", "000002")
	testRefunds(t, s)
}

func testRefunds(t *testing.T, s *stack) {
	refund := func(flags ...string) result {
		return golive(t, s.env(), append([]string{"orders", "refund", "A-17", "--mode=test"}, flags...)...)
	}
	refund().fails(t, 1, "--yes")
	golive(t, s.env(), "orders", "refund", "A-1", "--mode=test", "--yes").fails(t, 1, "the one you mean", "000001")
	refund("--yes", "--amount=30.01").fails(t, 1, "30.00")
	refund("--yes", "--amount=1e1").fails(t, 1)
	refund("--yes", "--reason=bored").fails(t, exitUsage, "fraudulent")
	first := refund("--yes", "--amount=5", "--key=again", "--reason=duplicate").line(t)
	if again := refund("--yes", "--amount=5", "--key=again", "--reason=duplicate").line(t); again != first || !strings.HasPrefix(first, "SUCCEEDED ") {
		t.Errorf("%q and, with the same key, %q", first, again)
	}
	var rest orderRefund
	if r := refund("--yes", "--json"); json.Unmarshal([]byte(r.out), &rest) != nil || rest.Amount.Amount != "25.00" {
		t.Errorf("the rest: %+v", r)
	}
	golive(t, s.env(), "orders", "refund", "000002", "--mode=test", "--yes").fails(t, 1, "paid")
}

func TestRefundsThatMayHaveBeenMade(t *testing.T) {
	t.Parallel()
	for code, want := range map[fault.Code]bool{
		fault.StripeUnavailable: true, fault.Unavailable: true, fault.Internal: true,
		fault.VersionConflict: false, fault.InvalidInput: false, fault.Forbidden: false, fault.RateLimited: false,
	} {
		if got := mayHaveBeenDone(fault.New(code, "no")); got != want {
			t.Errorf("%s leaves open whether it was done: %t", code, got)
		}
	}
	if !mayHaveBeenDone(fmt.Errorf("%w: reset", client.ErrUnreachable)) || mayHaveBeenDone(nil) {
		t.Error("a lost answer, or one that came")
	}
}
