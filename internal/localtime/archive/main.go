// Command archive compiles the tz database's tzdata.zi into the zip file that
// package localtime embeds. It needs zic, which Debian has in libc-bin.
//
// The result depends on its input and on zic alone: entries are sorted and
// carry no time.
package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"regexp"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: archive tzdata.zi zoneinfo.zip")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "archive:", err)
		os.Exit(1)
	}
}

var versionLine = regexp.MustCompile(`^# version (\d{4}[a-z]*)\n`)

func run(source, target string) error {
	text, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	version := versionLine.FindSubmatch(text)
	if version == nil {
		return fmt.Errorf("%s does not begin with its version", source)
	}
	dir, err := os.MkdirTemp("", "zones-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	// The slim form would halve the size, but zic 2.36 gets a week of it wrong
	// (America/Ojinaga in 2022), and readers must work out the rest by themselves.
	if out, err := exec.CommandContext(context.Background(), zic(), "-b", "fat", "-d", dir, source).CombinedOutput(); err != nil {
		return fmt.Errorf("zic: %w: %s", err, out)
	}
	archive, err := pack(os.DirFS(dir), string(version[1]))
	if err != nil {
		return err
	}
	return os.WriteFile(target, archive, 0o644)
}

// zic is where Debian keeps it, out of most people's PATH, else wherever it is.
func zic() string {
	if path := "/usr/sbin/zic"; exists(path) {
		return path
	}
	return "zic"
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

func pack(zones fs.FS, version string) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	w.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	if err := w.SetComment(version); err != nil {
		return nil, err
	}
	err := fs.WalkDir(zones, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path == "Factory" { // Factory stands for a clock that nobody has set
			return err
		}
		data, err := fs.ReadFile(zones, path)
		if err != nil {
			return err
		}
		f, err := w.CreateHeader(&zip.FileHeader{Name: path, Method: zip.Deflate})
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
