package e2e

import (
	"strings"
	"testing"

	"councilgate/deploy/rig"
)

// What becomes of mail while councilgate is down is for milter_default_action to say.
// The piece says tempfail.
func TestDefaultAction(t *testing.T) {
	s := onStage(t)
	const piece = "milter_default_action = tempfail"
	for _, tt := range []struct {
		action string
		code   string // of a sensitive mail
	}{
		{"tempfail", "451"},
		{"accept", "250"},
		{"reject", ""}, // turned away by the greeting
	} {
		t.Run(tt.action, func(t *testing.T) {
			sh := s.startShape(t, []string{"signing"}, "", map[string]string{
				piece:                   "milter_default_action = " + tt.action,
				"$councilgate, $signer": "$councilgate",
				"signer =":              "# signer =",
			})
			if err := sh.daemon.Stop(); err != nil {
				t.Fatal(err)
			}
			m := compose(sensitive)
			c, err := rig.Dial(sh.ports["smtp"], "")
			if tt.code == "" {
				if err == nil || !strings.Contains(err.Error(), "554") {
					t.Errorf("the greeting: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			reply, err := c.Send(councillor, []string{citizen}, m.raw)
			if err != nil {
				t.Fatal(err)
			}
			wantCode(t, reply, tt.code)
			if tt.action == "accept" {
				sh.wantDelivered(t, m)
				return
			}
			// The sender comes again, and councilgate is back.
			sh.start(t)
			wantCode(t, sh.submit(t, "smtp", councillor, []string{citizen}, m), "550")
			wantCode(t, sh.submit(t, "smtp", councillor, []string{citizen}, compose(harmless)), "250")
		})
	}
}
