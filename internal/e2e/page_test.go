package e2e_test

import (
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/oidcsim"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// What people see of the page, in Chromium, while processes are killed, stopped and started
// anew, and the clock goes on by months: web/e2e/processes says it step by step. It isn't
// parallel, because a browser beside this package's other stacks would hardly get on.
//
//nolint:paralleltest // see above
func TestPageAmongProcesses(t *testing.T) {
	s := startPage(t)
	remote := httptest.NewServer(s)
	t.Cleanup(remote.Close)
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join("node_modules", "@playwright", "test", "cli.js"), "test", "--project=processes")
	cmd.Dir = filepath.Join("..", "..", "web")
	cmd.Env = append(os.Environ(), "GOLIVE_URL="+s.urls[0], "GOLIVE_STRIPE="+s.stripe.URL, "GOLIVE_REMOTE="+remote.URL, "CI=1")
	noticeJourneys(t, cmd.Dir)
	ended := make(chan error, 1)
	var said []byte
	go func() {
		var err error
		said, err = cmd.CombinedOutput()
		ended <- err
	}()
	for {
		select {
		case do := <-s.asked:
			do()
		case err := <-ended:
			if err != nil {
				t.Errorf("%v\n%s", err, said)
			}
			return
		}
	}
}

// pageStack is one API and one worker, a business with the demo catalogue, and people who
// sign in. Whoever drives a browser asks it for what happens to processes.
type pageStack struct {
	*stack
	t *testing.T
	// apiEnv keeps the API at one address, and worker is the one that runs now.
	apiEnv      []string
	api, worker *process
	// asked are carried out by the test itself, which alone may fail at once.
	asked chan func()
}

// people are who can sign in, with what each may do; Eve is no member.
var people = map[oidcsim.Person]tenant.Role{
	{Subject: "ada", Email: "ada@golive.localhost", Name: "Ada", About: "admin"}:    tenant.RoleAdmin,
	{Subject: "dan", Email: "dan@golive.localhost", Name: "Dan", About: "deployer"}: tenant.RoleDeployer,
	{Subject: "eve", Email: "eve@golive.localhost", Name: "Eve", About: "nobody"}:   "",
}

func startPage(t *testing.T) *pageStack {
	t.Helper()
	addr := freeAddr(t)
	issuer := startIssuer(t, "http://"+addr)
	// A short lease, because nobody waits for a long one before a browser.
	s := newProcesses(t, 0, 1, append(issuer, "GOLIVE_LEASE="+shortLease.String(), "GOLIVE_PUBLIC_URL=http://"+addr)...)
	p := &pageStack{stack: s, t: t, apiEnv: append(s.env, "GOLIVE_ADDR="+addr), worker: s.processes[0], asked: make(chan func())}
	p.api = spawn(t, "api", p.apiEnv)
	s.urls = []string{"http://" + addr}
	account, err := s.stripe.Sim.AddDemo()
	must(t, err)
	sh := s.connect(t, "demo", account, account)
	sh.importProducts(t, sh.tenantID)
	ctx := postgres.For(t.Context(), sh.tenantID)
	must(t, postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		for person, role := range people {
			if role == "" {
				continue
			}
			if err := tenant.Admit(ctx, tx, sh.tenantID, person.Email, role); err != nil {
				return err
			}
		}
		return nil
	}))
	return p
}

// freeAddr is one where an API can come back to.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	must(t, l.Close())
	return l.Addr().String()
}

// startIssuer signs people in by a click, and returns what makes an API at page use it.
func startIssuer(t *testing.T, page string) (env []string) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	url := "http://" + server.Listener.Addr().String()
	var all []oidcsim.Person
	for person := range people {
		all = append(all, person)
	}
	sim, err := oidcsim.New(oidcsim.Config{URL: url, ClientID: "golive", ClientSecret: "hush-hush-hush", Redirect: page + "/login/callback", People: all})
	must(t, err)
	server.Config.Handler = sim
	server.Start()
	t.Cleanup(server.Close)
	return []string{"GOLIVE_OIDC_ISSUER=" + url, "GOLIVE_OIDC_CLIENT_ID=golive", "GOLIVE_OIDC_CLIENT_SECRET=hush-hush-hush"}
}

// ServeHTTP does what a path names, and answers once that is done.
func (p *pageStack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	acts := map[string]func(){
		"/api/kill":      func() { p.api.kill(p.t) },
		"/api/start":     func() { p.api = spawn(p.t, "api", p.apiEnv) },
		"/worker/kill":   func() { p.worker.kill(p.t) },
		"/worker/start":  func() { p.worker = spawn(p.t, "worker", p.env) },
		"/worker/freeze": func() { must(p.t, p.worker.cmd.Process.Signal(syscall.SIGSTOP)) },
		"/worker/thaw":   func() { must(p.t, p.worker.cmd.Process.Signal(syscall.SIGCONT)) },
		"/clock":         func() { p.clock(p.t, at(p.t, r.FormValue("at"))) },
		"/clock/real":    p.realTime,
	}
	act, known := acts[r.URL.Path]
	if !known {
		http.NotFound(w, r)
		return
	}
	done := make(chan struct{})
	p.asked <- func() { defer close(done); act() }
	<-done
}

func (p *pageStack) realTime() {
	_, err := p.pool.Exec(p.t.Context(), `DELETE FROM clock`)
	must(p.t, err)
}

// noticeJourneys looks at what is run, so that Go, which keeps the results of tests, runs it
// again when it has changed.
func noticeJourneys(t *testing.T, web string) {
	t.Helper()
	for _, name := range []string{"playwright.config.ts", "package-lock.json", "documents.json"} {
		_, err := os.Stat(filepath.Join(web, name))
		must(t, err)
	}
	must(t, filepath.WalkDir(filepath.Join(web, "e2e"), func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".ts") {
			_, err = os.Stat(path)
		}
		return err
	}))
}
