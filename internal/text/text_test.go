package text_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/golive-hq/golive/internal/text"
)

func TestTextLine(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"👩\u200d💻 Developer":  "👩\u200d💻 Developer", // one emoji
		"حرفه\u200cای":        "حرفه\u200cای",       // Persian, which needs the non-joiner
		"क्\u200dष":           "क्\u200dष",
		"مرحبا שלום":          "مرحبا שלום",
		"a\u202egnp.exe":      "agnp.exe",
		"\u2066x\u2069":       "x",
		"\u200fשלום\u200f":    "שלום", // marks alone are not needed
		"red\x1b[31m\x00":     "red [31m ",
		"one\r\ntwo\u2028\t":  "one  two  ",
		"a\u0085b\u009bc":     "a b c",
		"half\xff":            "half\ufffd",
		"a\u00a0b  c":         "a b  c",
		"\ufefftag\U000e0041": "tag",
	} {
		if got := text.Line(raw); got != want {
			t.Errorf("%+q: %+q, want %+q", raw, got, want)
		}
	}
}

func TestTextFlaw(t *testing.T) {
	t.Parallel()
	for raw, flawed := range map[string]bool{
		"": false, "two\r\nlines\t": false, "👩\u200d💻": false, "a\u202ab\u202c\u2067c\u2069": false, "\ufffd": false, "=?utf-8?q?x?=": false,
		"a\u202eb": true, "\u202d": true, "\x00": true, "a\x1b": true, "\x7f": true, "\u0085": true, "\xff": true, "\xed\xa0\x80": true,
	} {
		if got := text.Flaw(raw); (got != "") != flawed {
			t.Errorf("%+q: %q", raw, got)
		}
	}
}

func TestTextSurrogates(t *testing.T) {
	t.Parallel()
	for literal, want := range map[string]string{
		`"a"`: `"a"`, `\ud83d\ude00`: "😀", `\uD83D\uDE00\n`: `😀\n`, `\\ud83d`: `\\ud83d`, `\u00e4\"`: `\u00e4\"`, `\`: `\`,
	} {
		if got, ok := text.Surrogates(literal); got != want || !ok {
			t.Errorf("%s: %s, %v", literal, got, ok)
		}
	}
	for _, half := range []string{`\ud83d`, `x\ud83dx`, `\ude00\ud83d`, `\ud83d\ud83d\ude00`, `\\\udfff`, `\ud83d\u00e4`, `\ud83d\`} {
		if got, ok := text.Surrogates(half); ok {
			t.Errorf("%s: %s", half, got)
		}
	}
}

func FuzzTextLine(f *testing.F) {
	for _, seed := range []string{"👩\u200d💻", "حرفه\u200cای", "a\u202eb\u202c", "\x1b[31m", "\xff\xfe", "=?utf-8?b?4oCu?=", "\u2028", "\U000e0001"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		line := text.Line(raw)
		if !utf8.ValidString(line) || text.Flaw(line) != "" || text.Line(line) != line {
			t.Errorf("%+q: %+q", raw, line)
		}
		if strings.ContainsFunc(line, func(r rune) bool {
			return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
		}) {
			t.Errorf("%+q is shown as %+q", raw, line)
		}
	})
}
