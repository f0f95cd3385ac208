package inbox_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
)

// What doesn't say how long it is may not be longer, either.
func TestADeliveryOfUnknownLengthHasALimit(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	body := bytes.Repeat([]byte(" "), 512<<10+1)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL, io.MultiReader(bytes.NewReader(body)))
	must(t, err)
	req.Header.Set("Stripe-Signature", signature(h.Secret, body, time.Now()))
	if req.ContentLength > 0 {
		t.Fatal("it says how long it is")
	}
	answer, err := http.DefaultClient.Do(req)
	must(t, err)
	must(t, answer.Body.Close())
	if answer.StatusCode != http.StatusRequestEntityTooLarge || s.count(t, `stripe_events`) != 0 {
		t.Errorf("it is answered %d", answer.StatusCode)
	}
}

// Of a delivery that is cut off on its way nothing is stored, whatever was signed.
func TestADeliveryThatIsCutOff(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	body := event("evt_1", "charge.succeeded", "charge", "ch_1")
	address := strings.TrimPrefix(s.web.URL, "http://")
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	must(t, err)
	defer conn.Close()
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nStripe-Signature: %s\r\nContent-Length: %d\r\n\r\n%s",
		strings.TrimPrefix(h.URL, s.web.URL), address, signature(h.Secret, body, time.Now()), len(body)+1, body)
	must(t, conn.(*net.TCPConn).CloseWrite())
	if text, _ := io.ReadAll(conn); !bytes.HasPrefix(text, []byte("HTTP/1.1 400")) || s.count(t, `stripe_events`) != 0 {
		t.Errorf("it is answered %.40q", text)
	}
	if status := s.deliver(t, h, body); status != http.StatusOK || s.statusOf(t, "evt_1") != "RECEIVED" {
		t.Errorf("whole, it is answered %d", status)
	}
}
