package server

import (
	"bytes"
	"context"
	_ "embed" // for the page beside this file
	"html/template"
	"log/slog"
	"net/http"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/notify"
)

//go:embed unsubscribe.html
var unsubscribeText string

var unsubscribePage = template.Must(template.New("unsubscribe").Parse(unsubscribeText))

// unsubscribing ends mails by a link in one of them, without a login: by the button
// of its page, or at once by the POST of a mail program (RFC 8058). To GET it
// changes nothing, since programs that look for harmful links follow them all.
type unsubscribing struct {
	choices *notify.Choices
	log     *slog.Logger
	within  within
	// unavailable turns the database's trouble into UNAVAILABLE.
	unavailable func(error) error
}

// unsubscribeView is what the page shows: a question, an answer, or a refusal.
type unsubscribeView struct {
	notify.Subscription
	Done    bool
	Refusal string
}

func (u unsubscribing) ask(w http.ResponseWriter, r *http.Request) {
	u.show(w, r, u.choices.Subscription, false)
}

func (u unsubscribing) end(w http.ResponseWriter, r *http.Request) {
	u.show(w, r, u.choices.Unsubscribe, true)
}

func (u unsubscribing) show(w http.ResponseWriter, r *http.Request, do func(context.Context, string) (notify.Subscription, error), done bool) {
	var sub notify.Subscription
	err := u.within(r.Context(), func(ctx context.Context) (err error) {
		sub, err = do(ctx, r.PathValue("ticket"))
		return err
	})
	view, status := unsubscribeView{Subscription: sub, Done: done}, http.StatusOK
	switch problem := fault.As(u.unavailable(err)); {
	case problem != nil:
		view, status = unsubscribeView{Refusal: problem.Message}, statusOf(problem.Code)
	case err != nil:
		u.log.Log(r.Context(), levelOf(err), "unsubscribe failed", "error", err, "request_id", logid.Request(r.Context()))
		view, status = unsubscribeView{Refusal: "Something went wrong on our side. Try again later."}, http.StatusInternalServerError
	}
	linkPage(w, unsubscribePage, view, status)
}

// linkPage shows the page behind a link in an email, which may do nothing but send its form.
func linkPage(w http.ResponseWriter, page *template.Template, view any, status int) {
	var text bytes.Buffer
	if err := page.Execute(&text, view); err != nil {
		http.Error(w, "The page couldn't be shown.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	// Without a referrer browsers would say that the button's request comes from nowhere.
	h.Set("Referrer-Policy", "same-origin")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes())
}
