package localtime

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

//go:embed zoneinfo.zip
var archived []byte

// archive reads the embedded zones; its comment is the version of the data.
var archive = sync.OnceValue(func() *zip.Reader {
	r, err := zip.NewReader(bytes.NewReader(archived), int64(len(archived)))
	if err != nil {
		panic(fmt.Sprintf("the embedded zones cannot be read: %v", err)) // not without breaking the binary
	}
	return r
})

// Version names the release of the tz database that is embedded, such as 2026a.
func Version() string { return archive().Comment }

// CompareVersions is negative where a is the older release of the tz database,
// zero where they are the same, positive where a is the newer one.
func CompareVersions(a, b string) int {
	return strings.Compare(a, b) // a year, then letters: after z comes za
}

// names lists all zones of the data, sorted.
var names = sync.OnceValue(func() []string {
	names := make([]string, 0, len(archive().File))
	for _, f := range archive().File {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return names
})

// data returns the zone's TZif bytes; fs.ErrNotExist where there is none.
func data(name string) ([]byte, error) { return fs.ReadFile(archive(), name) }
