package setup_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

// machine is a folder that the script takes for the whole of one: what is not put
// into it is not there. Its apt-get, sudo and compiler are stand-ins.
type machine struct {
	t   *testing.T
	dir string
	env []string
}

// needed are what the script itself is made of; every Debian has them.
var needed = []string{"bash", "cat", "chmod", "dirname", "env", "head", "mkdir", "mktemp", "rm", "sed", "sort", "tail", "true"}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t, dir: t.TempDir()}
	m.env = []string{"PATH=" + m.path("bin"), "TMPDIR=" + t.TempDir(), "MACHINE=" + m.dir}
	for _, name := range needed {
		real, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		m.put("bin/"+name, fmt.Sprintf("#!/bin/sh\nexec %s \"$@\"\n", real))
	}
	m.is("root")
	m.hasGo("1.99.1")
	m.copyScript()
	return m
}

// copyScript gives the machine a tree with the script, and the script this machine
// for the root of all files.
func (m *machine) copyScript() {
	m.t.Helper()
	script := strings.NewReplacer("'/", "'"+m.dir+"/", " /usr/bin/", " "+m.dir+"/usr/bin/").Replace(read(m.t, "tools/setup"))
	m.put("tree/tools/setup", script)
	m.put("tree/go.mod", read(m.t, "go.mod"))
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (m *machine) path(name string) string { return filepath.Join(m.dir, name) }

func (m *machine) put(name, text string) {
	m.t.Helper()
	if err := os.MkdirAll(filepath.Dir(m.path(name)), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(m.path(name), []byte(text), 0o755); err != nil {
		m.t.Fatal(err)
	}
}

// is says who runs the script: "root" or another.
func (m *machine) is(user string) {
	m.t.Helper()
	id := map[bool]string{true: "0", false: "1000"}[user == "root"]
	m.put("bin/id", "#!/bin/sh\necho "+id+"\n")
}

func (m *machine) hasGo(version string) {
	m.t.Helper()
	m.put("bin/go", "#!/bin/sh\necho go version go"+version+" linux/amd64\n")
}

// hasApt notes how it is called and brings what the packages bring.
func (m *machine) hasApt() {
	m.t.Helper()
	m.put("bin/apt-get", `#!/bin/sh
echo "apt-get $*" >>"$MACHINE/calls"
echo "Reading package lists..."
bring() { mkdir -p "${1%/*}"; printf '#!/bin/sh\n%s\n' "$2" >"$1"; chmod +x "$1"; }
for package; do
  case $package in
    postgresql) bring "$MACHINE/usr/lib/postgresql/15/bin/initdb" ;;
    gcc) bring "$MACHINE/bin/gcc" 'test -e "$MACHINE/usr/include/stdlib.h"' ;;
    libc6-dev) bring "$MACHINE/usr/include/stdlib.h" ;;
    python3) bring "$MACHINE/usr/bin/python3" 'test -e "$MACHINE/icalendar"'; bring "$MACHINE/bin/python3" false ;;
    python3-icalendar) bring "$MACHINE/icalendar" ;;
    procps) bring "$MACHINE/bin/ps" ;;
    nodejs) bring "$MACHINE/bin/node" true ;;
    chromium | curl | git | make | npm) bring "$MACHINE/bin/$package" ;;
  esac
done
`)
}

// hasSudo asks for a password unless free.
func (m *machine) hasSudo(free bool) {
	m.t.Helper()
	m.put("bin/sudo", fmt.Sprintf(`#!/bin/sh
if [ "$1" = -n ]; then shift; %t || { echo "sudo: a password is required" >&2; exit 1; }; fi
echo "sudo $*" >>"$MACHINE/calls"
exec "$@"
`, free))
}

// hasAll is a machine that lacks nothing any more.
func (m *machine) hasAll() {
	m.t.Helper()
	m.hasApt()
	cmd := exec.CommandContext(m.t.Context(), m.path("bin/apt-get"), "postgresql", "gcc", "libc6-dev", "python3", "python3-icalendar", "curl", "procps", "git", "make", "nodejs", "npm", "chromium")
	cmd.Env = m.env
	if out, err := cmd.CombinedOutput(); err != nil {
		m.t.Fatalf("%v: %s", err, out)
	}
	m.lose("calls")
}

func (m *machine) lose(name string) {
	m.t.Helper()
	if err := os.Remove(m.path(name)); err != nil {
		m.t.Fatal(err)
	}
}

// setup runs the script without a terminal.
func (m *machine) setup(target string, env ...string) (said string, ok bool) {
	m.t.Helper()
	var out bytes.Buffer
	cmd := exec.CommandContext(m.t.Context(), m.path("bin/bash"), m.path("tree/tools/setup"), target)
	cmd.Env = append(m.env, env...)
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if err != nil && cmd.ProcessState == nil {
		m.t.Fatal(err)
	}
	return out.String(), err == nil
}

// calls are those of apt-get and sudo so far.
func (m *machine) calls() []string {
	text, _ := os.ReadFile(m.path("calls")) // none so far
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}
