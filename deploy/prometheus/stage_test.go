// Package prometheus tests what deploy/prometheus and deploy/grafana hold, the rules,
// the alerts and the dashboard, against a real councilgate under traffic and a real
// Prometheus that scrapes it.
//
// The tests want root and Debian's postfix, for its user, and prometheus. Without,
// they skip; where CI=true is set they fail.
package prometheus

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/alicebob/miniredis/v2"

	"councilgate/deploy/rig"
	"councilgate/filter"
)

const root = "../.."

// stage is what all tests of the package share.
type stage struct {
	dir         string
	redis       *miniredis.Miniredis
	councilgate *rig.Daemon
	traffic     *traffic
	rare        *httptest.Server
	prometheus  *server
}

var shared rig.Stage[*stage]

func TestMain(m *testing.M) { os.Exit(shared.Run(m, available, setUp)) }

func available() error {
	if err := rig.Installed("prometheus", "promtool"); err != nil {
		return err
	}
	return rig.Available()
}

// setUp starts the traffic once Prometheus has seen councilgate without any, so that
// every counter moves before its eyes.
func setUp() (s *stage, err error) {
	s = &stage{}
	if s.dir, err = rig.TempDir(); err != nil {
		return s, err
	}
	program, err := rig.Build(root, s.dir)
	if err != nil {
		return s, err
	}
	if s.redis, err = miniredis.Run(); err != nil {
		return s, err
	}
	policy, err := s.policy()
	if err != nil {
		return s, err
	}
	socket := filepath.Join(s.dir, "milter.sock")
	if err := os.Chmod(s.dir, 0o777); err != nil { // for the socket of the user postfix
		return s, err
	}
	if s.councilgate, err = rig.StartDaemon(program, policy, "unix:"+socket, filepath.Join(s.dir, "councilgate.log")); err != nil {
		return s, err
	}
	s.rare = httptest.NewServer(rareMetrics())
	if s.prometheus, err = startServer(filepath.Join(s.dir, "prometheus"), s.councilgate.HTTP, s.rare.Listener.Addr().String()); err != nil {
		return s, err
	}
	if s.traffic, err = startTraffic(socket); err != nil {
		return s, err
	}
	// The last that can be seen: a mass mailing counts when its window has closed.
	return s, s.prometheus.waitFor(`changes(councilgate_mass_mailings_total{justified="no"}[1m]) > 0`)
}

// rareMetrics serves the metrics that a councilgate has only if it asks a directory of
// councillors, which would take an LDAP server.
func rareMetrics() http.Handler {
	m := filter.NewMetrics()
	m.Loaded(time.Now())
	m.UseDirectory(true)
	m.DirectoryAnswered(31, time.Now())
	return m.Handler()
}

// policy writes the policy file, and the key that it names.
func (s *stage) policy() (string, error) {
	notices, err := rig.FreePort() // where nobody listens: notices fail
	if err != nil {
		return "", err
	}
	key := filepath.Join(s.dir, "state.key")
	if err := os.WriteFile(key, bytes.Repeat([]byte("k"), 32), 0o644); err != nil {
		return "", err
	}
	text, err := template.ParseFiles("testdata/policy.yaml")
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = text.Execute(&b, struct{ Redis, Key, Record, Notices string }{s.redis.Addr(), key, filepath.Join(s.dir, "record.jsonl"), fmt.Sprintf("127.0.0.1:%d", notices)})
	if err != nil {
		return "", err
	}
	policy := filepath.Join(s.dir, "policy.yaml")
	return policy, os.WriteFile(policy, []byte(b.String()), 0o644)
}

// Close ends what was started and takes the directory away.
func (s *stage) Close() error {
	var errs []error
	if s.traffic != nil {
		errs = append(errs, s.traffic.stop())
	}
	if s.prometheus != nil {
		errs = append(errs, s.prometheus.stop())
	}
	if s.rare != nil {
		s.rare.Close()
	}
	if s.councilgate != nil {
		errs = append(errs, s.councilgate.Stop())
	}
	if s.redis != nil {
		s.redis.Close()
	}
	return errors.Join(append(errs, os.RemoveAll(s.dir))...)
}

// onStage returns the shared stage, or ends the test if there is none.
func onStage(t *testing.T) *stage {
	t.Helper()
	return shared.On(t)
}
