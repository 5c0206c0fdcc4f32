package main

import (
	"slices"
	"testing"
)

func TestCommands(t *testing.T) {
	const overview = `councilgate inspects mail.

usage: councilgate COMMAND [flags]

  serve     run the filter
  policy    validate a policy

  councilgate check -from a@b.example mail.eml
`
	if got := commands(overview); !slices.Equal(got, []string{"serve", "policy"}) {
		t.Errorf("%q", got)
	}
}

func TestFlagList(t *testing.T) {
	const text = `usage: councilgate check [flags]

Judges mails.

  -http.config FILE
    	ask that server; it isn't asked without. Never mind
  -from ADDR[,ADDR...]
    	addresses
    	.forward or \n
  -v	tell more
  -dns HOST:PORT
    	` + "`FILE` (default \"a-b\")" + `
`
	const want = `.Bl -tag -width Ds
.It Fl http.config Ar FILE
ask that server; it isn\(aqt asked without.
Never mind
.It Fl from Ar ADDR[,ADDR...]
addresses
\&.forward or \en
.It Fl v
tell more
.It Fl dns Ar HOST:PORT
\(gaFILE\(ga (default "a\-b")
.El
`
	if got := flagList(text); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := flagList("usage: councilgate version\n"); got != "" {
		t.Errorf("without flags: %q", got)
	}
}

func TestPolicyKeys(t *testing.T) {
	const text = `# An introduction.
# municipality: not here.

# The name. It is
# read by all.
municipality: Nørreå

# Servers. Left out: none.
#   key  file of
#          the key
#
#     state: redis://x
#     state_files:
#       key: /x

# More about it:
#
#     state: "a\b"
`
	const want = `.Ss municipality
The name.
It is
read by all.
.Bd -literal -offset indent
municipality: Nørreå
.Ed
.Ss state
Servers.
Left out: none.
.Bd -literal -offset indent
key  file of
       the key

state: redis://x
state_files:
  key: /x
.Ed
.Pp
More about it:
.Bd -literal -offset indent
state: "a\eb"
.Ed
`
	if got := policyKeys(text); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
