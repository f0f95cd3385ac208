package app

import "log/slog"

// Secret is text that must not be shown. Printing, logging and encoding it give
// a placeholder; Reveal gives the text.
type Secret string

const hidden = "[secret]"

// Reveal returns the text, for the one call that needs it.
func (s Secret) Reveal() string { return string(s) }

func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString keeps %#v from showing the text.
func (s Secret) GoString() string { return s.String() }

// LogValue keeps slog from showing the text.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText keeps encoders from showing the text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
