package rig

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// Daemon is a running councilgate.
type Daemon struct {
	HTTP string // host:port of /metrics, /healthz and /readyz
	Log  string // path of its log
	cmd  *exec.Cmd
	done chan error // receives the end of the process, once
}

// StartDaemon runs "councilgate serve" under the user postfix, so that Postfix may
// use its socket, and returns when it is ready. policy is the path of a policy
// file that the user postfix can read, "" for the built-in one; the log is appended
// to.
func StartDaemon(program, policy, milter, log string) (*Daemon, error) {
	port, err := FreePort()
	if err != nil {
		return nil, err
	}
	logFile, err := os.OpenFile(log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	defer logFile.Close()
	d := &Daemon{HTTP: fmt.Sprintf("127.0.0.1:%d", port), Log: log, done: make(chan error, 1)}
	args := []string{"serve", "-milter", milter, "-http", "inet:" + d.HTTP}
	if policy != "" {
		args = append(args, "-policy", policy)
	}
	if d.cmd, err = asPostfix(exec.Command(program, args...)); err != nil {
		return nil, err
	}
	d.cmd.Stdout, d.cmd.Stderr = logFile, logFile
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { d.done <- d.cmd.Wait() }()
	err = eventually("councilgate to be ready", func() (bool, error) {
		select {
		case err := <-d.done:
			d.done <- err
			return false, fmt.Errorf("ended: %v\n%s", err, tail(log, 20))
		default:
		}
		resp, err := http.Get("http://" + d.HTTP + "/readyz")
		if err != nil {
			return false, nil
		}
		return resp.StatusCode == http.StatusOK, resp.Body.Close()
	})
	if err != nil {
		d.Kill()
		return nil, err
	}
	return d, nil
}

// PID is the process's number.
func (d *Daemon) PID() int { return d.cmd.Process.Pid }

// Signal sends the process a signal.
func (d *Daemon) Signal(sig os.Signal) error { return d.cmd.Process.Signal(sig) }

// Wait waits for the process to end and returns how it ended. It may be called
// again.
func (d *Daemon) Wait() error {
	err := <-d.done
	d.done <- err
	return err
}

// Stop ends the process in good order.
func (d *Daemon) Stop() error {
	if err := d.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return d.Wait()
}

// Kill ends the process at once, without a chance to tidy up.
func (d *Daemon) Kill() {
	// An error means that it has ended already.
	_ = d.cmd.Process.Kill()
	_ = d.Wait()
}

// Metrics returns the samples of /metrics by name and labels, as printed there.
func (d *Daemon) Metrics() (map[string]float64, error) {
	resp, err := http.Get("http://" + d.HTTP + "/metrics")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	samples := make(map[string]float64)
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		line := lines.Text()
		i := strings.LastIndexByte(line, ' ')
		if i < 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if samples[line[:i]], err = strconv.ParseFloat(line[i+1:], 64); err != nil {
			return nil, fmt.Errorf("metrics: %w", err)
		}
	}
	return samples, nil
}

// PeakMemory returns the largest resident size of the process in bytes, since its
// start or the last call of ResetPeakMemory (proc(5), VmHWM).
func (d *Daemon) PeakMemory() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.PID()))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kB, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			return kB << 10, err
		}
	}
	return 0, errors.New("no VmHWM in /proc")
}

// ResetPeakMemory lets PeakMemory start anew (proc(5), clear_refs).
func (d *Daemon) ResetPeakMemory() error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", d.PID()), []byte("5"), 0)
}
