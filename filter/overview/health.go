package overview

import (
	"fmt"
	"strings"
	"time"

	"councilgate/filter/record"
)

// healthOf tells what may be well or not, with what to do.
func healthOf(f Facts, status record.Status, now time.Time) []health {
	list := []health{readiness(f), policyHealth(f, now), mode(f), recordHealth(f, status)}
	if f.StateShared {
		if f.StateUp {
			list = append(list, health{Name: "Shared state", State: "ok", Text: "The server with the mailings of all gateways answers."})
		} else {
			list = append(list, health{Name: "Shared state", State: "problem", Text: "The server with the mailings of all gateways does not answer. Each gateway counts its own mailings."})
		}
	}
	if f.Directory != nil {
		list = append(list, directoryHealth(*f.Directory, now))
	}
	return list
}

func directoryHealth(d Directory, now time.Time) health {
	if !d.Up {
		return health{Name: "Directory", State: "problem", Text: fmt.Sprintf("It does not answer. The councillors of %s ago are in force.", age(now.Sub(d.Answered)))}
	}
	return health{Name: "Directory", State: "ok", Text: fmt.Sprintf("It named the councillors %s ago.", age(now.Sub(d.Answered)))}
}

func readiness(f Facts) health {
	if !f.Ready {
		return health{Name: "Filter", State: "problem", Text: "It does not take connections from the mail server."}
	}
	return health{Name: "Filter", State: "ok", Text: fmt.Sprintf("It takes connections from the mail server; %s open.", thousands(f.Connections))}
}

func policyHealth(f Facts, now time.Time) health {
	loaded := fmt.Sprintf("%s (%s ago)", f.PolicyLoaded.In(now.Location()).Format(dayName+", "+hourName), age(now.Sub(f.PolicyLoaded)))
	if !f.ReloadOK {
		return health{Name: "Policy", State: "problem", Text: "The policy file is wrong and was not loaded. The policy of " + loaded + " stays in force. What is wrong is in the log, and told by", Hint: "councilgate policy -policy FILE"}
	}
	return health{Name: "Policy", State: "ok", Text: "Loaded " + loaded + "."}
}

func mode(f Facts) health {
	if f.Observing {
		return health{Name: "Mode", State: "look", Text: "Shadow mode: every mail passes as it came. To refuse mail, write into the policy", Hint: "mode: enforce"}
	}
	if len(f.Observed) > 0 {
		var names []string
		for _, r := range f.Observed {
			names = append(names, string(r))
		}
		return health{Name: "Mode", State: "look", Text: "Enforced, but for what is in shadow mode: " + strings.Join(names, ", ") + "."}
	}
	return health{Name: "Mode", State: "ok", Text: "The policy is enforced."}
}

func recordHealth(f Facts, status record.Status) health {
	switch {
	case !status.Kept:
		return health{Name: "Record", State: "off", Text: "None is kept: the counts below begin when councilgate was started. To keep them, name a file in the policy and restart councilgate:", Hint: "record: /var/lib/councilgate/record.jsonl"}
	case !status.Up:
		return health{Name: "Record", State: "problem", Text: "Verdicts are not recorded, or old ones not removed. Mail is judged all the same. The log says why."}
	case f.Dropped > 0:
		return health{Name: "Record", State: "look", Text: fmt.Sprintf("Verdicts are recorded, but %s were not since councilgate was started.", thousands(f.Dropped))}
	}
	return health{Name: "Record", State: "ok", Text: fmt.Sprintf("Verdicts are recorded, and removed after %s.", days(status.Days))}
}

// age writes a time that has passed, in the unit that it is told in.
func age(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return "a minute"
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return days(int(d.Hours()) / 24)
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}
