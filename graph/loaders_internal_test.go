package graph

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

// asker counts and records the batches of a loader of strings.
type asker struct {
	mu      sync.Mutex
	batches [][]string
	err     error
	panics  bool
}

func (a *asker) fetch(_ context.Context, keys []string) (map[string]string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.batches = append(a.batches, keys)
	if a.panics {
		panic("no")
	}
	found := map[string]string{}
	for _, key := range keys {
		if key != "absent" {
			found[key] = "value of " + key
		}
	}
	return found, a.err
}

// loadAll asks for all keys at once, as a list's resolvers do.
func loadAll(l *loader[string, string], keys []string) (values []string, errs []error) {
	values, errs = make([]string, len(keys)), make([]error, len(keys))
	var all sync.WaitGroup
	for i, key := range keys {
		all.Go(func() {
			defer func() {
				if cause := recover(); cause != nil {
					errs[i] = fmt.Errorf("panic: %v", cause)
				}
			}()
			values[i], errs[i] = l.load(context.Background(), key)
		})
	}
	all.Wait()
	return values, errs
}

// In a bubble the window ends when everybody has asked, however slow the machine.
func TestLoaderAnswersAListInFewBatches(t *testing.T) {
	t.Parallel()
	var keys []string
	for i := range 250 {
		keys = append(keys, fmt.Sprint(i%200))
	}
	keys = append(keys, "absent")
	a := &asker{}
	synctest.Test(t, func(t *testing.T) {
		values, errs := loadAll(&loader[string, string]{fetch: a.fetch}, keys)
		for i, key := range keys {
			want := "value of " + key
			if key == "absent" {
				want = ""
			}
			if values[i] != want || errs[i] != nil {
				t.Errorf("%s gave %q, %v", key, values[i], errs[i])
			}
		}
	})
	if n := len(a.batches); n < 2 || n > 3 {
		t.Errorf("%d questions took %d batches of at most %d", len(keys), n, loadMost)
	}
	for _, batch := range a.batches {
		if len(batch) > loadMost || len(slices.Compact(slices.Sorted(slices.Values(batch)))) != len(batch) {
			t.Errorf("a batch of %d keys, some of them twice", len(batch))
		}
	}
}

func TestLoaderRemembersNothing(t *testing.T) {
	t.Parallel()
	a := &asker{}
	l := &loader[string, string]{fetch: a.fetch}
	for range 2 {
		if _, err := l.load(context.Background(), "x"); err != nil {
			t.Fatal(err)
		}
	}
	if len(a.batches) != 2 {
		t.Errorf("%d batches for two questions one after the other", len(a.batches))
	}
}

func TestLoaderFailsAllOfABatch(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	a := &asker{err: broken}
	_, errs := loadAll(&loader[string, string]{fetch: a.fetch}, []string{"a", "b", "c"})
	for _, err := range errs {
		if !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	}
}

// A panic must not leave the others of the batch waiting for ever.
func TestLoaderSurvivesAPanic(t *testing.T) {
	t.Parallel()
	a := &asker{panics: true}
	_, errs := loadAll(&loader[string, string]{fetch: a.fetch}, []string{"a", "b", "c", "d"})
	for i, err := range errs {
		if err == nil {
			t.Errorf("question %d got an answer", i)
		}
	}
}
