package graph

import (
	"context"
	"errors"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/golive-hq/golive/internal/text"
)

// documents reads the documents of callers. What is cheap to refuse is refused first:
// validation takes far longer than parsing, and parsing than counting words.
type documents struct {
	schema *ast.Schema
	cache  *recent[*document]
	// helpful rules suggest what a caller may have meant; that tells the schema.
	helpful, terse *rules.Rules
}

func newDocuments(schema *ast.Schema) *documents {
	return &documents{schema: schema, cache: newRecent[*document](maxCached), helpful: ourRules(true), terse: ourRules(false)}
}

// terse has for each rule that suggests names one that does not.
var terse = map[*validator.Rule]validator.Rule{
	&rules.FieldsOnCorrectTypeRule: rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
	&rules.ScalarLeafsRule:         rules.ScalarLeafsRuleWithoutSuggestions,
	&rules.KnownArgumentNamesRule:  rules.KnownArgumentNamesRuleWithoutSuggestions,
	&rules.KnownTypeNamesRule:      rules.KnownTypeNamesRuleWithoutSuggestions,
	&rules.ValuesOfCorrectTypeRule: rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
}

// ourRules are the specification's, but that fields are merged in linear time.
func ourRules(suggest bool) *rules.Rules {
	r := rules.NewDefaultRules()
	r.RemoveRule(rules.OverlappingFieldsCanBeMergedRule.Name)
	r.AddRule(mergeable.Name, mergeable.RuleFunc)
	if !suggest {
		for with, without := range terse {
			r.RemoveRule(with.Name)
			r.AddRule(without.Name, without.RuleFunc)
		}
	}
	return r
}

// document is one that was read, and what it weighs in memory.
type document struct {
	text   string
	parsed *ast.QueryDocument
	weight int
}

// read returns the document of a query, from the cache where it can.
func (d *documents) read(query string, by caller) (*document, gqlerror.List) {
	if by.known() {
		if known := d.cache.get(query); known != nil {
			return known, nil
		}
	}
	tokens, err := count(query, by)
	if err != nil {
		return nil, gqlerror.List{err}
	}
	joined, err := joinSurrogates(query)
	if err != nil {
		return nil, gqlerror.List{err}
	}
	parsed, err := parse(joined, by)
	if err != nil {
		return nil, gqlerror.List{err}
	}
	if errs := d.validate(parsed, by); len(errs) > 0 {
		return nil, errs
	}
	return &document{text: query, parsed: parsed, weight: weigh(query, tokens)}, nil
}

// count refuses a text that is too long by its bytes, words or names, before anything is
// built of it. It returns the number of words.
func count(query string, by caller) (int, *gqlerror.Error) {
	bytes, most := maxTextAnonymous, maxTokensAnonymous
	if by.trusted {
		bytes, most = maxText, maxTokens
	}
	if len(query) > bytes {
		return 0, badRequest(nil, "The document is longer than %d KiB. Send values as variables.", bytes>>10)
	}
	for lex, n := lexer.New(&ast.Source{Input: query}), 1; ; n++ {
		token, err := lex.ReadToken()
		switch {
		case err != nil:
			return n, unreadable(err)
		case token.Kind == lexer.EOF:
			return n, nil
		case n > most:
			return n, badRequest(nil, "The document has more than %d tokens. Split it, or send values as variables.", most)
		case token.Kind == lexer.Name && len(token.Value) > maxName:
			return n, badRequest(&token.Pos, "A name is longer than %d characters.", maxName)
		}
	}
}

// joinSurrogates writes characters of two escapes in string literals as themselves, for
// the parser takes each half for a character.
func joinSurrogates(query string) (string, *gqlerror.Error) {
	if !strings.Contains(strings.ToLower(query), `\ud`) {
		return query, nil
	}
	var written strings.Builder
	rest, runes := 0, []rune(query) // the lexer counts characters
	for lex := lexer.New(&ast.Source{Input: query}); ; {
		token, err := lex.ReadToken()
		if err != nil || token.Kind == lexer.EOF { // the parser says what is wrong
			return written.String() + string(runes[rest:]), nil
		}
		if token.Kind != lexer.String {
			continue
		}
		joined, ok := text.Surrogates(string(runes[token.Pos.Start:token.Pos.End]))
		if !ok {
			return "", badRequest(&token.Pos, "This string contains half a surrogate pair. Remove it and try again.")
		}
		written.WriteString(string(runes[rest:token.Pos.Start]) + joined)
		rest = token.Pos.End
	}
}

func parse(query string, by caller) (*ast.QueryDocument, *gqlerror.Error) {
	doc, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		return nil, unreadable(err)
	}
	if len(doc.Operations) == 0 {
		return nil, badRequest(nil, "The document contains no operation.")
	}
	return doc, tooLarge(doc, by)
}

// unreadable is what the parser says of a text that is no GraphQL.
func unreadable(err error) *gqlerror.Error {
	var e *gqlerror.Error
	if !errors.As(err, &e) {
		e = gqlerror.Wrap(err)
	}
	errcode.Set(e, errcode.ParseFailed)
	return e
}

func (d *documents) validate(doc *ast.QueryDocument, by caller) gqlerror.List {
	chosen := d.terse
	if by.trusted {
		chosen = d.helpful
	}
	errs := validator.ValidateWithRules(d.schema, doc, chosen)
	errs = errs[:min(len(errs), maxErrors)]
	for _, e := range errs {
		errcode.Set(e, errcode.ValidationFailed)
	}
	return errs
}

// handed gives the executor, which would parse by itself, the document that was read.
type handed struct{}

type documentKey struct{}

func hand(ctx context.Context, d *document) context.Context {
	return context.WithValue(ctx, documentKey{}, d)
}

// Get returns the document of the context.
func (handed) Get(ctx context.Context, _ string) (*ast.QueryDocument, bool) {
	d, ok := ctx.Value(documentKey{}).(*document)
	if !ok {
		return nil, false
	}
	return d.parsed, true
}

// Add keeps nothing: the cache does.
func (handed) Add(context.Context, string, *ast.QueryDocument) {}

var _ graphql.Cache[*ast.QueryDocument] = handed{}
