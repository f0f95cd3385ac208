package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stripe/stripe-mock/embedded"
)

var update = flag.Bool("update", false, "write document.json anew from Stripe's own document")

// served are the paths of the simulator as Stripe's document writes them.
var served = map[string][]string{
	"/v1/account":                                {"get"},
	"/v1/accounts/{account}":                     {"get"},
	"/v1/balance":                                {"get"},
	"/v1/balance_transactions":                   {"get"},
	"/v1/balance_transactions/{id}":              {"get"},
	"/v1/charges":                                {"get"},
	"/v1/charges/{charge}":                       {"get"},
	"/v1/checkout/sessions":                      {"get", "post"},
	"/v1/checkout/sessions/{session}":            {"get"},
	"/v1/checkout/sessions/{session}/expire":     {"post"},
	"/v1/checkout/sessions/{session}/line_items": {"get"},
	"/v1/coupons":                                {"get", "post"},
	"/v1/coupons/{coupon}":                       {"delete", "get", "post"},
	"/v1/disputes":                               {"get"},
	"/v1/disputes/{dispute}":                     {"get", "post"},
	"/v1/disputes/{dispute}/close":               {"post"},
	"/v1/events":                                 {"get"},
	"/v1/events/{id}":                            {"get"},
	"/v1/payment_intents":                        {"get", "post"},
	"/v1/payment_intents/{intent}":               {"get", "post"},
	"/v1/payment_intents/{intent}/cancel":        {"post"},
	"/v1/payment_intents/{intent}/capture":       {"post"},
	"/v1/payment_intents/{intent}/confirm":       {"post"},
	"/v1/payouts":                                {"get"},
	"/v1/payouts/{payout}":                       {"get"},
	"/v1/prices":                                 {"get", "post"},
	"/v1/prices/{price}":                         {"get", "post"},
	"/v1/products":                               {"get", "post"},
	"/v1/products/{id}":                          {"delete", "get", "post"},
	"/v1/refunds":                                {"get", "post"},
	"/v1/refunds/{refund}":                       {"get", "post"},
	"/v1/webhook_endpoints":                      {"get", "post"},
	"/v1/webhook_endpoints/{webhook_endpoint}":   {"delete", "get", "post"},
}

// unanswered are schemas that no answer of the simulator ever holds, and that
// between them reach nearly all of Stripe. Where the document refers to one,
// the reference goes: the walker then calls such a property unknown, so that
// cutting makes the check stricter and never laxer.
var unanswered = []string{
	"application", "application_fee", "bank_account", "card", "connect_collection_transfer", "customer",
	"customer_cash_balance_transaction", "deleted_bank_account", "deleted_card", "deleted_customer", "fee_refund", "file",
	"invoice", "issuing.authorization", "issuing.dispute", "issuing.transaction", "legal_entity_company", "payment_link",
	"payment_method", "person", "platform_tax_fee", "reserve_transaction", "review", "rule", "setup_intent", "shipping_rate",
	"source", "subscription", "tax_deducted_at_source", "tax_id", "topup", "transfer", "transfer_reversal",
}

// TestDocumentIsStripes proves that document.json is the part of Stripe's
// document of 2023-10-16 that the simulator serves, and nothing else. Loading
// the part takes milliseconds, the whole takes seconds in every test binary.
func TestDocumentIsStripes(t *testing.T) {
	t.Parallel()
	want := pruned(t)
	if *update {
		if err := os.WriteFile("document.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile("document.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Error("document.json differs from Stripe's document; go test -C internal/witness ./stripe -run TestDocumentIsStripes -update")
	}
}

func pruned(t *testing.T) []byte {
	t.Helper()
	document := parse(t, embedded.OpenAPISpec)
	all := document["components"].(map[string]any)["schemas"].(map[string]any)
	addTrialPeriodDays(t, all)
	addMeter(t, all)
	paths := map[string]any{}
	for path, methods := range served {
		operations := document["paths"].(map[string]any)[path].(map[string]any)
		maps.DeleteFunc(operations, func(method string, _ any) bool { return !slices.Contains(methods, method) })
		paths[path] = strip(operations)
	}
	schemas := map[string]any{}
	reach(paths, all, schemas)
	data, err := json.MarshalIndent(map[string]any{
		"openapi": document["openapi"], "info": map[string]any{"title": "Stripe API, in part", "version": document["info"].(map[string]any)["version"]},
		"paths": paths, "components": map[string]any{"schemas": schemas},
	}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return append(data, '\n')
}

// addTrialPeriodDays takes the one property that Stripe answers and accepts,
// and leaves out of the public document, from the SDK's.
func addTrialPeriodDays(t *testing.T, schemas map[string]any) {
	t.Helper()
	const name = "trial_period_days"
	sdk := parse(t, embedded.BetaOpenAPISpec)["components"].(map[string]any)["schemas"].(map[string]any)
	properties := func(schemas map[string]any) map[string]any {
		return schemas["recurring"].(map[string]any)["properties"].(map[string]any)
	}
	if _, there := properties(schemas)[name]; there {
		t.Errorf("the public document has %s now", name)
	}
	properties(schemas)[name] = properties(sdk)[name]
}

// addMeter takes the one property that Stripe added to the price without another
// version of its API, later than this document: stripe-go of the same version
// decodes it. Requests stay without it.
func addMeter(t *testing.T, schemas map[string]any) {
	t.Helper()
	properties := schemas["recurring"].(map[string]any)["properties"].(map[string]any)
	if _, there := properties["meter"]; there {
		t.Error("the public document has meter now")
	}
	properties["meter"] = map[string]any{"maxLength": 5000, "nullable": true, "type": "string"}
}

func parse(t *testing.T, data []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

const schemaRef = "#/components/schemas/"

// reach copies every schema that node refers to into kept.
func reach(node any, all, kept map[string]any) {
	switch v := node.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			name := strings.TrimPrefix(ref, schemaRef)
			if kept[name] == nil {
				kept[name] = strip(all[name])
				reach(kept[name], all, kept)
			}
		}
		for _, child := range v {
			reach(child, all, kept)
		}
	case []any:
		for _, child := range v {
			reach(child, all, kept)
		}
	}
}

// strip removes prose and references to what is never answered.
func strip(node any) any {
	switch v := node.(type) {
	case map[string]any:
		stripped := map[string]any{}
		for key, child := range v {
			prose := key == "description" && isString(child) || key == "x-expansionResources" || key == "encoding"
			if !prose && !cut(child) {
				stripped[key] = strip(child)
			}
		}
		return stripped
	case []any:
		stripped := []any{}
		for _, child := range v {
			if !cut(child) {
				stripped = append(stripped, strip(child))
			}
		}
		return stripped
	default:
		return v
	}
}

func isString(v any) bool { _, ok := v.(string); return ok }

// cut reports a reference to an unanswered schema, or a choice among nothing else.
func cut(node any) bool {
	m, ok := node.(map[string]any)
	if !ok {
		return false
	}
	if ref, ok := m["$ref"].(string); ok {
		return slices.Contains(unanswered, strings.TrimPrefix(ref, schemaRef))
	}
	choices, ok := m["anyOf"].([]any)
	return ok && !slices.ContainsFunc(choices, func(choice any) bool { return !cut(choice) })
}
