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
	sendMail(t, u.Host, "golive@acme.example", to, body)
	caught := sink.Messages()
	sink.Stop()
	if len(caught) != 1 || caught[0].From != "golive@acme.example" || len(caught[0].To) != 2 || string(caught[0].Data) != body {
		t.Errorf("caught %q", caught)
	}
	if !strings.Contains(log.String(), `subject="Café is live"`) || strings.Contains(log.String(), "It is.") {
		t.Error(log.String())
	}
}

// sendMail does what smtp.SendMail does, under a name that strict servers take.
func sendMail(t *testing.T, host, from string, to []string, body string) {
	t.Helper()
	client, err := smtp.Dial(host)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	must(client.Hello("dev.acme.example"))
	must(client.Mail(from))
	for _, address := range to {
		must(client.Rcpt(address))
	}
	text, err := client.Data()
	must(err)
	_, err = text.Write([]byte(body))
	must(err)
	must(text.Close())
	must(client.Quit())
}
