package main

import (
	"bytes"
	"fmt"
	"log/slog"

	"councilgate/filter"
	"councilgate/filter/mailing"
	"councilgate/policy"
)

// maxSecretFile bounds a file with a key, a password or certificates, in bytes.
const maxSecretFile = 1 << 20

// newTracker returns the tracker of mailings that the policy asks for, and what
// closes it.
func newTracker(p *policy.Policy, metrics *filter.Metrics, log *slog.Logger) (*mailing.Tracker, func(), error) {
	config := mailing.Config{
		Events: mailing.Events{Closed: metrics.MassMailing, StateUp: metrics.MailingStateUp},
		Log:    log,
		Limits: mailing.DefaultLimits(),
	}
	state := p.State()
	if state.URL == "" {
		if p.CountsMassMailings() {
			log.Info("mailings are counted in memory: a restart forgets those under way, and other gateways count their own")
		}
		tracker := mailing.New(config)
		return tracker, tracker.Close, nil
	}
	store, key, err := openState(state)
	if err != nil {
		return nil, nil, err
	}
	config.Store, config.Key = store, key
	metrics.MailingStateShared()
	tracker := mailing.New(config)
	return tracker, func() {
		tracker.Close()
		// What is lost with the connections was answered long ago.
		_ = store.Close()
	}, nil
}

// openState returns the shared state, without connecting yet, and the key of its
// hashes.
func openState(state policy.State) (*mailing.Redis, []byte, error) {
	key, err := readSecret("state_files.key", state.Key)
	if err != nil {
		return nil, nil, err
	}
	if len(key) < mailing.MinKey {
		return nil, nil, fmt.Errorf("state_files.key: less than %d bytes; openssl rand -base64 32 makes a key", mailing.MinKey)
	}
	password, err := readSecret("state_files.password", state.Password)
	if err != nil {
		return nil, nil, err
	}
	ca, err := readSecret("state_files.ca", state.CA)
	if err != nil {
		return nil, nil, err
	}
	store, err := mailing.NewRedis(mailing.RedisOptions{URL: state.URL, Password: string(password), CA: ca})
	if err != nil {
		return nil, nil, fmt.Errorf("state: %w", err)
	}
	return store, key, nil
}

// newSigner returns the signer that the policy asks for, nil if for none.
func newSigner(p *policy.Policy) (*filter.Signer, error) {
	d := p.DKIM()
	if d.Domain == "" {
		return nil, nil
	}
	key, err := readSecret("dkim.key_file", d.KeyFile)
	if err != nil {
		return nil, err
	}
	signer, err := filter.NewSigner(d.Domain, d.Selector, key)
	if err != nil {
		return nil, fmt.Errorf("dkim.key_file: %w", err)
	}
	return signer, nil
}

// readSecret reads the file that a key of the policy names, "" for none, without
// white space at its end.
func readSecret(path, file string) ([]byte, error) {
	if file == "" {
		return nil, nil
	}
	data, err := readFile(file, maxSecretFile)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", path, file, err)
	}
	return bytes.TrimSpace(data), nil
}
