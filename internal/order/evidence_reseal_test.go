package order_test

import (
	"bytes"
	"testing"

	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/stripesim"
)

// Evidence is sealed anew with the first key, and can be read as before.
func TestEvidenceIsSealedAnew(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	_, d := st.disputed(t, stripesim.Dispute{})
	_, err := st.disputes().SubmitEvidence(st.As, answers(d, "They got it.", false))
	must(t, err)
	sealed := func() (b []byte) {
		must(t, st.Pool.QueryRow(t.Context(), `SELECT evidence FROM disputes`).Scan(&b))
		return b
	}
	before := sealed()
	if n, err := order.Reseal(t.Context(), st.Orders.DB, st.Orders.Keys); n.Evidence != 1 || err != nil {
		t.Fatalf("sealed %+v anew, %v", n, err)
	}
	if bytes.Equal(sealed(), before) {
		t.Error("it is sealed as it was")
	}
	if got := st.evidence(t, d); got["uncategorized_text"] != "They got it." {
		t.Errorf("then it says %q", got)
	}
}
