package setup_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

const aptInstall = "apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "

// wantOneLine holds what is said to be one sentence that has all of the words.
func wantOneLine(t *testing.T, said string, words ...string) {
	t.Helper()
	if strings.Count(said, "\n") != 1 {
		t.Errorf("want one line, got:\n%s", said)
	}
	for _, word := range words {
		if !strings.Contains(said, word) {
			t.Errorf("want %q in: %s", word, said)
		}
	}
}

func (m *machine) wantCalls(want ...string) {
	m.t.Helper()
	if got := m.calls(); !slices.Equal(got, want) {
		m.t.Errorf("calls are\n%q\nwant\n%q", got, want)
	}
}

func TestNothingIsMissing(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.hasAll()
	targets := regexp.MustCompile(`needs-([a-z-]+[a-z])`).FindAllStringSubmatch(read(t, "Makefile"), -1)
	if len(targets) < 6 {
		t.Fatalf("the Makefile has %d needs", len(targets))
	}
	for _, target := range append(targets, []string{"", "ci"}) {
		if said, ok := m.setup(target[1]); !ok || said != "" {
			t.Errorf("%s: %t, and it says: %s", target[1], ok, said)
		}
	}
	m.wantCalls("")
	if said, ok := m.setup("tset"); ok || !strings.Contains(said, "tset") {
		t.Errorf("an unknown target: %t: %s", ok, said)
	}
}

func TestRootInstallsWhatIsMissing(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.hasApt()
	said, ok := m.setup("dev")
	if !ok {
		t.Error("dev: it failed")
	}
	wantOneLine(t, said, "Installing postgresql", "database")
	m.wantCalls("apt-get update", aptInstall+"postgresql")
	said, ok = m.setup("test")
	if !ok {
		t.Error("test: it failed")
	}
	wantOneLine(t, said, "Installing gcc libc6-dev python3 python3-icalendar curl procps nodejs npm chromium", "race detector", "calendar")
	m.wantCalls("apt-get update", aptInstall+"postgresql", "apt-get update", aptInstall+"gcc libc6-dev python3 python3-icalendar curl procps nodejs npm chromium")
	if said, ok := m.setup("test"); !ok || said != "" {
		t.Errorf("once more: %t: %s", ok, said)
	}
}

// A compiler alone is not enough: Debian's gcc comes without the C library's headers.
func TestHeadersAreMissing(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.hasAll()
	m.lose("usr/include/stdlib.h")
	said, ok := m.setup("unit")
	if !ok {
		t.Error("it failed")
	}
	wantOneLine(t, said, "libc6-dev")
}

func TestSudoInstallsWhereItAsksNothing(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.hasApt()
	m.hasSudo(true)
	m.is("somebody")
	if said, ok := m.setup("dev"); !ok {
		t.Error(said)
	}
	install := aptInstall + "postgresql"
	m.wantCalls("sudo true", "sudo apt-get update", "apt-get update", "sudo env DEBIAN_FRONTEND=noninteractive "+install, install)
}

func TestOthersAreToldTheOneCommand(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*machine){
		"no sudo":                   func(*machine) {},
		"sudo that asks a password": func(m *machine) { m.hasSudo(false) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.hasApt()
			m.is("somebody")
			prepare(m)
			said, ok := m.setup("test")
			if ok {
				t.Error("it says that all is well")
			}
			wantOneLine(t, said, "Run as root: apt-get install postgresql gcc libc6-dev python3 python3-icalendar curl procps nodejs npm chromium\n", "cgo")
			m.wantCalls("")
		})
	}
}

func TestElsewhereItIsNamed(t *testing.T) {
	t.Parallel()
	said, ok := newMachine(t).setup("test")
	if ok {
		t.Error("it says that all is well")
	}
	wantOneLine(t, said, "Postgres' server binaries", "C compiler", "python3", "icalendar")
	if strings.Contains(said, "apt-get") {
		t.Errorf("there is no apt-get: %s", said)
	}
}

func TestGoIsMissingOrOld(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.hasAll()
	wanted := regexp.MustCompile(`(?m)^go (.+)$`).FindStringSubmatch(read(t, "go.mod"))[1]
	m.hasGo(wanted)
	if said, ok := m.setup("dev"); !ok || said != "" {
		t.Errorf("just what is wanted: %t: %s", ok, said)
	}
	m.hasGo("1.9.7")
	said, ok := m.setup("dev")
	if ok {
		t.Error("an old one is taken")
	}
	wantOneLine(t, said, "Go 1.9.7 is too old", "Go "+wanted)
	m.lose("bin/go")
	said, ok = m.setup("dev")
	if ok {
		t.Error("none is taken")
	}
	wantOneLine(t, said, "Go is missing", "Go "+wanted)
}

func TestInstallingFails(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.put("bin/apt-get", "#!/bin/sh\necho E: Unable to locate package\nexit 100\n")
	said, ok := m.setup("dev")
	if ok || !strings.Contains(said, "E: Unable") || !strings.Contains(said, "could not install postgresql") {
		t.Errorf("%t: %s", ok, said)
	}
	m.put("bin/apt-get", "#!/bin/sh\n")
	if said, ok = m.setup("dev"); ok || !strings.Contains(said, "Still missing") {
		t.Errorf("installed, and still not there: %t: %s", ok, said)
	}
}

// Whoever names a database or a Postgres needs none of the machine's.
func TestPostgresIsSomewhereElse(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for _, env := range []string{"DATABASE_URL=postgres://db.example/golive", "PG_BIN_DIR=/srv/postgres/bin"} {
		if said, ok := m.setup("dev", env); !ok || said != "" {
			t.Errorf("%s: %t: %s", env, ok, said)
		}
	}
	if _, ok := m.setup("bench", "DATABASE_URL=postgres://db.example/golive"); ok {
		t.Error("the benchmark has a server of its own")
	}
}

// Debian 12 has an older Node.js than the tests' scripts run on: that is named, and not
// found out by them.
func TestNodeIsOld(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.hasAll()
	m.put("bin/node", "#!/bin/sh\nexit 1\n")
	said, ok := m.setup("unit")
	if !strings.Contains(said, "Node.js 20") {
		t.Errorf("%t: %s", ok, said)
	}
}
