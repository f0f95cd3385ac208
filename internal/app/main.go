package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

// Main is the main function of the services: it reads the configuration, runs
// run until it ends or the process is told to stop, and returns the exit status.
// All that it has to say goes to standard error, --version to standard output.
func Main(name string, run func(context.Context, Config, *slog.Logger) error) int {
	if len(os.Args) > 1 {
		return answer(name, os.Args[1:], os.Stdout, os.Stderr)
	}
	cfg, err := Load(os.LookupEnv)
	if err != nil {
		return tell(name, err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends us at once
	if err := run(ctx, cfg, NewLogger(os.Stderr, cfg.LogFormat)); err != nil {
		return tell(name, err)
	}
	return 0
}

// answer handles the arguments: there is nothing else to ask for than the
// version.
func answer(name string, args []string, out, complaints io.Writer) int {
	if len(args) == 1 && (args[0] == "--version" || args[0] == "-version") {
		fmt.Fprintln(out, Version())
		return 0
	}
	fmt.Fprintf(complaints, "%s takes no arguments except --version; configure it with environment variables, see docs/operations.md\n", name)
	return 2
}

func tell(name string, err error) int {
	for _, fault := range Faults(err) {
		fmt.Fprintln(os.Stderr, name+": "+fault)
	}
	return 1
}
