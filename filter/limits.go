package filter

import (
	"runtime"
	"time"
)

// Limits bounds what a server takes from its peers and gives to one message.
type Limits struct {
	Connections  int   // milter connections at a time; more wait in the kernel's queue
	Message      int   // bytes of one message; a larger one is judged as unreadable
	Header       int   // bytes of its header fields
	HeaderFields int   // number of its header fields
	Recipients   int   // number of its envelope recipients
	Held         int64 // bytes of all messages in memory; beyond it mail has to come again later
	Inspections  int   // inspections at a time

	// An inspection takes several times the memory of its message. Of messages
	// beyond Large bytes, no more than LargeInspections are inspected at a time.
	Large            int
	LargeInspections int

	// Inspection is the time one message gets, waiting for its turn included. The
	// inspector sees it as the deadline of its context and answers with a gap.
	// Overrun is what it gets on top before the server answers in its place.
	Inspection time.Duration
	Overrun    time.Duration

	Idle  time.Duration // silence between two frames
	Frame time.Duration // time for the rest of a frame that has begun
	Write time.Duration // time for the peer to take an answer

	// Grace is how long a stopping server leaves idle connections open: to close
	// one makes the next mail of that SMTP session a temporary failure.
	Grace time.Duration
}

// DefaultLimits returns the limits in force unless something else is asked for.
//
// Postfix waits 300 s for the answer to the end of a message
// (milter_content_timeout) and by default takes mails of 10 MB, 1000 recipients a
// transaction and 100 SMTP sessions at a time. It is silent between messages and
// while a slow client uploads one, hence the long Idle.
func DefaultLimits() Limits {
	return Limits{
		Connections:  200,
		Message:      64 << 20,
		Header:       4 << 20,
		HeaderFields: 10_000,
		Recipients:   10_000,
		Held:         512 << 20,
		Inspections:  4 * runtime.GOMAXPROCS(0),

		Large:            4 << 20,
		LargeInspections: 2,

		Inspection: 20 * time.Second,
		Overrun:    5 * time.Second,
		Idle:       2 * time.Hour,
		Frame:      30 * time.Second,
		Write:      30 * time.Second,
		Grace:      5 * time.Second,
	}
}
