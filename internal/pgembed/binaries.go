package pgembed

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// errNoBinaries is printed as it is, by `golive dev` among others.
var errNoBinaries = errors.New("no Postgres server found on this machine: " +
	"install one (apt-get install postgresql or brew install postgresql@15), " +
	"set PG_BIN_DIR to its bin folder, or set DATABASE_URL to an existing database")

// wellKnown are the folders where packagers put the server's binaries. Debian
// and its kin keep them out of PATH.
var wellKnown = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/usr/libexec/postgresql*",
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
	"/usr/local/pgsql/bin",
}

// findBinaries returns the folder of initdb and postgres: from PG_BIN_DIR, else
// from PATH, else from a well-known place, newest first. Where version is given
// (a major version such as "15", that of existing data), only binaries of that
// version will do, because another version cannot read the data.
func findBinaries(version string) (string, error) {
	var other string
	for _, dir := range candidates() {
		if !executable(filepath.Join(dir, "initdb")) || !executable(filepath.Join(dir, "postgres")) {
			continue
		}
		if version == "" || majorVersion(dir) == version {
			return dir, nil
		}
		other = dir
	}
	if other == "" {
		return "", errNoBinaries
	}
	return "", fmt.Errorf("its data was created by PostgreSQL %s, but %s is version %s: install version %s, or choose another folder",
		version, other, majorVersion(other), version)
}

func candidates() []string {
	if dir := os.Getenv("PG_BIN_DIR"); dir != "" {
		return []string{dir}
	}
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	var known []string
	for _, pattern := range wellKnown {
		found, _ := filepath.Glob(pattern)
		known = append(known, found...)
	}
	slices.SortStableFunc(known, func(a, b string) int { return cmp.Compare(numberIn(b), numberIn(a)) })
	return append(dirs, known...)
}

var digits = regexp.MustCompile(`\d+`)

// numberIn returns the first number in a path, 0 where there is none: enough to
// put 16 before 9.
func numberIn(path string) int {
	n, _ := strconv.Atoi(digits.FindString(path))
	return n
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

// majorVersion asks the binary, "" where it gives no answer.
func majorVersion(bin string) string {
	out, err := exec.Command(filepath.Join(bin, "postgres"), "--version").Output()
	if err != nil {
		return ""
	}
	return digits.FindString(strings.TrimPrefix(string(out), "postgres (PostgreSQL)"))
}
