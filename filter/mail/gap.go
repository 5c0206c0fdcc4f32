package mail

import "councilgate/policy"

// The reasons of gaps, a closed list: they are shown and logged.
const (
	// Unreadable.
	TooDeep      = "too-deep"
	TooManyParts = "too-many-parts"
	TooLarge     = "too-large"
	Broken       = "broken"   // a transfer encoding, archive or document that cannot be undone
	Partial      = "partial"  // message/partial: a piece of a message, the rest came in others
	External     = "external" // message/external-body: the text is somewhere else

	// Encrypted.
	PGP      = "pgp"
	SMIME    = "smime"
	Password = "password" // a document or archive that wants a password

	// Unsupported.
	PDF         = "pdf"
	OldOffice   = "old-office"   // Office documents before 2007 (OLE compound files)
	OutlookItem = "outlook-item" // .msg
	TNEF        = "tnef"         // winmail.dat
	Archive     = "archive"      // 7z, rar, gzip and other archives that are not zip
	Binary      = "binary"       // neither text nor a known form
)

// gap records what could not be read, once for each part and reason.
func (w *walker) gap(kind policy.GapKind, part, reason string) {
	g := policy.Gap{Kind: kind, Part: part, Reason: reason}
	for _, known := range w.message.Gaps {
		if known == g {
			return
		}
	}
	w.message.Gaps = append(w.message.Gaps, g)
}
