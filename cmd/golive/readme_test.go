package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// What README tells somebody new to type works as it stands there, one command after the
// other.
func TestReadmeFirstHour(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, hour, _ := strings.Cut(string(readme), "<!-- first hour:begin -->")
	hour, _, whole := strings.Cut(hour, "<!-- first hour:end -->")
	blocks := regexp.MustCompile("(?s)```\n(.*?)```").FindAllStringSubmatch(hour, -1)
	if !whole || len(blocks) < 5 {
		t.Fatalf("%d blocks", len(blocks))
	}
	s := startStack(t, dataDir(t))
	here := strings.NewReplacer("bin/golive", os.Args[0], "http://127.0.0.1:8082", s.stripe, "http://127.0.0.1:8080", s.url)
	for _, block := range blocks {
		cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", here.Replace(block[1]))
		cmd.Env = append(os.Environ(), append(s.env(), actAs+"=1")...)
		if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), `"error"`) {
			t.Fatalf("%v in\n%s\n%s", err, block[1], out)
		}
	}
	for name, want := range map[string]string{"barista": "ROLLED_BACK", "pine free": "Marketing isn't ready"} {
		if h := golive(t, s.env(), "history", name).out; !strings.Contains(h, want) {
			t.Errorf("%s: %s", name, h)
		}
	}
}
