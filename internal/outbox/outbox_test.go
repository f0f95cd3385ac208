package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/postgres"
)

const (
	ada  = "ada@acme.example"
	subj = "01a200cd-28d4-705d-8218-3fbfed24bab2"
)

// Whatever a notice is about: it goes out as its users say, once, to everybody who is
// to have it.
func TestNoticeOfAnySubject(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	for range 2 { // the same notice is written once
		o.insert(t, outbox.Entry{Version: 7, Kind: news, Actor: "eve", To: []outbox.Addressee{{Address: ada}, {Address: bob, Required: true}}, Unasked: true})
	}
	o.insert(t, outbox.Entry{Version: 8, Kind: news, To: []outbox.Addressee{{Address: ada}}}) // nobody asked for it
	o.deliver(t)
	var got []string
	for _, m := range o.post.Take() {
		got = append(got, fmt.Sprintf("%s, unsubscribe %v", m.To, m.Unsubscribe != ""))
	}
	if want := []string{ada + ", unsubscribe true", bob + ", unsubscribe false"}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, not %v", got, want)
	}
	if n := o.asked[0]; len(o.asked) != 2 || n.Subject != subj || n.Version != 7 || n.Kind != news.Kind || n.Actor != "eve" || !n.Wanted || o.asked[1].Required == n.Required {
		t.Errorf("asked for %+v", o.asked)
	}
	if got := o.Notices(t); !maps.Equal(got, map[string]int{"STARTED SENT": 2}) || len(o.refused) != 0 {
		t.Errorf("%v, refused %v", got, o.refused)
	}
}

// Those who compose say what has nothing to tell any more.
func TestNoticeThatIsMoot(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	o.moot = true
	o.insert(t, outbox.Entry{Kind: news, To: []outbox.Addressee{{Address: ada, Required: true}}})
	o.deliver(t)
	if got := o.Notices(t); !maps.Equal(got, map[string]int{"STARTED DROPPED": 1}) || len(o.post.Take()) != 0 {
		t.Errorf("%v", got)
	}
}

// Of what will never arrive its users are told in the same transaction, and whoever they
// name hears of it.
func TestNoticeRefusedIsItsUsersAffair(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	o.post.Answer(ada, 550)
	next := o.listen(t)
	o.insert(t, outbox.Entry{Version: 3, Kind: news, To: []outbox.Addressee{{Address: ada, Required: true}}})

	o.failing = errors.New("the users cannot note it")
	m := o.handOut(t)
	if err := o.Deliver(t.Context(), m.id, m.job); !errors.Is(err, o.failing) {
		t.Errorf("got %v", err)
	}
	if got := o.Notices(t); !maps.Equal(got, map[string]int{"STARTED QUEUED": 1}) {
		t.Errorf("settled without them: %v", got)
	}
	o.failing, o.refused = nil, nil
	o.Exec(t, `UPDATE mails SET claimed_until = now() - interval '1 second'`)
	o.deliver(t)
	if rung := next(); rung != "what they name" {
		t.Errorf("rung for %q", rung)
	}
	if got := o.Notices(t); !maps.Equal(got, map[string]int{"STARTED REFUSED": 1}) {
		t.Errorf("%v", got)
	}
	if len(o.refused) != 1 || o.refused[0].Subject != subj || o.refused[0].Version != 3 || o.refused[0].Recipient != ada || o.why == "" {
		t.Errorf("told of %+v: %q", o.refused, o.why)
	}
}

// Withdraw takes back what is about a subject and of a kind, and not on its way yet.
func TestNoticeIsWithdrawn(t *testing.T) {
	t.Parallel()
	o := newOwn(t)
	o.insert(t, outbox.Entry{Version: 1, Kind: news, To: []outbox.Addressee{{Address: ada, Required: true}}})
	o.handOut(t)
	o.insert(t, outbox.Entry{Version: 2, Kind: news, To: []outbox.Addressee{{Address: ada, Required: true}}})
	o.insert(t, outbox.Entry{Version: 2, Kind: outbox.Traits{Kind: "FAILED", Importance: 1}, To: []outbox.Addressee{{Address: ada, Required: true}}})
	must(t, postgres.InTx(t.Context(), o.DB, func(tx pgx.Tx) error { return outbox.Withdraw(t.Context(), tx, subj, news.Kind) }))
	if got := o.Notices(t); !maps.Equal(got, map[string]int{"STARTED QUEUED": 1, "FAILED WAITING": 1}) {
		t.Errorf("%v", got)
	}
}

// compose writes the plainest mail of what is asked for.
func (o *own) compose(_ context.Context, notices []outbox.Notice) (outbox.Composed, error) {
	if o.moot {
		return outbox.Composed{Moot: notices}, nil
	}
	o.asked = append(o.asked, notices...)
	return outbox.Composed{Live: notices, Mail: mail.Notice{
		Kind: mail.Started, Key: fmt.Sprint(notices[0].ID), Tenant: "Acme", Product: "Pro", Deployment: subj, URL: "https://golive.example/",
	}}, nil
}

func (o *own) note(_ context.Context, _ pgx.Tx, n outbox.Notice, why string) ([]string, error) {
	o.refused, o.why = append(o.refused, n), why
	return []string{"what they name"}, o.failing
}
