package scalar_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/graph/scalar"
)

func TestDateTimeIsUTCWithTheFractionItHas(t *testing.T) {
	t.Parallel()
	berlin := time.FixedZone("", 2*60*60)
	for want, at := range map[string]time.Time{
		`"2026-12-25T07:00:00Z"`:        time.Date(2026, 12, 25, 7, 0, 0, 0, time.UTC).In(berlin),
		`"2026-12-25T07:00:00.5Z"`:      time.Date(2026, 12, 25, 7, 0, 0, 500_000_000, time.UTC).In(berlin),
		`"2026-12-25T07:00:00.000001Z"`: time.Date(2026, 12, 25, 7, 0, 0, 1_000, time.UTC).In(berlin),
	} {
		var b strings.Builder
		scalar.MarshalDateTime(at).MarshalGQL(&b)
		if b.String() != want {
			t.Errorf("got %s, want %s", &b, want)
		}
		back, err := scalar.UnmarshalDateTime(strings.Trim(b.String(), `"`))
		if err != nil || !back.Equal(at) {
			t.Errorf("%s reads as %v, %v", &b, back, err)
		}
	}
	for _, wrong := range []any{"2026-12-25", "2026-12-25T09:00:00", "", 5, nil} {
		if at, err := scalar.UnmarshalDateTime(wrong); err == nil {
			t.Errorf("%v reads as %v", wrong, at)
		}
	}
}

func TestIntHas32Bits(t *testing.T) {
	t.Parallel()
	for _, good := range []any{int64(2147483647), json.Number("-2147483648"), 0} {
		if _, err := scalar.UnmarshalInt(good); err != nil {
			t.Errorf("%v: %v", good, err)
		}
	}
	for _, wrong := range []any{int64(2147483648), json.Number("-2147483649"), json.Number("1.5"), "x"} {
		if i, err := scalar.UnmarshalInt(wrong); err == nil {
			t.Errorf("%v reads as %d", wrong, i)
		}
	}
}

func TestJSONIsItself(t *testing.T) {
	t.Parallel()
	for want, value := range map[string]any{
		`null`: nil, `{"a":[1,"x"]}`: map[string]any{"a": []any{1, "x"}}, `"x"`: json.RawMessage(`"x"`),
	} {
		var b strings.Builder
		scalar.MarshalJSON(value).MarshalGQL(&b)
		if b.String() != want {
			t.Errorf("got %s, want %s", &b, want)
		}
	}
}
