package filter

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"councilgate/policy"
)

// Why the server itself could not bring a message to a verdict.
var (
	errBusy    = errors.New("busy")    // no turn in time
	errTimeout = errors.New("timeout") // the inspector did not come back
	errMemory  = errors.New("memory")  // too much mail at a time
)

// A panicError tells where our code panicked, and of what type the panic's value
// was. The value itself may hold text of a mail and is dropped.
type panicError struct {
	kind string
	at   string // innermost calls of this program: "filter/session.go:42 filter/milter.go:10"
}

func (e *panicError) Error() string { return "panic" }

// recovered returns a panicError for the panic value v. It must be called by the
// deferred function that recovered v.
func recovered(v any) *panicError {
	const depth = 4
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	var at []string
	for {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, "councilgate/") {
			dir, file := filepath.Split(f.File)
			at = append(at, fmt.Sprintf("%s/%s:%d", filepath.Base(dir), file, f.Line))
		}
		if !more || len(at) == depth {
			break
		}
	}
	return &panicError{kind: fmt.Sprintf("%T", v), at: strings.Join(at, " ")}
}

// inspect has a message judged within the limits of time and number. It calls
// release once, when nothing holds raw any more.
func (s *Server) inspect(p *policy.Policy, env Envelope, raw []byte, release func()) (Judgement, error) {
	ctx, cancel := context.WithTimeout(context.Background(), s.Limits.Inspection)
	defer cancel()
	endTurn, err := s.turn(ctx, len(raw))
	if err != nil {
		release()
		return Judgement{}, err
	}

	type result struct {
		judgement Judgement
		err       error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if v := recover(); v != nil {
				r = result{err: recovered(v)}
			}
			// A goroutine cannot be ended from outside: an inspection that never
			// comes back keeps its turn, so that there are never more than allowed.
			endTurn()
			release()
			done <- r
		}()
		r.judgement = s.Judge.Judge(ctx, p, env, raw)
	}()

	giveUp := time.NewTimer(s.Limits.Inspection + s.Limits.Overrun)
	defer giveUp.Stop()
	select {
	case r := <-done:
		return r.judgement, r.err
	case <-giveUp.C:
		return Judgement{}, errTimeout
	}
}

// turn waits for an inspection's turn. The caller ends it by the function
// returned.
func (s *Server) turn(ctx context.Context, size int) (end func(), err error) {
	// A large message first waits for the others of its kind, so that it keeps no
	// small one waiting meanwhile.
	large := size > s.Limits.Large
	if large && !enter(ctx, s.large) {
		return nil, errBusy
	}
	if !enter(ctx, s.turns) {
		if large {
			<-s.large
		}
		return nil, errBusy
	}
	return func() {
		<-s.turns
		if large {
			<-s.large
		}
	}, nil
}

// enter waits for a place and reports whether there was one before ctx ended.
func enter(ctx context.Context, places chan struct{}) bool {
	select {
	case places <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}
