// Command trial is the program behind deploy/try: it sends sample mails through a
// real Postfix with councilgate plugged in, and prints what the councillors see.
//
//	trial [-keep] DIR
//
// DIR holds the councilgate program to try and takes everything else that the
// trial needs. It is removed at the end.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"councilgate/deploy/rig"
)

const (
	scenesDir     = "testdata/try"
	defaultPolicy = "policy/default.yaml"
)

func main() {
	keep := flag.Bool("keep", false, "leave everything running until Ctrl-C")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: trial [-keep] DIR")
		os.Exit(2)
	}
	// SIGPIPE as well: "deploy/try | head" must not leave a Postfix behind.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()
	err := run(ctx, flag.Arg(0), *keep)
	if err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "deploy/try:", err)
	}
	if err != nil {
		os.Exit(1)
	}
}

// run plays the scenes; it stops what it started on every way out.
func run(ctx context.Context, dir string, keep bool) (err error) {
	cleanup := func(what func() error) { err = errors.Join(err, what()) }
	defer cleanup(func() error { return os.RemoveAll(dir) })
	scenes, err := rig.Scenes(scenesDir)
	if err != nil {
		return err
	}
	sink, err := rig.StartSink(dir)
	if err != nil {
		return err
	}
	defer cleanup(sink.Stop)
	milter := rig.MilterSocket("councilgate.sock")
	postfix, err := rig.StartPostfix(dir, sink.Transport(), milter, rig.Service{Name: "smtp", Milter: milter})
	if err != nil {
		return err
	}
	defer cleanup(postfix.Stop)
	// A copy that the user postfix can read, and the visitor may change.
	policyFile := filepath.Join(dir, "policy.yaml")
	if err := copyFile(policyFile, defaultPolicy); err != nil {
		return err
	}
	daemon, err := rig.StartDaemon(filepath.Join(dir, "councilgate"), policyFile,
		"unix:"+postfix.Socket("councilgate.sock"), filepath.Join(dir, "councilgate.log"))
	if err != nil {
		return err
	}
	defer cleanup(daemon.Stop)

	before, err := daemon.Metrics()
	if err != nil {
		return err
	}
	surprises := 0
	for i, scene := range scenes {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		shown, err := play(scene, postfix, sink)
		if err != nil {
			return fmt.Errorf("%s: %w", scene.Mail, err)
		}
		printScene(i+1, scene, shown)
		if shown.outcome != scene.Expect {
			surprises++
		}
	}
	after, err := daemon.Metrics()
	if err != nil {
		return err
	}
	printMoved(before, after)
	if keep {
		printPlaces(postfix, sink, daemon, policyFile)
		<-ctx.Done()
		fmt.Println("\nStopping.")
		return nil
	}
	if surprises > 0 {
		return fmt.Errorf("%d of %d mails did not fare as the guidelines demand", surprises, len(scenes))
	}
	return nil
}

func copyFile(to, from string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}

// shown is what became of a mail.
type shown struct {
	outcome rig.Outcome
	reply   rig.Reply
	tag     string // X-Mass-Mailing as delivered
}

// play submits one mail and looks what arrived at the next hop.
func play(scene rig.Scene, postfix *rig.Postfix, sink *rig.Sink) (shown, error) {
	reply, err := rig.Submit(postfix.Addr("smtp"), scene.Login, scene.From, scene.To, scene.Raw)
	if err != nil {
		return shown{}, err
	}
	switch reply.Class() {
	case '4':
		return shown{outcome: rig.Later, reply: reply}, nil
	case '5':
		return shown{outcome: rig.Refused, reply: reply}, nil
	case '2':
	default:
		return shown{}, fmt.Errorf("malformed reply %q", reply)
	}
	if err := postfix.Settled(); err != nil {
		return shown{}, err
	}
	arrived, err := sink.Delivered("Message-Id", scene.MessageID())
	if err != nil {
		return shown{}, err
	}
	if len(arrived) != 1 {
		return shown{}, fmt.Errorf("accepted, but delivered %d times", len(arrived))
	}
	if tag := arrived[0].Header.Get("X-Mass-Mailing"); tag != "" {
		return shown{outcome: rig.Tagged, reply: reply, tag: tag}, nil
	}
	return shown{outcome: rig.Passed, reply: reply}, nil
}
