package devstack_test

import (
	"bytes"
	"net/smtp"
	"net/url"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/devstack"
)

func TestMailIsCaught(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	sink, err := devstack.StartMail(t.Context(), app.NewLogger(&log, "text"))
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(sink.URL)
	if err != nil {
		t.Fatal(err)
	}
	body := "Subject: =?utf-8?q?Caf=C3=A9_is_live?=\r\n\r\nIt is.\r\n"
	to := []string{"ada@acme.example", "bob@acme.example"}
	if err := smtp.SendMail(u.Host, nil, "golive@acme.example", to, []byte(body)); err != nil {
		t.Fatal(err)
	}
	caught := sink.Messages()
	sink.Stop()
	if len(caught) != 1 || caught[0].From != "golive@acme.example" || len(caught[0].To) != 2 || string(caught[0].Data) != body {
		t.Errorf("caught %q", caught)
	}
	if !strings.Contains(log.String(), `subject="Café is live"`) || strings.Contains(log.String(), "It is.") {
		t.Error(log.String())
	}
}
