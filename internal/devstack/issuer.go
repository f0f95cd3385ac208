package devstack

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/oidcsim"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// team are the people of the demo tenant, with what each may do there.
var team = []struct {
	oidcsim.Person
	role tenant.Role
}{
	{oidcsim.Person{Subject: "ada", Email: "ada@golive.localhost", Name: "Ada", About: "admin"}, tenant.RoleAdmin},
	{oidcsim.Person{Subject: "dan", Email: "dan@golive.localhost", Name: "Dan", About: "deployer"}, tenant.RoleDeployer},
	{oidcsim.Person{Subject: "vik", Email: "vik@golive.localhost", Name: "Vik", About: "viewer"}, tenant.RoleViewer},
}

// issuer signs people in with one click, by the way that real issuers do.
type issuer struct {
	url, secret string
	listener    net.Listener
	server      *http.Server
	log         *slog.Logger
}

func startIssuer(ctx context.Context, addr string, log *slog.Logger) (*issuer, error) {
	listener, err := listenAt(ctx, addr)
	if err != nil {
		return nil, err
	}
	return &issuer{url: "http://" + listener.Addr().String(), secret: rand.Text(), listener: listener, log: log}, nil
}

// serve answers from now on; page is where Golive's page is.
func (i *issuer) serve(page string) error {
	sim, err := oidcsim.New(oidcsim.Config{URL: i.url, ClientID: "golive", ClientSecret: i.secret, Redirect: page + "/login/callback", People: people()})
	if err != nil {
		return err
	}
	i.server = &http.Server{Handler: sim, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := i.server.Serve(i.listener); !errors.Is(err, http.ErrServerClosed) {
			i.log.Error("the issuer stopped", "error", err)
		}
	}()
	return nil
}

func (i *issuer) stop() {
	if i.server != nil {
		_ = i.server.Close() // it has nothing to lose
	}
	_ = i.listener.Close()
}

// variables make the API sign people in here.
func (i *issuer) variables() map[string]string {
	return map[string]string{
		"GOLIVE_OIDC_ISSUER": i.url, "GOLIVE_OIDC_CLIENT_ID": "golive", "GOLIVE_OIDC_NAME": "the development sign-in",
		"GOLIVE_OIDC_CLIENT_SECRET": i.secret, "GOLIVE_OIDC_CLIENT_SECRET_FILE": "", "GOLIVE_OIDC_TRUST_EMAIL": "",
	}
}

func people() (all []oidcsim.Person) {
	for _, p := range team {
		all = append(all, p.Person)
	}
	return all
}

// admitTeam makes the people members of the demo tenant; none of them has a token.
func admitTeam(ctx context.Context, services app.Services, tenantID string) error {
	ctx = postgres.For(ctx, tenantID)
	return postgres.InTx(ctx, services.Tenants.DB, func(tx pgx.Tx) error {
		for _, p := range team {
			if err := tenant.Admit(ctx, tx, tenantID, p.Email, p.role); err != nil {
				return err
			}
		}
		return nil
	})
}
