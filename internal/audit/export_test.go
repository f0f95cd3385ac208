package audit_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/audit"
)

func TestExport(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme, other := makeTenant(t, c.DB), makeTenant(t, c.DB)
	c.fill(t, other, 1)
	c.fill(t, acme, 1201)
	formula := "=HYPERLINK(\"http://evil.example\")"
	record(t, c.DB, audit.Entry{TenantID: acme, Actor: "+ada@acme.example", Action: "thing.done", Subject: "-1", Reason: &formula})
	var lines, cells bytes.Buffer
	must(t, audit.Export(t.Context(), c.DB, acme, audit.JSONLines, &lines))
	must(t, audit.Export(t.Context(), c.DB, acme, audit.CSV, &cells))
	all := strings.Split(strings.TrimSpace(lines.String()), "\n")
	var first, last map[string]any
	must(t, json.Unmarshal([]byte(all[0]), &first))
	must(t, json.Unmarshal([]byte(all[len(all)-1]), &last))
	if len(all) != 1202 || first["subject"] != "s0" || first["actor"] != "ada@acme.example" || last["reason"] != formula || last["number"] != 1202.0 {
		t.Errorf("%d lines, %v … %v", len(all), first, last)
	}
	table, err := csv.NewReader(&cells).ReadAll()
	if err != nil || len(table) != 1203 {
		t.Fatal(len(table), err)
	}
	if row := table[1202]; row[3] != "'+ada@acme.example" || row[6] != "'-1" || row[7] != "'"+formula || table[0][3] != "actor" {
		t.Errorf("%q", row)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	exec(t, c.DB, `INSERT INTO audit_log (tenant_id, at, actor, action, subject) VALUES ($1, '2026-01-01Z', 'bob@acme.example', 'thing.undone', 'old')`, acme)
	c.fill(t, acme, 2)
	ada, bob, nobody, done, s1, old := "ada@acme.example", "bob@acme.example", "eve@acme.example", "thing.done", "s1", time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	for want, f := range map[string]audit.Filter{
		"[s1 s0 old]": {}, "[s1 s0]": {Actor: &ada}, "[old]": {Actor: &bob}, "[]": {Actor: &nobody}, "[s1]": {Subject: &s1},
		"[s1 s0] since": {Since: &old}, "[old] until": {Until: &old}, "[s1 s0] done": {Action: &done}, "[] both": {Action: &done, Until: &old},
	} {
		f.TenantID = acme
		page, err := audit.List(t.Context(), c.DB, f, 10, "")
		if want, _, _ = strings.Cut(want, "] "); err != nil || subjects(page) != strings.TrimSuffix(want, "]")+"]" {
			t.Errorf("%+v: %s %v", f, subjects(page), err)
		}
	}
}

// Spreadsheets take what begins in one of these ways for a formula.
func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	acme := makeTenant(t, c.DB)
	begins := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1"}
	for _, text := range begins {
		record(t, c.DB, audit.Entry{
			TenantID: acme, Actor: text, ActorKind: audit.ActorKind(text), Action: text, Subject: text, Reason: &text, RequestID: &text, RemoteAddress: &text,
			Details: -1, Before: -2, After: text,
		})
	}
	var cells bytes.Buffer
	must(t, audit.Export(t.Context(), c.DB, acme, audit.CSV, &cells))
	table, err := csv.NewReader(&cells).ReadAll()
	must(t, err)
	for i, row := range table[1:] {
		if row[3] != "'"+begins[i] || row[10] != "'-1" {
			t.Errorf("%q", row)
		}
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
				t.Errorf("%q in %q", cell, row)
			}
		}
	}
}
