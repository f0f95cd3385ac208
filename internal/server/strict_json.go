package server

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/text"
)

// maxNesting bounds how deep a request's JSON may be.
const maxNesting = 64

// strictJSON reads JSON that has one meaning for everybody. encoding/json takes the last
// of several names, whatever their case, and half a character for another.
type strictJSON struct {
	d    *json.Decoder
	body []byte
	// names are those that the outermost object may have in no other case.
	names []string
	// plain refuses texts that could not be stored.
	plain bool
}

// check refuses a body that says a name twice, or holds what is no text.
func (s *strictJSON) check() error {
	for _, mark := range []string{"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(s.body, []byte(mark)) {
			return fault.New(fault.BadRequest, "The body starts with a byte order mark. Send UTF-8 without one.")
		}
	}
	s.d = json.NewDecoder(bytes.NewReader(s.body))
	s.d.UseNumber()
	return s.value(nil)
}

func (s *strictJSON) value(path []string) error {
	token, err := s.next(path)
	switch {
	case err != nil:
		return err
	case len(path) > maxNesting:
		return fault.New(fault.BadRequest, "The body is nested too deeply.")
	case token == json.Delim('{'):
		return s.object(path)
	case token == json.Delim('['):
		return s.list(path)
	}
	return nil
}

func (s *strictJSON) object(path []string) error {
	said := map[string]bool{}
	for s.d.More() {
		token, err := s.next(path)
		if err != nil {
			return err
		}
		name, _ := token.(string) // the decoder refuses others
		at := append(slices.Clip(path), name)
		folded := text.Fold(name)
		if said[folded] {
			return fault.New(fault.BadRequest, "`%s` is set more than once. Set it once.", shown(at)).At(at...)
		}
		said[folded] = true
		if err := s.known(path, name); err != nil {
			return err
		}
		if err := s.value(at); err != nil {
			return err
		}
	}
	return s.end()
}

// known refuses a name that encoding/json would take for another.
func (s *strictJSON) known(path []string, name string) error {
	for _, meant := range s.names {
		if len(path) == 0 && name != meant && strings.EqualFold(name, meant) {
			return fault.New(fault.BadRequest, "Unknown field `%s`. Did you mean `%s`?", shown([]string{name}), meant).At(name)
		}
	}
	return nil
}

func (s *strictJSON) list(path []string) error {
	for i := 0; s.d.More(); i++ {
		if err := s.value(append(slices.Clip(path), strconv.Itoa(i))); err != nil {
			return err
		}
	}
	return s.end()
}

func (s *strictJSON) end() error {
	_, err := s.next(nil)
	return err
}

// next reads one token; path is where.
func (s *strictJSON) next(path []string) (json.Token, error) {
	from := s.d.InputOffset()
	token, err := s.d.Token()
	if err != nil {
		return nil, notJSON()
	}
	content, isText := token.(string)
	raw := s.body[from:s.d.InputOffset()]
	if !isText {
		return token, nil
	}
	flaw := ""
	if s.plain {
		flaw = text.Flaw(content)
	}
	if !utf8.Valid(raw) {
		flaw = "bytes that aren't UTF-8"
	} else if _, ok := text.Surrogates(string(raw)); !ok {
		flaw = "half a surrogate pair"
	}
	if flaw != "" {
		return nil, s.flawed(path, flaw)
	}
	return token, nil
}

func (s *strictJSON) flawed(path []string, flaw string) error {
	code := fault.BadRequest
	if s.plain {
		code = fault.InvalidInput
	}
	where := "The body"
	if len(path) > 0 {
		where = "`" + shown(path) + "`"
	}
	return fault.New(code, "%s contains %s. Remove it and try again.", where, flaw).At(path...)
}

func notJSON() error {
	return fault.New(fault.BadRequest, "The body isn't a valid JSON object for this request.")
}

// shown is a path as a message names it: its words are the caller's.
func shown(path []string) string {
	const most = 100
	line := []rune(text.Line(strings.Join(path, ".")))
	if len(line) > most {
		return string(line[:most]) + "…"
	}
	return string(line)
}

// named are the names of structs that were asked for: of one frame after the other.
var named sync.Map

// namesOf are the JSON names of the fields of the struct that v points to.
func namesOf(v any) (names []string) {
	of := reflect.TypeOf(v).Elem()
	if known, ok := named.Load(of); ok {
		return known.([]string)
	}
	for _, field := range reflect.VisibleFields(of) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name != "" {
			names = append(names, name)
		}
	}
	named.Store(of, names)
	return names
}
