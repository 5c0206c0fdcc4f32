// Package packaging tests the packages that deploy/package builds.
package packaging

import (
	"bytes"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"councilgate/deploy/rig"
)

// The packages under test, and what is in the .deb.
var deb, rpm, content string

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	if err := rig.Installed("dpkg-deb", "rpm", "man", "mandoc", "systemd-analyze", "debootstrap", "fish"); err != nil {
		return unable(err)
	}
	if os.Getuid() != 0 {
		return unable(fmt.Errorf("packages are installed by root alone"))
	}
	dir, err := os.MkdirTemp("", "councilgate-packages")
	if err != nil {
		return unable(err)
	}
	defer os.RemoveAll(dir)
	if deb, rpm, err = build(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	content = filepath.Join(dir, "content")
	if err := exec.Command("dpkg-deb", "-x", deb, content).Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// unable ends the tests where they cannot run, which under CI=true is a failure.
func unable(err error) int {
	fmt.Fprintln(os.Stderr, err)
	if os.Getenv("CI") == "true" {
		return 1
	}
	return 0
}

// build builds the packages into a directory.
func build(dir string) (deb, rpm string, err error) {
	var stderr bytes.Buffer
	cmd := exec.Command("../package", "", dir)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", "", fmt.Errorf("deploy/package: %v\n%s", err, &stderr)
	}
	lines := strings.Fields(string(out))
	if len(lines) != 2 || filepath.Ext(lines[0]) != ".deb" || filepath.Ext(lines[1]) != ".rpm" {
		return "", "", fmt.Errorf("deploy/package prints %q, not the two packages", out)
	}
	return lines[0], lines[1], nil
}

// output runs a command that must succeed, and returns what it prints.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, &stderr)
	}
	return string(out)
}

func TestReproducible(t *testing.T) {
	again, rpmAgain, err := build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range [][2]string{{deb, again}, {rpm, rpmAgain}} {
		if err := exec.Command("cmp", pair[0], pair[1]).Run(); err != nil {
			t.Errorf("%s: a second build gives another package", filepath.Base(pair[0]))
		}
	}
}

// files are what both packages hold.
var files = []string{
	"drwxr-x--- /etc/councilgate",
	"-rw-r----- /etc/councilgate/policy.yaml",
	"-rw-r--r-- /etc/default/councilgate",
	"-rwxr-xr-x /usr/bin/councilgate",
	"drwxr-xr-x /usr/lib/councilgate",
	"-rwxr-xr-x /usr/lib/councilgate/socket-directory",
	"-rw-r--r-- /usr/lib/systemd/system/councilgate.service",
	"-rw-r--r-- /usr/lib/sysusers.d/councilgate.conf",
	"-rw-r--r-- /usr/share/bash-completion/completions/councilgate",
	"drwxr-xr-x /usr/share/doc/councilgate",
	"-rw-r--r-- /usr/share/doc/councilgate/copyright",
	"-rw-r--r-- /usr/share/doc/councilgate/licences.gz",
	"-rw-r--r-- /usr/share/fish/vendor_completions.d/councilgate.fish",
	"-rw-r--r-- /usr/share/man/man1/councilgate-check.1.gz",
	"-rw-r--r-- /usr/share/man/man1/councilgate-policy.1.gz",
	"-rw-r--r-- /usr/share/man/man1/councilgate-version.1.gz",
	"-rw-r--r-- /usr/share/man/man5/councilgate.yaml.5.gz",
	"-rw-r--r-- /usr/share/man/man8/councilgate-doctor.8.gz",
	"-rw-r--r-- /usr/share/man/man8/councilgate-serve.8.gz",
	"-rw-r--r-- /usr/share/man/man8/councilgate.8.gz",
}

func TestFiles(t *testing.T) {
	// Of directories, a .deb lists also those of others.
	var inDeb []string
	for line := range strings.Lines(output(t, "dpkg-deb", "-c", deb)) {
		fields := strings.Fields(line)
		path := strings.TrimSuffix(strings.TrimPrefix(fields[len(fields)-1], "."), "/")
		if fields[0][0] != 'd' || filepath.Base(path) == "councilgate" {
			inDeb = append(inDeb, fields[0]+" "+path)
		}
	}
	wantDeb := append(slices.Clone(files),
		"-rw-r--r-- /usr/share/doc/councilgate/changelog.Debian.gz",
		"-rw-r--r-- /usr/share/lintian/overrides/councilgate",
		"-rw-r--r-- /usr/share/zsh/vendor-completions/_councilgate")
	wantRPM := append(slices.Clone(files),
		"-rw-r--r-- /usr/share/zsh/site-functions/_councilgate")
	inRPM := strings.Split(strings.TrimSpace(output(t, "rpm", "-qp", "--queryformat", "[%{FILEMODES:perms} %{FILENAMES}\n]", rpm)), "\n")
	for _, tt := range []struct {
		file      string
		got, want []string
	}{{deb, inDeb, wantDeb}, {rpm, inRPM, wantRPM}} {
		byPath := func(a, b string) int { return strings.Compare(a[11:], b[11:]) }
		slices.SortFunc(tt.got, byPath)
		slices.SortFunc(tt.want, byPath)
		if !slices.Equal(tt.got, tt.want) {
			t.Errorf("%s holds\n%s\nwant\n%s", filepath.Base(tt.file), strings.Join(tt.got, "\n"), strings.Join(tt.want, "\n"))
		}
	}
	const kept = "/etc/councilgate/policy.yaml\n/etc/default/councilgate\n"
	if got := output(t, "dpkg-deb", "-I", deb, "conffiles"); got != kept {
		t.Errorf("conffiles of the .deb: %q", got)
	}
	if got := output(t, "rpm", "-qpc", rpm); got != kept {
		t.Errorf("configuration files of the .rpm: %q", got)
	}
}

// TestVersion: the package, the program and the changelog say the same.
func TestVersion(t *testing.T) {
	version, revision, _ := strings.Cut(strings.TrimSpace(output(t, "dpkg-deb", "-f", deb, "Version")), "-")
	if revision != "1" {
		t.Errorf("revision %q of the package", revision)
	}
	if got := output(t, "rpm", "-qp", "--queryformat", "%{VERSION}-%{RELEASE}", rpm); got != version+"-1" {
		t.Errorf("version %s of the .rpm, %s-1 of the .deb", got, version)
	}
	if got := output(t, filepath.Join(content, "usr/bin/councilgate"), "version"); !strings.HasPrefix(got, "councilgate "+version+", go1.") {
		t.Errorf("the program says %q", got)
	}
	changelog := output(t, "zcat", filepath.Join(content, "usr/share/doc/councilgate/changelog.Debian.gz"))
	if !strings.HasPrefix(changelog, "councilgate ("+version+"-1)") {
		t.Errorf("the changelog begins with %.40q", changelog)
	}
}

// TestStatic: the program needs no library, so that it runs wherever its kernel does.
func TestStatic(t *testing.T) {
	program, err := elf.Open(filepath.Join(content, "usr/bin/councilgate"))
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	if libraries, err := program.ImportedLibraries(); err != nil || len(libraries) > 0 {
		t.Errorf("libraries %v, %v", libraries, err)
	}
}

// TestLicences: those of every module in the program come with it, as they ask for.
func TestLicences(t *testing.T) {
	licences := output(t, "zcat", filepath.Join(content, "usr/share/doc/councilgate/licences.gz"))
	modules := regexp.MustCompile(`(?m)^\tdep\t(\S+)\t(\S+)`).FindAllStringSubmatch(
		output(t, "go", "version", "-m", filepath.Join(content, "usr/bin/councilgate")), -1)
	if len(modules) == 0 {
		t.Fatal("the program does not know its modules")
	}
	for _, module := range modules {
		if !strings.Contains(licences, "\n=== "+module[1]+" "+module[2]+": ") {
			t.Errorf("no licence of %s", module[1])
		}
	}
}

// TestLintian: Debian's own examination, where it is installed; deploy/test does not,
// since it takes a hundred other packages.
func TestLintian(t *testing.T) {
	if _, err := exec.LookPath("lintian"); err != nil {
		t.Skip("lintian is not installed")
	}
	if got := output(t, "lintian", "--allow-root", deb); got != "" {
		t.Error(got)
	}
}
