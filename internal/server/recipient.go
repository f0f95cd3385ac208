package server

import (
	"context"
	_ "embed" // for the page beside this file
	"html/template"
	"log/slog"
	"net/http"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/recipient"
)

//go:embed recipient.html
var recipientText string

var recipientPage = template.Must(template.New("recipient").Parse(recipientText))

// confirming asks people outside a tenant, by a link in an email and without a login,
// whether they want its emails. To GET it changes nothing, since programs that look for
// harmful links follow them all.
type confirming struct {
	recipients *recipient.Service
	log        *slog.Logger
	within     within
	// unavailable turns the database's trouble into UNAVAILABLE.
	unavailable func(error) error
}

// recipientView is what the page shows: a question, what was answered, or a refusal.
type recipientView struct {
	recipient.Question
	Refusal string
}

func (c confirming) ask(w http.ResponseWriter, r *http.Request) {
	c.show(w, r, c.recipients.Question)
}

// answer takes one of the page's two buttons.
func (c confirming) answer(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<10)
	says := r.PostFormValue("answer")
	if says != "confirm" && says != "refuse" {
		linkPage(w, recipientPage, recipientView{Refusal: "Use one of the buttons on this page."}, http.StatusBadRequest)
		return
	}
	c.show(w, r, func(ctx context.Context, secret string) (recipient.Question, error) {
		return c.recipients.Answer(ctx, secret, says == "confirm")
	})
}

func (c confirming) show(w http.ResponseWriter, r *http.Request, do func(context.Context, string) (recipient.Question, error)) {
	var q recipient.Question
	err := c.within(r.Context(), func(ctx context.Context) (err error) {
		q, err = do(ctx, r.PathValue("secret"))
		return err
	})
	view, status := recipientView{Question: q}, http.StatusOK
	switch problem := fault.As(c.unavailable(err)); {
	case problem != nil:
		view, status = recipientView{Refusal: problem.Message}, statusOf(problem.Code)
	case err != nil:
		c.log.Log(r.Context(), levelOf(err), "a recipient's answer failed", "error", err, "request_id", logid.Request(r.Context()))
		view, status = recipientView{Refusal: "Something went wrong on our side. Try again later."}, http.StatusInternalServerError
	}
	linkPage(w, recipientPage, view, status)
}
