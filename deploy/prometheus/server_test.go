package prometheus

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"councilgate/deploy/rig"
)

// server is a private Prometheus with the rules of this directory.
type server struct {
	url string
	cmd *exec.Cmd
	log string
}

// scrapes is how often it scrapes and evaluates its rules: often, since the tests wait
// for it.
const scrapes = "250ms"

// startServer starts a Prometheus that scrapes councilgate, and another target, and
// returns when it has done so. Its memory begins four weeks ago, with what is normal.
func startServer(dir, target, other string) (*server, error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	if err := copyExamples(dir, func(config string) string {
		config = strings.Replace(config, "scrape_interval: 30s", "scrape_interval: "+scrapes, 1)
		config = strings.Replace(config, "evaluation_interval: 1m", "evaluation_interval: "+scrapes, 1)
		config += "  - job_name: other\n    static_configs:\n      - targets: [\"" + other + "\"]\n"
		return strings.Replace(config, "127.0.0.1:9810", target, 1)
	}); err != nil {
		return nil, err
	}
	if err := backfill(dir); err != nil {
		return nil, err
	}
	port, err := rig.FreePort()
	if err != nil {
		return nil, err
	}
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	s := &server{url: "http://" + addr, log: filepath.Join(dir, "log")}
	log, err := os.Create(s.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s.cmd = exec.Command("prometheus", "--config.file="+filepath.Join(dir, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--storage.tsdb.retention.time=35d", "--web.listen-address="+addr)
	s.cmd.Stderr = log
	// The kernel ends it if we die.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if err := s.waitFor(`count_over_time(up{job="councilgate"}[1m]) >= 2`); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// copyExamples copies what an operator copies to dir, the configuration changed.
func copyExamples(dir string, change func(string) string) error {
	for _, name := range []string{"prometheus.yml", "councilgate.rules.yml", "councilgate.alerts.yml"} {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if name == "prometheus.yml" {
			text = []byte(change(string(text)))
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// backfill writes the past that "normal" is made of.
func backfill(dir string) error {
	var past strings.Builder
	for _, name := range []string{"job:councilgate_refused:increase1h", "job:councilgate_messages:increase6h"} {
		for weeks := 4; weeks >= 1; weeks-- {
			at := time.Now().Add(-time.Duration(weeks) * 7 * 24 * time.Hour)
			for minute := -2; minute <= 5; minute++ {
				fmt.Fprintf(&past, "%s{job=\"councilgate\"} 30 %d\n", name, at.Add(time.Duration(minute)*time.Minute).Unix())
			}
		}
	}
	past.WriteString("# EOF\n")
	file := filepath.Join(dir, "past")
	if err := os.WriteFile(file, []byte(past.String()), 0o644); err != nil {
		return err
	}
	out, err := exec.Command("promtool", "tsdb", "create-blocks-from", "openmetrics", file, filepath.Join(dir, "data")).CombinedOutput()
	if err != nil {
		return fmt.Errorf("promtool tsdb: %w\n%s", err, out)
	}
	return nil
}

// stop stops the server and waits for its end.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return s.cmd.Wait()
}

// waitFor waits until a query has an answer.
func (s *server) waitFor(query string) error {
	const patience = 60 * time.Second // that only a failure reaches
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		series, err := s.query(query)
		if len(series) > 0 {
			return nil
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(s.log)
			return fmt.Errorf("waited in vain for %s (%v)\n%s", query, err, log)
		}
	}
}

// series is one line of a query's answer.
type series struct {
	labels map[string]string
	values []float64
}

// query asks for the value of an expression now.
func (s *server) query(expr string) ([]series, error) {
	return s.ask("query", url.Values{"query": {expr}})
}

// queryRange asks for the values of an expression over the last seconds.
func (s *server) queryRange(expr string, last time.Duration) ([]series, error) {
	now := time.Now()
	return s.ask("query_range", url.Values{"query": {expr}, "step": {scrapes},
		"start": {now.Add(-last).UTC().Format(time.RFC3339Nano)}, "end": {now.UTC().Format(time.RFC3339Nano)}})
}

func (s *server) ask(what string, query url.Values) ([]series, error) {
	var answer struct {
		Result []struct {
			Metric map[string]string
			Value  [2]any
			Values [][2]any
		}
	}
	if err := s.get("/api/v1/"+what+"?"+query.Encode(), &answer); err != nil {
		return nil, err
	}
	var found []series
	for _, r := range answer.Result {
		one := series{labels: r.Metric}
		if r.Values == nil {
			r.Values = [][2]any{r.Value}
		}
		for _, sample := range r.Values {
			text, _ := sample[1].(string)
			value, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", query.Get("query"), err)
			}
			one.values = append(one.values, value)
		}
		found = append(found, one)
	}
	return found, nil
}

// get decodes the data of an answer of the HTTP API.
func (s *server) get(path string, data any) error {
	resp, err := http.Get(s.url + path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	answer := struct {
		Status, Error string
		Data          any
	}{Data: data}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("%s: %w", resp.Status, err)
	}
	if answer.Status != "success" {
		return errors.New(answer.Error)
	}
	return nil
}
