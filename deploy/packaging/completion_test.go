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
	// zsh completes only at a terminal, which here is another zsh's.
	zshCompletes = `zmodload zsh/zpty
cat >$HOME/.zshrc <<END
fpath=(${1:h} \$fpath)
autoload -U compinit && compinit -u -D
compadd() {
    [[ " \$* " == *' -'[OAD]' '* ]] || { builtin compadd -A proposed "\$@"; print -rl -- \$proposed >>$HOME/proposed; }
    builtin compadd "\$@"
}
propose() { _main_complete; print -r -- END; }
zle -C propose complete-word propose
bindkey '^I' propose
END
ZDOTDIR=$HOME zpty shell zsh -d -i
zpty -wn shell "$2"$'\t'
zpty -r shell seen '*END*'
zpty -d shell
[[ ! -e $HOME/proposed ]] || sort -u $HOME/proposed`
)

func TestCompletion(t *testing.T) {
	shells := []shell{
		{"bash", bashCompletes, "usr/share/bash-completion/completions/councilgate"},
		{"fish", fishCompletes, "usr/share/fish/vendor_completions.d/councilgate.fish"},
		{"zsh", zshCompletes, "usr/share/zsh/vendor-completions/_councilgate"},
	}
	var commands []string
	for _, match := range commandLine.FindAllStringSubmatch(help(t), -1) {
		commands = append(commands, match[1])
	}
	slices.Sort(commands)
	type test struct {
		typed string
		want  []string
	}
	tests := []test{
		{"councilgate ", commands},
		{"councilgate che", []string{"check"}},
		{"councilgate serve -log", []string{"-log", "-log-level"}},
		{"councilgate policy -", []string{"-pages", "-policy"}},
		{"councilgate check -policy po", []string{"policy.yaml"}},
	}
	values := []test{
		{"councilgate serve -log ", []string{"json", "text"}},
		{"councilgate serve -log-level w", []string{"warn"}},
		{"councilgate check -rule private-", []string{"private-forward"}},
		{"councilgate check -from ", nil},
	}
	for _, sh := range shells {
		t.Run(sh.name, func(t *testing.T) {
			if _, err := exec.LookPath(sh.name); sh.name == "zsh" && err != nil {
				t.Skip("zsh is not installed; deploy/test does without")
			}
			cases := tests
			if sh.name != "fish" { // which proposes no values but files
				cases = slices.Concat(tests, values)
			}
			for _, tt := range cases {
				if got := sh.complete(t, tt.typed); !slices.Equal(got, tt.want) {
					t.Errorf("%q: %q, want %q", tt.typed, got, tt.want)
				}
			}
		})
	}
}

// shell is a shell, what makes it complete, and our completion for it.
type shell struct{ name, script, file string }

// complete gives the proposals for what was typed, in a directory with the policy.
func (s shell) complete(t *testing.T, typed string) []string {
	t.Helper()
	args := []string{"-c", s.script}
	if s.name != "fish" {
		args = append(args, s.name) // $0
	}
	cmd := exec.Command(s.name, append(args, filepath.Join(content, s.file), typed)...)
	cmd.Dir = filepath.Join(content, "etc/councilgate")
	cmd.Env = append(os.Environ(), "PATH="+filepath.Join(content, "usr/bin")+":"+os.Getenv("PATH"), "HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s, %q: %v\n%s", s.name, typed, err, out)
	}
	got := strings.Fields(string(out))
	slices.Sort(got)
	return got
}
