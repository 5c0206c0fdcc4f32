package rig

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
)

// A Stage is what all tests of a package share and what takes long to set up. Its zero
// value is ready for Run.
type Stage[S io.Closer] struct {
	shared  S
	missing error // why there is none
}

// Run sets the stage up, runs the tests and closes it; it is for TestMain, and returns
// the exit status. Where available tells why there can be no stage, the tests run
// without. setUp returns what there is to close even if it fails.
func (s *Stage[S]) Run(m *testing.M, available func() error, setUp func() (S, error)) (code int) {
	if s.missing = available(); s.missing != nil {
		return m.Run()
	}
	var err error
	s.shared, err = setUp()
	defer func() {
		if err := s.shared.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "tearing down:", err)
			code = 1
		}
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "setting up:", err)
		return 1
	}
	return m.Run()
}

// On returns what the tests share. Without a stage the test ends as Need says.
func (s *Stage[S]) On(t testing.TB) S {
	t.Helper()
	Need(t, s.missing)
	return s.shared
}

// Need ends a test if something that it needs is missing. It is skipped; where CI=true
// is set it fails, so that nobody mistakes silence for success.
func Need(t testing.TB, missing error) {
	t.Helper()
	switch {
	case missing == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("cannot run: %v", missing)
	default:
		t.Skipf("skipped: %v", missing)
	}
}

// Installed tells which of some programs is missing, or nil if none is.
func Installed(programs ...string) error {
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%s is not installed", program)
		}
	}
	return nil
}
