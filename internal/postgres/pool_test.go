package postgres_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

func TestOpenSaysWhatToMendAndKeepsThePassword(t *testing.T) {
	t.Parallel()
	good, err := url.Parse(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	stranger, elsewhere := *good, *good
	stranger.User = url.UserPassword("stranger", "hunter2")
	elsewhere.User, elsewhere.Path = url.UserPassword("postgres", "hunter2"), "/elsewhere"
	cases := map[string]struct{ url, want string }{
		"empty":             {"", "DATABASE_URL is empty"},
		"no URL":            {"postgres://me:hunter2@%zz/x", "DATABASE_URL is not a Postgres URL"},
		"port":              {"postgres://me:hunter2@localhost:x/x", "DATABASE_URL is not a Postgres URL"},
		"slash in password": {"postgres://me:hunter2/3@localhost/x", "DATABASE_URL is not a Postgres URL"},
		"key=value":         {"host=localhost password=hunter2 port=x", "DATABASE_URL is not a Postgres URL"},
		"at in password":    {"postgres://me:hun@ter2/x@localhost/x", "DATABASE_URL is not a Postgres URL"},
		"two ats":           {"postgres://me:hunter2@hunter2@localhost/x", "DATABASE_URL is not a Postgres URL"},
		"question mark":     {"postgres://me:1?hunter2@localhost/x", "DATABASE_URL is not a Postgres URL"},
		"hash":              {"postgres://me:1#hunter2@localhost/x", "DATABASE_URL is not a Postgres URL"},
		"nobody listens":    {"postgres://me:hunter2@127.0.0.1:1/x", "can't reach Postgres at 127.0.0.1:1"},
		"unknown user":      {stranger.String(), `rejected user "stranger"`},
		"unknown database":  {elsewhere.String(), `has no database "elsewhere"`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := postgres.Open(context.Background(), c.url)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "ter2") {
				t.Fatalf("the password is in %q", err)
			}
		})
	}
}

func TestOpenNamesTheProcess(t *testing.T) {
	t.Parallel()
	var name, zone string
	err := pgtest.New(t).QueryRow(context.Background(), `SELECT current_setting('application_name'), current_setting('timezone')`).Scan(&name, &zone)
	if err != nil || !strings.HasPrefix(name, "golive-") || zone != "UTC" {
		t.Fatalf("application_name %q, timezone %q, %v", name, zone, err)
	}
}
