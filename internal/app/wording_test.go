package app_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// wordingFile holds every text that people read: one a line, "package: text", sorted,
// with … for what varies. It stands here because this package composes all others and
// holds the house's other rules. No other test asserts wording, so that a change of it
// shows in a review as one line; what emails look like as a whole stands in docs/mail.
const wordingFile = "testdata/wording.golden"

// speechless are packages that people do not read: they stand in for others, measure or
// help tests.
var speechless = regexp.MustCompile(`^(internal/(bench|chaos|domaintest|e2e|localtime/archive|pgtest|smtpsim|stripesim|witness)|tools)\b`)

// tellers are calls and fields whose first text people read however short it is.
// Elsewhere a text is what holds at least two words.
var tellers = regexp.MustCompile(`^(New|Wrap|Errorf|say|ask|failure|warning|passed|remark|(Debug|Info|Warn|Error)(Context)?|Message|Hint|Why|Help)$`)

// machine are calls whose texts are for programs, though they hold words.
var machine = regexp.MustCompile(`^(MustCompile|QueryRow|Query|Exec|Queue|One|All|byEach|Fields|Set|Raw)$`)

// code is what is written for programs: SQL, GraphQL, policies, JSON, patterns, paths.
var code = regexp.MustCompile(`\b(SELECT|INSERT INTO|UPDATE|RETURNING|ORDER BY|CASE|WHERE|LISTEN|COALESCE|NULLS|(IS|NOT) NULL|AND [a-z(]|OR [a-z(]|FROM \w+s)` +
	`|\b(SET|LIMIT|FROM|ON|AS|IN) [\w(]|= [?$]|\{ ?…|\{ \w+|… \}|\.\.\.\w|default-src|base-uri|^\w+=|^[{(]["?]|^<|=\$|::|\bgolive_now\(\)|^(query|mutation|subscription) ?\(|\|\||coalesce\(|^d\.|^text/|^\w+, …$|^AND …$|\) AND …$`)

// sentence is what is for people although it quotes what is for programs.
var sentence = regexp.MustCompile("`golive |\\bis (running|back)\\b|couldn't")

var (
	verb     = regexp.MustCompile(`%[-#.\d\[\]]*[a-zA-Z]`)
	oneWord  = regexp.MustCompile(`\pL{2}`)
	twoWords = regexp.MustCompile(`[\pL…][\pL’']*[:,;.)]* [(“"]?[\pL…]`)
)

func TestWording(t *testing.T) {
	t.Parallel()
	texts := textsOf(t, house(t))
	made := strings.Join(texts, "\n") + "\n"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(wordingFile, []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	held, err := os.ReadFile(wordingFile)
	if err != nil || string(held) != made {
		told := strings.Split(strings.TrimSuffix(string(held), "\n"), "\n")
		t.Errorf("the texts differ from %s (%v): run `UPDATE=1 go test ./internal/app -run Wording` and review what changed\nnew: %q\ngone: %q",
			wordingFile, err, without(texts, told), without(told, texts))
	}
}

const modes = `\b(in|from|to|of) (live|test)\b([^ ]|$)`

// avoided are words that these texts do without, each with what they say instead.
var avoided = map[string]string{
	`(?i)\bmend`:                    "fix",
	`(?i)\bheed`:                    "take",
	`(?i)hands free`:                "workers are busy",
	`(?i)wants it now`:              "started early by",
	`(?i)took care`:                 "sweep done",
	`(?i)\be-mail`:                  "email",
	`(?i)\bmails\b`:                 "emails",
	`(?i)(n't|not) answer properly`: "is not responding",
	`(?i)\bturn(s|ed|ing)? back`:    "undo, roll back",
	`(?i)takes?n? over the live`:    "adopt",
	`(?i)Stripe's dashboard`:        "the Stripe Dashboard",
	`(?i)asked for by`:              "requested by",
	`(?i)\brights\b`:                "permission",
	`(?i)\brefuses\b`:               "rejects",
	`(?i)\b(somebody|shall|whom)\b`: "someone, will, who",
	`(?i)stop(ped|s)? the world`:    "pause",
	modes:                           "live mode, test mode",
	`\b(the|an?|account|Stripe|stripe|product) ids?\b`: "ID",
	`[a-z]\.[A-Z]\w*'s`: "a name, not an identifier",
}

func TestWordingAvoidsWords(t *testing.T) {
	t.Parallel()
	texts := textsOf(t, house(t))
	for _, pattern := range []string{"docs/mail/*.*", "graph/schema/*", "internal/*/*.html", "web/src/messages/*.ts"} {
		pages, err := filepath.Glob("../../" + pattern)
		if err != nil || len(pages) == 0 {
			t.Fatalf("no page is %s, %v", pattern, err)
		}
		for _, page := range pages {
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(text)) {
				texts = append(texts, strings.TrimPrefix(page, "../../")+": "+strings.TrimSpace(line))
			}
		}
	}
	for pattern, instead := range avoided {
		word := regexp.MustCompile(pattern)
		for _, text := range texts {
			if pattern == modes && strings.HasPrefix(text, "web/") {
				continue // because on the page, live and test are places, named beside each other
			}
			if _, said, _ := strings.Cut(text, ": "); word.MatchString(said) {
				t.Errorf("%q is put as %q: %s", word.FindString(said), instead, text)
			}
		}
	}
}

// without returns what of all is not in some.
func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(text string) bool { return slices.Contains(some, text) })
}

// textsOf collects what people read in these files.
func textsOf(t *testing.T, files map[string]string) []string {
	t.Helper()
	var texts []string
	for name, source := range files {
		if speechless.MatchString(name) {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if ast.IsGenerated(file) {
			continue
		}
		r := reader{room: path.Dir(name)}
		r.read(file, "")
		texts = append(texts, r.texts...)
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// reader collects the texts of one file.
type reader struct {
	room  string
	texts []string
}

// read goes through a node; in is the call or the field that it stands in.
func (r *reader) read(n ast.Node, in string) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			if n.Tag != nil {
				r.readTag(n.Tag)
				r.read(n.Type, in)
				return false
			}
		case *ast.CallExpr:
			r.readCall(n)
			return false
		case *ast.KeyValueExpr:
			field, _ := n.Key.(*ast.Ident)
			r.read(n.Value, nameOf(field))
			return false
		case *ast.CompositeLit:
			in = ""
		case *ast.BinaryExpr:
			if text, ok := joined(n); ok {
				r.add(text, in)
				r.readVariables(n, in)
				return false
			}
		case *ast.BasicLit:
			if text, ok := joined(n); ok {
				r.add(text, in)
			}
		}
		return true
	})
}

// readCall reads the arguments of a call: the first text is what it is about.
func (r *reader) readCall(call *ast.CallExpr) {
	r.read(call.Fun, "")
	in := nameOf(call.Fun)
	for _, arg := range call.Args {
		r.read(arg, in)
		if _, isText := joined(arg); isText && tellers.MatchString(in) {
			in = ""
		}
	}
}

// readVariables reads what varies in a text that is put together.
func (r *reader) readVariables(e ast.Expr, in string) {
	if b, ok := e.(*ast.BinaryExpr); ok {
		r.readVariables(b.X, in)
		r.readVariables(b.Y, in)
	} else if _, ok := e.(*ast.BasicLit); !ok {
		r.read(e, in)
	}
}

// readTag reads the help of a command's flag or argument.
func (r *reader) readTag(tag *ast.BasicLit) {
	text, _ := strconv.Unquote(tag.Value)
	if help, ok := reflect.StructTag(text).Lookup("help"); ok {
		r.texts = append(r.texts, r.room+": "+help)
	}
}

func (r *reader) add(text, in string) {
	told := verb.ReplaceAllString(text, "…")
	told = strings.ReplaceAll(told, "%%", "")
	switch {
	case machine.MatchString(in), code.MatchString(text) && !sentence.MatchString(text), !oneWord.MatchString(told):
	case tellers.MatchString(in), twoWords.MatchString(told):
		r.texts = append(r.texts, r.room+": "+strings.Join(strings.Fields(text), " "))
	}
}

// joined is a string as far as it stands in the source, with … for what does not.
func joined(e ast.Expr) (text string, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
	case *ast.ParenExpr:
		return joined(e.X)
	case *ast.BinaryExpr:
		left, isLeft := joined(e.X)
		right, isRight := joined(e.Y)
		if e.Op != token.ADD || !isLeft && !isRight {
			return "…", false
		}
		return strings.ReplaceAll(left+right, "……", "…"), true
	}
	return "…", false
}

// nameOf is the last name of what is called.
func nameOf(fun ast.Expr) string {
	switch fun := fun.(type) {
	case *ast.SelectorExpr:
		return fun.Sel.Name
	case *ast.Ident:
		if fun != nil {
			return fun.Name
		}
	case *ast.IndexExpr:
		return nameOf(fun.X)
	}
	return ""
}
