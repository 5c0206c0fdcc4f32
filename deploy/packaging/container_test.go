package packaging

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// buildContext copies what .dockerignore lets an image be built from.
func buildContext(t *testing.T) string {
	t.Helper()
	ignore, err := os.ReadFile("../../.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for line := range strings.Lines(string(ignore)) {
		line = strings.TrimSpace(line)
		if path, ok := strings.CutPrefix(line, "!"); ok {
			output(t, "env", "--chdir=../..", "cp", "-a", "--parents", path, dir)
		} else if pattern, ok := strings.CutPrefix(line, "**/"); ok {
			output(t, "find", dir, "-depth", "-name", pattern, "-exec", "rm", "-r", "{}", ";")
		}
	}
	return dir
}

// TestDockerfile: there is no engine here, but what the image's build does to its
// context can be done.
func TestDockerfile(t *testing.T) {
	dockerfile, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	build := regexp.MustCompile(`(?m)^RUN (.*go build .*)$`).FindSubmatch(dockerfile)
	if build == nil || !bytes.Contains(build[1], []byte("-o /out/ ")) {
		t.Fatal("the Dockerfile does not build into /out/")
	}
	out := t.TempDir()
	cmd := exec.Command("sh", "-c", strings.Replace(string(build[1]), "/out/", out+"/", 1))
	cmd.Dir = buildContext(t)
	cmd.Env = append(os.Environ(), "VERSION=1.2.3")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if got := output(t, filepath.Join(out, "councilgate"), "version"); !strings.HasPrefix(got, "councilgate 1.2.3, ") {
		t.Errorf("version %q", got)
	}
	for _, instruction := range regexp.MustCompile(`\["/([a-z]+)"`).FindAllSubmatch(dockerfile, -1) {
		if _, err := os.Stat(filepath.Join(out, string(instruction[1]))); err != nil {
			t.Error(err)
		}
	}
}

// TestCompose: the container has no more rights than the service.
func TestCompose(t *testing.T) {
	text, err := os.ReadFile("../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Name     string
		Services map[string]struct {
			Build, Image, User string
			Command            []string
			Ports              []string
			Volumes            []struct {
				Type, Source, Target string
				ReadOnly             bool `yaml:"read_only"`
			}
			ReadOnly     bool              `yaml:"read_only"`
			CapDrop      []string          `yaml:"cap_drop"`
			SecurityOpt  []string          `yaml:"security_opt"`
			Environment  map[string]string `yaml:"environment"`
			MemLimit     string            `yaml:"mem_limit"`
			MemswapLimit string            `yaml:"memswap_limit"`
			Ulimits      map[string]int
			PidsLimit    int `yaml:"pids_limit"`
			Healthcheck  struct {
				Test              []string
				Interval, Timeout string
				StartPeriod       string `yaml:"start_period"`
			}
			Restart         string
			StopGracePeriod string `yaml:"stop_grace_period"`
		}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	s, ok := file.Services["councilgate"]
	if !ok {
		t.Fatal("no service councilgate")
	}
	if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") || strings.HasPrefix(s.User, "0") {
		t.Errorf("more rights than needed: %+v", s)
	}
	if s.MemLimit == "" || s.MemswapLimit != s.MemLimit || s.Ulimits["core"] != 0 {
		t.Errorf("mail may get to the disk: %+v", s)
	}
	for _, port := range s.Ports {
		if !strings.HasPrefix(port, "127.0.0.1:") {
			t.Errorf("port %s is open to other machines", port)
		}
	}
	for _, volume := range s.Volumes {
		if !volume.ReadOnly {
			t.Errorf("%s can be written", volume.Target)
		}
	}
	flags := help(t, s.Command[0])
	for _, argument := range s.Command[1:] {
		flag, _, _ := strings.Cut(argument, "=")
		if !regexp.MustCompile(`(?m)^  ` + regexp.QuoteMeta(flag) + ` `).MatchString(flags) {
			t.Errorf("councilgate %s has no flag %s", s.Command[0], flag)
		}
	}
	unit, err := os.ReadFile("councilgate.service")
	if err != nil {
		t.Fatal(err)
	}
	for _, same := range []string{"GOMEMLIMIT=" + s.Environment["GOMEMLIMIT"], "MemoryMax=" + strings.ToUpper(s.MemLimit), "TimeoutStopSec=" + strings.TrimSuffix(s.StopGracePeriod, "s")} {
		if !strings.Contains(string(unit), same+"\n") {
			t.Errorf("the service has another %s", same)
		}
	}
}
