package server

import (
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// A right that is known to be gone is heeded at once, and not only when what goes on by it
// has been cancelled.
func TestNothingIsSentByARightThatIsGone(t *testing.T) {
	t.Parallel()
	log := slog.New(slog.DiscardHandler)
	hub, err := postgres.NewHub(pgtest.URL(t), log)
	if err != nil {
		t.Fatal(err)
	}
	known := make(chan struct{})
	rights := tenant.NewRights(hub, log, nil) // nobody answers for anybody
	c := &socket{watch: rights.Watch(tenant.Actor{Principal: "token/1"}, time.Now(), func(*fault.Error) { close(known) })}
	go rights.Run(t.Context())
	<-known
	op := &operation{ctx: t.Context(), responses: graphql.OneShot(&graphql.Response{Data: json.RawMessage("{}")})}
	if c.sendNext(op) { // it has nowhere to send to
		t.Error("it is sent")
	}
}
