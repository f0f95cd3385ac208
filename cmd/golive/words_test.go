package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/client"
)

// Behind a variable that is not set there is nothing that anybody named. Every command
// and flag refuses it before it asks anybody anything: no address, token or database is
// given here.
func TestBlankArgumentsAreRefused(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"<product>":        {"go-live", "BLANK", "--yes"},
		"<deployment>":     {"cancel", "BLANK"},
		"<target>":         {"rollback", "BLANK", "--yes"},
		"<time>":           {"schedule", "prod_A", "BLANK", "--yes"},
		"[<product> ...]":  {"import", "BLANK"},
		"[<search>]":       {"products", "BLANK"},
		"--tenant":         {"token", "list", "--tenant", "BLANK"},
		"--reason":         {"pause", "--reason", "BLANK"},
		"--to":             {"schedule", "prod_A", "tomorrow 9:00", "--to", "a@example.com,BLANK"},
		"--remind":         {"schedule", "prod_A", "tomorrow 9:00", "--remind", "BLANK"},
		"<slug>":           {"tenant", "create", "BLANK", "--name", "A"},
		"<id>":             {"token", "revoke", "BLANK"},
		"--token":          {"products", "--token", "BLANK"},
		"--probe":          {"doctor", "--probe", "BLANK"},
		"[<product> ...] ": {"import", "prod_A", "BLANK"},
	} {
		for _, blank := range []string{"", " ", "\t\n", "\u00a0", "\u200b"} {
			given := make([]string, len(args))
			for i, arg := range args {
				given[i] = strings.ReplaceAll(arg, "BLANK", blank)
			}
			golive(t, nil, given...).fails(t, exitUsage, strings.TrimSpace(name)+" is empty")
		}
	}
}

func TestSecretsAreNotRepeated(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"connect", "sk_live_51H4mbur9er"},
		{"connect", "--key=sk_live_51H4mbur9er"},
		{"connect", "a", "rk_test_51H4mbur9er"},
		{"token", "revoke", "x", "glt_51H4mbur9er"},
	} {
		r := golive(t, []string{"GOLIVE_TOKEN=glt_x"}, args...)
		if r.status == 0 || strings.Contains(r.err+r.out, "51H4mbur9er") {
			t.Errorf("%q: %+v", args, r)
		}
	}
}

func TestProductsAreFoundAsPeopleNameThem(t *testing.T) {
	t.Parallel()
	all := []product{
		{"1", "Pine", "prod_1", "prod_live"},
		{"2", "Pine Pro", "prod_2", ""},
		{"3", "Pine Team", "prod_live", ""},
		{"4", "Oak", "prod_same", ""},
		{"5", "Oak", "prod_same", ""},
		{"6", "Crème", "prod_6", ""},
		{"7", "Caffè Pine", "prod_7", ""},
	}
	for named, want := range map[string]string{
		"prod_2": "2", "prod_live": "3", "pine": "1", "PRO": "2", " pine team ": "3", "crÈme": "6", "Caffè": "7",
		"prod_same": "", "oak": "", "e": "", "prod_": "", "birch": "", "": "",
	} {
		found := only(all, func(p product) bool {
			return strings.Contains(strings.ToLower(p.Name+p.StripeProductID), strings.ToLower(strings.TrimSpace(named)))
		})
		p, err := theOne(named, found, []string{"demo"})
		if named == "" {
			continue // no command comes this far, see TestBlankArgumentsAreRefused
		}
		if p.ID != want || (err == nil) != (want != "") {
			t.Errorf("%q means %v, %v", named, p, err)
		}
	}
	_, err := theOne("oak", all, nil)
	if err == nil || !strings.Contains(err.Error(), "\n  4  Oak") || !strings.Contains(err.Error(), "\n  5  Oak") {
		t.Errorf("ids that mean one product only: %v", err)
	}
}

func TestOrdersAreFoundAsPeopleNameThem(t *testing.T) {
	t.Parallel()
	short, long := "A-1", "A-17"
	all := []listedOrder{{ID: "1", Number: "000001", Reference: &long}, {ID: "2", Number: "000002", Reference: &short}}
	for named, want := range map[string]string{"000002": "2", "A-17": "1", "A-1": "2", "A-": "", "0000": ""} {
		id, err := theOrder(orderArg{Order: named}, all)
		if id != want || (err == nil) != (want != "") {
			t.Errorf("%q means %q, %v", named, id, err)
		}
	}
	if id, err := theOrder(orderArg{Order: "cs_test_1"}, all[1:]); id != "2" || err != nil {
		t.Errorf("the only one that Stripe's ID leads to: %q, %v", id, err)
	}
	if _, err := theOrder(orderArg{Order: "A-1"}, nil); err == nil {
		t.Error("none was found")
	}
}

func TestProgressFitsItsTerminal(t *testing.T) {
	t.Parallel()
	message := "Creating price Café ☕ 東京の焙煎士のための定期便 (3 of 12), then the next one, and so on"
	for _, columns := range []int{20, 40, 80, 200} {
		line := progressLine(client.Event{Percentage: 42, Message: message}, columns)
		used := 0
		for _, r := range line {
			used += columnsOf(r)
		}
		if used >= columns || !strings.Contains(line, "█░") || !strings.Contains(line, " 42% ") {
			t.Errorf("%d of %d columns: %s", used, columns, line)
		}
	}
}

func TestChecksAreCounted(t *testing.T) {
	t.Parallel()
	down := json.RawMessage(`{"couldNotRun": true, "category": "STRIPE_UNAVAILABLE"}`)
	few := []checkResult{{Status: "PASSED"}, {Check: "product_price", Status: "FAILED"}, {Check: "lookup_keys", Status: "FAILED"}, {Check: "drift", Status: "WARNING"}}
	var outage []checkResult
	for i := range 19 {
		outage = append(outage, checkResult{Check: fmt.Sprint("c", i), Status: "FAILED", Message: "Not checked: Stripe is away.", Details: down})
	}
	for said, results := range map[string][]checkResult{
		"✗ product_price: \n✗ lookup_keys: \n! drift: \n✗ 2 of 4 checks failed, 1 warning for": few,
		"✗ 19 of 19 checks couldn't run for":                                                   outage,
		"✗ product_price: \n✗ 19 of 20 checks couldn't run for":                                append(outage, few[1]),
		"✓ 1 of 1 check passed for":                                                            few[:1],
	} {
		var got strings.Builder
		r := &report{Results: results, OK: len(results) == 1}
		r.show(&terminal{err: &got}, product{Name: "Pine"})
		if !strings.HasPrefix(got.String(), said) {
			t.Errorf("said %s\nwant %s", got.String(), said)
		}
		if len(results) == len(outage) && strings.Count(got.String(), "\n") != 1 {
			t.Errorf("an outage is one thing: %s", got.String())
		}
	}
}

func TestKeysAreReadOneAtATime(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"sk_test_x\n": "sk_test_x", "\ufeffsk_test_x\r\n": "sk_test_x", "\u00a0rk_live_x ": "rk_live_x",
		"": "", "\n": "", "sk_test_x\nsk_live_x\n": "",
	} {
		if got, err := oneKey(text, nil); got != want || (err == nil) != (want != "") {
			t.Errorf("%q gives %q, %v", text, got, err)
		}
	}
}

// What programs read has one spelling everywhere.
func TestJSONKeysBeginInLowerCase(t *testing.T) {
	t.Parallel()
	upper := regexp.MustCompile(`"([A-Z]\w*)":`)
	for name, v := range map[string]any{
		"upcoming": []scheduled{{}}, "history": deployment{LastChange: &lastChange{}, RollbackOf: &rollbackRef{}, Error: &deploymentError{}, Live: []liveObject{{}}},
		"products": listedProduct{}, "import": imported{}, "connect": connected{}, "plan": plan{Changes: []plannedChange{{Fields: []fieldChange{{}}}}},
		"orders":   wholeOrder{Lines: []orderLine{{}}, Payments: []orderPayment{{}}, Refunds: []orderRefund{{}}, Disputes: []orderDispute{{}}, Events: []orderEvent{{}}},
		"validate": report{Results: []checkResult{{}}}, "watch": client.Event{},
	} {
		text, err := json.Marshal(v)
		if found := upper.FindAllString(string(text), -1); len(found) > 0 || err != nil {
			t.Errorf("%s --json has %q, %v", name, found, err)
		}
	}
}

// The service shows every call that somebody makes of it.
func refuseAll(t *testing.T) (url string, calls *[]string) {
	t.Helper()
	calls = new([]string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*calls = append(*calls, string(body))
		w.WriteHeader(http.StatusInternalServerError)
	}))
	t.Cleanup(s.Close)
	return s.URL, calls
}

func TestBadAddressesAreRefusedFirst(t *testing.T) {
	t.Parallel()
	url, calls := refuseAll(t)
	env := []string{"GOLIVE_URL=" + url, "GOLIVE_TOKEN=glt_x"}
	for _, flags := range [][]string{{"--to", "ada"}, {"--to", "Ada <ada@example.com>"}, {"--to", "ada@example.com,@"}, {"--remind", "5000h"}} {
		golive(t, env, append([]string{"schedule", "prod_A", "tomorrow 9:00", "--yes"}, flags...)...).fails(t, 1)
	}
	if len(*calls) > 0 {
		t.Errorf("the service was asked %q", *calls)
	}
}

func TestKeysStayInTheirFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "keys")
	old := golive(t, nil, "keys", "new").line(t)
	write := func() {
		if err := os.WriteFile(file, []byte(old+"\n"), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	read := func() string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(text))
	}
	env := []string{"GOLIVE_SEALING_KEYS_FILE=" + file}

	// By the shell, which empties the file before anybody can read it, or appends to it.
	write()
	for _, how := range []int{os.O_WRONLY | os.O_APPEND, os.O_WRONLY | os.O_TRUNC} {
		out, err := os.OpenFile(file, how, 0)
		if err != nil {
			t.Fatal(err)
		}
		cmd := command(context.Background(), env, "keys", "rotate")
		cmd.Stdout = out
		var said strings.Builder
		cmd.Stderr = &said
		if err := cmd.Run(); err == nil || !strings.Contains(said.String(), "--write") {
			t.Errorf("%v: %s", err, said.String())
		}
		_ = out.Close()
	}
	if text := read(); text != "" {
		t.Errorf("something was written over the file: %s", text)
	}

	write()
	if r := golive(t, env, "keys", "rotate", "--write", file); r.status != 0 || r.out != "" {
		t.Errorf("%+v", r)
	}
	rotated := read()
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 || rotated == old {
		t.Errorf("%v, %v", info, err)
	}
	golive(t, []string{"GOLIVE_SEALING_KEYS=" + rotated}, "keys", "rotate").line(t)
	fresh := filepath.Join(dir, "fresh")
	golive(t, nil, "keys", "new", "--write", fresh)
	if info, err := os.Stat(fresh); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	golive(t, nil, "keys", "new", "--write", fresh).fails(t, 1, fresh)
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
