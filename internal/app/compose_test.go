package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/app"
)

const root = "../.."

// project is what the Compose specification makes of docker-compose.yml.
type project struct {
	Services map[string]struct {
		Build       *struct{}
		Environment map[string]*string
		Secrets     []struct{ Source string }
		HealthCheck *struct{}
		Deploy      *struct{ Replicas *int }
		DependsOn   map[string]struct{ Condition string } `json:"depends_on"`
		Networks    map[string]*struct{ Aliases []string }
	}
	Configs map[string]struct{ Content string }
}

// load fails on a key that the Compose specification does not know. The
// specification's own code stays out of this module, in the witness'.
func load(ctx context.Context, yaml []byte) (p project, err error) {
	cmd := exec.CommandContext(ctx, "go", "run", "./compose")
	cmd.Dir = filepath.Join(root, "internal", "witness")
	cmd.Env = append(os.Environ(), "GOWORK=off")
	cmd.Stdin = bytes.NewReader(yaml)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return p, fmt.Errorf("%w: %s", err, complaints.String())
	}
	return p, json.Unmarshal(out, &p)
}

func composeFile(t *testing.T) []byte {
	t.Helper()
	yaml, err := os.ReadFile(filepath.Join(root, "docker-compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	return yaml
}

func composed(t *testing.T, yaml []byte) project {
	t.Helper()
	p, err := load(t.Context(), yaml)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ours are the services that run our binaries.
func ours(p project) (names []string) {
	for name, s := range p.Services {
		if s.Build != nil {
			names = append(names, name)
		}
	}
	return names
}

// unread lists service.VARIABLE where no binary reads the variable.
func unread(p project) []string {
	var known []string
	for _, v := range app.Variables {
		known = append(known, v.Name)
		if v.Secret {
			known = append(known, v.FileName())
		}
	}
	var unknown []string
	for _, name := range ours(p) {
		for variable := range p.Services[name].Environment {
			if !slices.Contains(known, variable) {
				unknown = append(unknown, name+"."+variable)
			}
		}
	}
	return unknown
}

func TestComposeSetsOnlyWhatIsRead(t *testing.T) {
	t.Parallel()
	if unknown := unread(composed(t, composeFile(t))); unknown != nil {
		t.Errorf("no binary reads %q", unknown)
	}
}

func TestComposeTestSeesMistakes(t *testing.T) {
	t.Parallel()
	yaml := string(composeFile(t))
	misspelt := strings.Replace(yaml, "depends_on:", "dependson:", 1)
	if _, err := load(t.Context(), []byte(misspelt)); err == nil || !strings.Contains(err.Error(), "dependson") {
		t.Errorf("an unknown key went unseen: %v", err)
	}
	unknown := unread(composed(t, []byte(strings.Replace(yaml, "GOLIVE_ADDR:", "GOLIVE_ADD:", 1))))
	if !slices.Equal(unknown, []string{"api.GOLIVE_ADD"}) {
		t.Errorf("a misspelt variable went unseen: %q", unknown)
	}
}

// Each process has what it cannot start without, by file.
func TestComposeGivesRequiredSecrets(t *testing.T) {
	t.Parallel()
	project := composed(t, composeFile(t))
	for _, name := range []string{"api", "worker"} {
		for _, v := range app.Variables {
			if !v.Required {
				continue
			}
			path := project.Services[name].Environment[v.FileName()]
			if path == nil {
				t.Errorf("%s lacks %s", name, v.FileName())
				continue
			}
			mounted := func(s struct{ Source string }) bool { return "/run/secrets/"+s.Source == *path }
			if !slices.ContainsFunc(project.Services[name].Secrets, mounted) {
				t.Errorf("%s: %s names %s, which is not mounted", name, v.FileName(), *path)
			}
		}
	}
}

// Workers send, and both write links.
func TestComposeHasMailWhereItIsSent(t *testing.T) {
	t.Parallel()
	project := composed(t, composeFile(t))
	api, worker := project.Services["api"].Environment, project.Services["worker"].Environment
	for _, name := range []string{"GOLIVE_SMTP_URL", "GOLIVE_MAIL_FROM", "GOLIVE_PUBLIC_URL"} {
		if worker[name] == nil {
			t.Fatalf("the worker lacks %s", name)
		}
	}
	if address := api["GOLIVE_PUBLIC_URL"]; address == nil || *address != *worker["GOLIVE_PUBLIC_URL"] {
		t.Error("api and worker write different links")
	}
	catcher := project.Services["worker"].Environment["GOLIVE_SMTP_URL"]
	if _, err := app.Load(func(name string) (string, bool) { return map[string]string{"GOLIVE_SMTP_URL": *catcher}[name], true }); err != nil && strings.Contains(err.Error(), "GOLIVE_SMTP_URL") {
		t.Error(err)
	}
}

// Dex, the API and browsers must mean the same by an address, and Dex must know the API.
func TestComposeSignsIn(t *testing.T) {
	t.Parallel()
	project := composed(t, composeFile(t))
	api, dex := project.Services["api"].Environment, project.Configs["dex"].Content
	issuer, err := url.Parse(*api["GOLIVE_OIDC_ISSUER"])
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"issuer: " + issuer.String() + "\n", "id: " + *api["GOLIVE_OIDC_CLIENT_ID"] + ",",
		`"` + *api["GOLIVE_PUBLIC_URL"] + `/login/callback"`, `hash: "$2a$10$`,
	} {
		if !strings.Contains(dex, line) {
			t.Errorf("Dex lacks %q:\n%s", line, dex)
		}
	}
	if network := project.Services["dex"].Networks["default"]; network == nil || !slices.Contains(network.Aliases, issuer.Hostname()) {
		t.Errorf("the API can't find %s", issuer.Hostname())
	}
	_, err = app.Load(environment(t, map[string]string{
		"GOLIVE_PUBLIC_URL": *api["GOLIVE_PUBLIC_URL"], "GOLIVE_OIDC_ISSUER": issuer.String(), "GOLIVE_OIDC_CLIENT_ID": *api["GOLIVE_OIDC_CLIENT_ID"],
	}))
	if err != nil {
		t.Error(err)
	}
}

func TestComposeHasAllParts(t *testing.T) {
	t.Parallel()
	project := composed(t, composeFile(t))
	for _, name := range []string{"postgres", "api", "worker", "mail", "dex"} {
		if project.Services[name].HealthCheck == nil {
			t.Errorf("%s has no health check", name)
		}
	}
	if d := project.Services["worker"].Deploy; d == nil || d.Replicas == nil || *d.Replicas != 2 {
		t.Error("there are not two workers")
	}
	if len(ours(project)) < 3 {
		t.Errorf("few of the services are ours: %v", ours(project))
	}
	for _, name := range ours(project) {
		waits := project.Services[name].DependsOn["migrate"].Condition == "service_completed_successfully"
		if name != "migrate" && !waits {
			t.Errorf("%s does not wait for the migrations", name)
		}
	}
}

func TestImageRunsAsNobodySpecial(t *testing.T) {
	t.Parallel()
	dockerfile, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	_, last, _ := strings.Cut(string(dockerfile), "\nFROM ")
	_, user, found := strings.Cut(last, "\nUSER ")
	user, _, _ = strings.Cut(user, "\n")
	if !found || strings.HasPrefix(user, "0") || strings.HasPrefix(user, "root") {
		t.Errorf("the image runs as %q", user)
	}
}
