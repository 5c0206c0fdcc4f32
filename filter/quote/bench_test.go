package quote_test

import (
	"os"
	"strings"
	"testing"

	"councilgate/filter/mail"
	"councilgate/filter/quote"
)

// BenchmarkSplit measures what cutting costs: a usual reply of either form, and
// large texts of each kind, among them those made to be slow.
func BenchmarkSplit(b *testing.B) {
	raw, err := os.ReadFile("../../testdata/quote/outlook-classic-da-reply-html.eml")
	if err != nil {
		b.Fatal(err)
	}
	for _, text := range mail.Parse(raw, mail.DefaultLimits()).Texts[:2] {
		body := text.Body
		b.Run("mail/"+string(text.Type), func(b *testing.B) { split(b, text.Type, body) })
		own, quoted, _ := strings.Cut(body, "Fra:")
		b.Run("own1M/"+string(text.Type), func(b *testing.B) { split(b, text.Type, fill(own)) })
		b.Run("quoted1M/"+string(text.Type), func(b *testing.B) { split(b, text.Type, own+"Fra:"+fill(quoted)) })
	}
	b.Run("attached1M/plain", func(b *testing.B) {
		m := message(mail.Plain, fill("En linje i et bilag, 12.000 kr. og 3 børn.\n"), 4)
		b.SetBytes(1 << 20)
		b.ReportAllocs()
		for b.Loop() {
			quote.Split(m, councillor)
		}
	})
	for name, text := range map[string]struct {
		typ  mail.Type
		unit string
	}{
		"labels":       {mail.Plain, "Fra: \n"},
		"attributions": {mail.Plain, "Den 4. maj 2026 kl. 10.12 skrev\n"},
		"greetings":    {mail.Plain, "Kære Anne\n"},
		"letters":      {mail.Plain, "Kære Anne\nMed venlig hilsen\nBent\n\n"},
		"forms":        {mail.Plain, "Navn: a\n"},
		"comments":     {mail.Plain, "3 Svar t\n"},
		"chats":        {mail.Plain, "Bo Bak\n4. maj 2026 10:12\n\n"},
		"messages":     {mail.Plain, "\nHej Anne, der er igen ingen hjælp til min far i aften\n"},
		"columns":      {mail.Plain, "            Til\n"},
		"marks":        {mail.Plain, "> > > > a\nb\n"},
		"rules":        {mail.Plain, "-----\n\n"},
		"blanks":       {mail.Plain, "\n"},
		"line":         {mail.Plain, "Fra: a@b Til: c Emne: d "},
		"dashes":       {mail.Plain, "---- x "},
		"divs":         {mail.HTML, "<div class=gmail_quote>a"},
		"boxes":        {mail.HTML, "<div class=gmail_quote>a</div>"},
		"ends":         {mail.HTML, "<i><p></b></i>"},
		"links":        {mail.HTML, "<a href=xy><b>"},
		"breaks":       {mail.HTML, "<br>"},
	} {
		b.Run("hostile/"+name, func(b *testing.B) { split(b, text.typ, fill(text.unit)) })
	}
}

// fill repeats unit up to about a megabyte.
func fill(unit string) string { return strings.Repeat(unit, 1<<20/len(unit)) }

func split(b *testing.B, typ mail.Type, body string) {
	m := message(typ, body, 1)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		quote.Split(m, councillor)
	}
}
