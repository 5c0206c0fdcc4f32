package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// unitInPlace is the packaged unit with the paths of the packaged programs, for
// systemd-analyze to find them.
func unitInPlace(t *testing.T) string {
	t.Helper()
	unit, err := os.ReadFile(filepath.Join(content, "usr/lib/systemd/system/councilgate.service"))
	if err != nil {
		t.Fatal(err)
	}
	moved := strings.NewReplacer(
		"=/usr/bin/councilgate ", "="+content+"/usr/bin/councilgate ",
		"=+/usr/lib/councilgate/", "=+"+content+"/usr/lib/councilgate/",
	).Replace(string(unit))
	if strings.Count(moved, content) != 4 {
		t.Fatalf("the unit does not start the packaged programs:\n%s", unit)
	}
	path := filepath.Join(t.TempDir(), "councilgate.service")
	if err := os.WriteFile(path, []byte(moved), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestUnit(t *testing.T) {
	unit := unitInPlace(t)
	if out, err := exec.Command("systemd-analyze", "verify", "--man=no", unit).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	// 20 stands for an exposure of 2.0.
	if out, err := exec.Command("systemd-analyze", "security", "--offline=yes", "--threshold=20", unit).CombinedOutput(); err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, out)
	}
}

// citizensMail is what a councillor must not send on.
const citizensMail = `From: kim@kommune.example
To: someone@else.example
Subject: Re: Ansoegning

Se nedenfor.

> Mit CPR-nummer er 010160-1234, og jeg er indlagt med depression.
`

// TestInstalledPolicy: whoever installs the package and edits nothing has nobody
// judged, and whoever puts in names but leaves the mode has nothing refused.
func TestInstalledPolicy(t *testing.T) {
	program := filepath.Join(content, "usr/bin/councilgate")
	file := filepath.Join(content, "etc/councilgate/policy.yaml")
	output(t, program, "policy", "-policy", file)
	installed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(installed)) {
		line = strings.TrimSuffix(line, "\n")
		if !strings.HasPrefix(line, "#") && strings.Contains(line, ".example") && !strings.HasSuffix(line, "  # change me") {
			t.Errorf("%q is not marked", line)
		}
	}
	dir := t.TempDir()
	mail := filepath.Join(dir, "mail.eml")
	if err := os.WriteFile(mail, []byte(citizensMail), 0o600); err != nil {
		t.Fatal(err)
	}
	edited := strings.ReplaceAll(string(installed), "norreaa.example", "kommune.example")
	edited = edited[:strings.Index(edited, "\ncouncillors:")] + edited[strings.Index(edited, "\n# The offices"):]
	enforced := strings.Replace(edited, "\nmode: observe\n", "\nmode: enforce\n", 1)
	if enforced == edited {
		t.Error("the installed policy is not in shadow mode")
	}
	tests := []struct {
		name, policy string
		refused      bool
		want         string // in the output
	}{
		{"as installed", string(installed), false, ""},
		{"as installed, enforced", strings.Replace(string(installed), "\nmode: observe\n", "\nmode: enforce\n", 1), false, ""},
		{"with names", edited, false, "quoted-sensitive"},
		{"with names, enforced", enforced, true, "quoted-sensitive"},
	}
	for _, tt := range tests {
		file := filepath.Join(dir, "policy.yaml")
		if err := os.WriteFile(file, []byte(tt.policy), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(program, "check", "-policy", file, "-from", "kim@kommune.example", "-to", "someone@else.example", mail)
		out, err := cmd.CombinedOutput()
		wantStatus := 0
		if tt.refused {
			wantStatus = 1
		}
		if got := cmd.ProcessState.ExitCode(); got != wantStatus || !strings.Contains(string(out), tt.want) || tt.want == "" && strings.Contains(string(out), "quoted-sensitive") {
			t.Errorf("%s: %v, want status %d and %q\n%s", tt.name, err, wantStatus, tt.want, out)
		}
	}
}
