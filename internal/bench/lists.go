package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/golive-hq/golive/internal/client"
	page "github.com/golive-hq/golive/web"
)

// What a business has after years, and how often each list is asked for.
const (
	listedProducts    = 5_000
	listedDeployments = 20_000
	listedEntries     = 1_000_000
	listSamples       = 200
	// listWarmUp are asked before it counts: plans are made, and pages come into memory.
	listWarmUp = 20
)

// asked is a list as the page asks for it: by its own document.
type asked struct {
	name, operation, field string
	variables              map[string]any
}

// lists are those that grow. Each is followed from its newest page to its older ones, and
// begun anew where it ends.
var lists = []asked{
	{"products", "Products", "products", map[string]any{"first": 50, "orderBy": "NAME"}},
	{"products by a search", "Products", "products", map[string]any{"first": 50, "orderBy": "NAME", "search": "17"}},
	{"products by their last go-live", "Products", "products", map[string]any{"first": 50, "orderBy": "LAST_DEPLOYED"}},
	{"history", "History", "deployments", map[string]any{"first": 50, "status": []string{"COMPLETED", "FAILED", "CANCELLED", "ROLLED_BACK"}}},
	{"history of failures", "History", "deployments", map[string]any{"first": 50, "status": []string{"FAILED"}}},
	{"history by a search", "History", "deployments", map[string]any{"first": 50, "search": "Bench 4999"}},
	{"the audit log", "Audit", "auditLog", nil},
}

// listFigures measures how fast each list of a large business is answered.
func listFigures(ctx context.Context, s *stack, r *report) error {
	shops, err := s.openShops(ctx, 1)
	if err != nil {
		return err
	}
	sh := shops[0]
	if err := sh.grow(ctx); err != nil {
		return fmt.Errorf("a business of many years: %w", err)
	}
	for _, list := range lists {
		samples, err := sh.browse(ctx, list)
		if err != nil {
			return fmt.Errorf("%s: %w", list.name, err)
		}
		r.add(fmt.Sprintf("a page of %s, p99 (p50 %s)", list.name, ms(quantile(samples, 0.5))), quantile(samples, 0.99), 100*time.Millisecond,
			fmt.Sprintf("%d products, %d deployments, %d entries", listedProducts, listedDeployments, listedEntries))
	}
	return errors.Join(sh.metricsFigure(ctx, r), sh.scrollFigure(ctx, r))
}

// document is what the page sends for an operation.
func document(operation string) (string, error) {
	var all map[string]string
	if err := json.Unmarshal(page.Documents, &all); err != nil {
		return "", err
	}
	begins := regexp.MustCompile(`query ` + operation + `\b`)
	for _, text := range all {
		if begins.MatchString(text) {
			return text, nil
		}
	}
	return "", fmt.Errorf("the page sends no %s", operation)
}

// browse asks for a list, page after page.
func (s *shop) browse(ctx context.Context, list asked) (samples []time.Duration, err error) {
	text, err := document(list.operation)
	if err != nil {
		return nil, err
	}
	var after *string
	for i := range listWarmUp + listSamples {
		variables := map[string]any{"slug": s.slug, "after": after}
		for name, value := range list.variables {
			variables[name] = value
		}
		start := time.Now()
		if after, err = s.next(ctx, text, list.field, variables); err != nil {
			return nil, err
		}
		if i >= listWarmUp {
			samples = append(samples, time.Since(start))
		}
	}
	return samples, nil
}

// next asks for a page that must have something, and returns where the next one begins.
func (s *shop) next(ctx context.Context, text, field string, variables map[string]any) (*string, error) {
	type list struct {
		Nodes    []json.RawMessage
		PageInfo struct {
			HasNextPage bool
			EndCursor   *string
		}
	}
	answer, err := client.Do[struct{ Tenant map[string]json.RawMessage }](ctx, s.as, text, variables)
	if err != nil {
		return nil, err
	}
	var found list
	if err := json.Unmarshal(answer.Tenant[field], &found); err != nil {
		return nil, err
	}
	if len(found.Nodes) == 0 {
		return nil, fmt.Errorf("a page of %s is empty", field)
	}
	if !found.PageInfo.HasNextPage {
		return nil, nil
	}
	return found.PageInfo.EndCursor, nil
}
