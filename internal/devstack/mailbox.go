package devstack

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	_ "embed" // for the page
)

// mailbox keeps mails as files and shows them: whoever tries Golive reads what people
// would get.
type mailbox struct {
	folder string
	log    *slog.Logger

	mu   sync.Mutex
	last int
}

var mailFile = regexp.MustCompile(`^\d{6,9}\.eml$`)

func openMailbox(folder string, log *slog.Logger) (*mailbox, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	b := &mailbox{folder: folder, log: log}
	if names := b.names(); len(names) > 0 {
		if _, err := fmt.Sscanf(names[0], "%d", &b.last); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// keep stores a mail as it arrived and returns its file's name.
func (b *mailbox) keep(m Message) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	name := fmt.Sprintf("%06d.eml", b.last)
	if err := os.WriteFile(filepath.Join(b.folder, name), m.Data, 0o600); err != nil {
		b.log.Warn("an email could not be kept", "error", err)
	}
	return name
}

// names are those of all mails, the newest first.
func (b *mailbox) names() []string {
	var names []string
	entries, err := os.ReadDir(b.folder)
	if err != nil {
		b.log.Warn("emails could not be listed", "error", err)
	}
	for _, e := range entries {
		if mailFile.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	slices.Reverse(names)
	return names
}

//go:embed mailbox.html
var mailboxPage string

var mailboxTemplate = template.Must(template.New("mailbox").Parse(mailboxPage))

// mailboxStyle is what a content policy calls the page's style by.
var mailboxStyle = func() string {
	sum := sha256.Sum256([]byte(regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(mailboxPage)[1]))
	return base64.StdEncoding.EncodeToString(sum[:])
}()

// shownMail is a mail as the page shows it.
type shownMail struct {
	File, From, To, Subject, Date string
	Parts                         []mailPart
}

// mailPart is a part that can be read as text.
type mailPart struct{ Type, Text string }

const mostShown = 200

// ServeHTTP shows the list at /dev/mail, one below it, and its file as it arrived.
func (b *mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, asked := strings.CutPrefix(r.URL.Path, "/dev/mail/")
	file, raw := strings.CutSuffix(file, "/raw")
	switch {
	case r.URL.Path == "/dev/mail":
		b.list(w)
	case !asked || !mailFile.MatchString(file):
		http.NotFound(w, r)
	case raw:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		http.ServeFile(w, r, filepath.Join(b.folder, file))
	default:
		b.one(w, r, file)
	}
}

func (b *mailbox) list(w http.ResponseWriter) {
	var all []shownMail
	for _, name := range b.names() {
		if m, err := b.read(name); err == nil && len(all) < mostShown {
			m.Parts = nil
			all = append(all, m)
		}
	}
	b.show(w, map[string]any{"All": all, "Folder": b.folder})
}

func (b *mailbox) one(w http.ResponseWriter, r *http.Request, file string) {
	m, err := b.read(file)
	if errors.Is(err, fs.ErrNotExist) {
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, "This email can't be read; its file is below "+b.folder, http.StatusInternalServerError)
		return
	}
	b.show(w, map[string]any{"One": m})
}

func (b *mailbox) show(w http.ResponseWriter, what map[string]any) {
	var page bytes.Buffer
	if err := mailboxTemplate.Execute(&page, what); err != nil {
		http.Error(w, "The page couldn't be shown.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+mailboxStyle+"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	_, _ = w.Write(page.Bytes())
}

func (b *mailbox) read(file string) (shownMail, error) {
	data, err := os.ReadFile(filepath.Join(b.folder, file))
	if err != nil {
		return shownMail{}, err
	}
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return shownMail{}, err
	}
	header := func(name string) string {
		decoded, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get(name))
		if err != nil {
			return m.Header.Get(name)
		}
		return decoded
	}
	shown := shownMail{File: file, From: header("From"), To: header("To"), Subject: header("Subject"), Date: header("Date")}
	shown.Parts, err = partsOf(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	return shown, err
}

// partsOf are the readable parts, however deep they are nested.
func partsOf(contentType, encoding string, body io.Reader) ([]mailPart, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "text/plain" // by RFC 2045, where nothing is said
	}
	if !strings.HasPrefix(kind, "multipart/") {
		return leaf(kind, encoding, body)
	}
	var all []mailPart
	parts := multipart.NewReader(body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		some, err := partsOf(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)
		if err != nil {
			return all, err
		}
		all = append(all, some...)
	}
}

func leaf(kind, encoding string, body io.Reader) ([]mailPart, error) {
	if kind != "text/plain" && kind != "text/calendar" {
		return nil, nil
	}
	switch strings.ToLower(encoding) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	return []mailPart{{kind, string(text)}}, err
}
