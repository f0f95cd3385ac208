package server_test

import (
	"fmt"
	"strings"
	"testing"
)

// Whatever else a socket carries, each operation's results come in their order, then its
// one end, and nothing after that.
func TestOperationsOfASocketKeepTheirOrder(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.work(t)
	_, token, products := s.newShop(t, "acme")
	deployment := s.goLive(t, token, products[0])
	events := s.progress(t, token, deployment, 0)
	c := s.open(t, token)
	const progress = `subscription ($d: ID!, $after: Int) { deploymentProgress(deploymentId: $d, after: $after) { sequence } }`
	want := map[string]string{}
	for i := range 20 {
		id := fmt.Sprint(i)
		switch i % 4 {
		case 0:
			c.subscribe(t, id, viewerQuery, nil)
			want[id] = "next complete"
		case 1:
			c.subscribe(t, id, progress, vars{"d": deployment, "after": 0})
			want[id] = strings.Repeat("next ", len(events)) + "complete"
		case 2:
			c.subscribe(t, id, progress, vars{"d": deployment, "after": len(events)})
			want[id] = "complete"
		default:
			c.subscribe(t, id, `{ nothing }`, nil)
			want[id] = "error"
		}
	}
	got, sequence := map[string]string{}, map[string]int{}
	for ended := 0; ended < len(want); {
		m := c.next(t)
		got[m.ID] = strings.TrimSpace(got[m.ID] + " " + m.Type)
		if m.Type != "next" {
			ended++
			continue
		}
		if strings.Contains(string(m.Payload), "sequence") {
			sequence[m.ID]++
			if number := fmt.Sprintf(`"sequence":%d}`, sequence[m.ID]); !strings.Contains(string(m.Payload), number) {
				t.Errorf("%s: %s comes in place of %s", m.ID, m.Payload, number)
			}
		}
	}
	c.sendText(t, `{"type":"ping"}`)
	c.want(t, "pong") // and nothing before it
	for id := range want {
		if got[id] != want[id] {
			t.Errorf("%s: %s; want %s", id, got[id], want[id])
		}
	}
}
