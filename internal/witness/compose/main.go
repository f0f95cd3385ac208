// Command compose reads a Compose file from standard input and writes as JSON what
// the Compose specification makes of it, or fails where the file departs from it.
// It has no environment: variables of the file take their defaults.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

func main() {
	if err := run(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, in io.Reader, out io.Writer) error {
	yaml, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("read the Compose file: %w", err)
	}
	project, err := load(ctx, yaml)
	if err != nil {
		return fmt.Errorf("load the Compose file: %w", err)
	}
	data, err := project.MarshalJSON()
	if err != nil {
		return fmt.Errorf("write the project: %w", err)
	}
	if _, err := out.Write(data); err != nil {
		return fmt.Errorf("write the project: %w", err)
	}
	return nil
}

// load takes relative paths of the file from the repository's root.
func load(ctx context.Context, yaml []byte) (*types.Project, error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return nil, fmt.Errorf("find the repository: %w", err)
	}
	return loader.LoadWithContext(ctx, types.ConfigDetails{
		WorkingDir:  root,
		ConfigFiles: []types.ConfigFile{{Filename: "docker-compose.yml", Content: yaml}},
		Environment: types.Mapping{},
	}, func(o *loader.Options) { o.SetProjectName("golive", false) })
}
