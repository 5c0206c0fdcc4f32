package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"councilgate/filter"
	"councilgate/policy"
)

// overrideKey reads the key of override codes that the policy names, nil if it names
// none.
func overrideKey(p *policy.Policy) ([]byte, error) {
	file := p.OverrideKeyFile()
	key, err := readSecret("override_key_file", file)
	if err == nil && file != "" && len(key) < filter.MinOverrideKey {
		err = fmt.Errorf("override_key_file: %s: a key of less than %d bytes; make one by head -c 32 /dev/urandom", file, filter.MinOverrideKey)
	}
	return key, err
}

// warnKeyless logs that override codes will not outlive the process.
func warnKeyless(log *slog.Logger, p *policy.Policy) {
	if p.AllowsOverride() && p.OverrideKeyFile() == "" {
		log.Warn("the policy names no override_key_file: override codes end with this process")
	}
}

// noticeTime is how long notices may take to go out once the daemon is told to stop.
const noticeTime = 5 * time.Second

func (d *daemon) closeNotices() {
	ctx, cancel := context.WithTimeout(context.Background(), noticeTime)
	defer cancel()
	d.notices.Close(ctx)
}
