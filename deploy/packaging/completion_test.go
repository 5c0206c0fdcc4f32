package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Each shell is given a command line to complete, and prints one proposal a line.
const (
	bashCompletes = `source "$1"
read -ra COMP_WORDS <<<"$2"
[[ $2 != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_councilgate
printf '%s\n' "${COMPREPLY[@]}"`
	fishCompletes = `source $argv[1]; complete -C $argv[2] | string replace -r '\t.*' ''; true`
)

func TestCompletion(t *testing.T) {
	shells := []struct{ name, script, file string }{
		{"bash", bashCompletes, "usr/share/bash-completion/completions/councilgate"},
		{"fish", fishCompletes, "usr/share/fish/vendor_completions.d/councilgate.fish"},
	}
	var commands []string
	for _, match := range commandLine.FindAllStringSubmatch(help(t), -1) {
		commands = append(commands, match[1])
	}
	slices.Sort(commands)
	tests := []struct {
		typed string
		want  []string
	}{
		{"councilgate ", commands},
		{"councilgate che", []string{"check"}},
		{"councilgate serve -log", []string{"-log", "-log-level"}},
		{"councilgate policy -", []string{"-pages", "-policy"}},
		{"councilgate check -policy " + content + "/etc/councilgate/po", []string{content + "/etc/councilgate/policy.yaml"}},
	}
	for _, shell := range shells {
		t.Run(shell.name, func(t *testing.T) {
			for _, tt := range tests {
				if got := complete(t, shell.name, shell.script, shell.file, tt.typed); !slices.Equal(got, tt.want) {
					t.Errorf("%q: %q, want %q", tt.typed, got, tt.want)
				}
			}
		})
	}
	for typed, want := range map[string][]string{
		"councilgate serve -log ":          {"json", "text"},
		"councilgate serve -log-level w":   {"warn"},
		"councilgate check -rule private-": {"private-forward"},
		"councilgate check -from ":         nil,
	} {
		if got := complete(t, "bash", bashCompletes, shells[0].file, typed); !slices.Equal(got, want) {
			t.Errorf("bash: %q: %q, want %q", typed, got, want)
		}
	}
}

func complete(t *testing.T, shell, script, file, typed string) []string {
	t.Helper()
	args := []string{"-c", script}
	if shell == "bash" {
		args = append(args, "bash") // $0
	}
	cmd := exec.Command(shell, append(args, filepath.Join(content, file), typed)...)
	cmd.Env = append(os.Environ(), "PATH="+filepath.Join(content, "usr/bin")+":"+os.Getenv("PATH"), "HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s, %q: %v\n%s", shell, typed, err, out)
	}
	got := strings.Fields(string(out))
	slices.Sort(got)
	return got
}
