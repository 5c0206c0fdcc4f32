package quote

import "strings"

// role is what a field label of a header block names.
type role uint8

const (
	from role = 1 << iota
	sent
	to
	subject
	other
)

// labels maps field labels, folded and in lower case, to their role.
var labels = func() map[string]role {
	m := make(map[string]role)
	for role, names := range map[role]string{
		from: `fra,från,frå,from,von,lähettäjä,afsender,avsändare,avsender,avsendar,sender,absender,de,van,od,da`,
		sent: `sendt,skickat,skickad,sänt,sent,gesendet,lähetetty,dato,date,datum,päivämäärä,päiväys,pvm,sendt den,skickat den,
			date sent,modtaget,mottaget,mottatt,received,empfangen,dato sendt,afsendt,sendte,tid,sendetidspunkt,
			envoyé,verzonden,wysłano,data,inviato,enviado,fecha`,
		to:      `til,till,to,an,vastaanottaja,vastaanottajat,modtager,modtagere,mottagare,mottaker,mottakar,empfänger,recipient,recipients,à,pour,aan,do,para,per`,
		subject: `emne,ämne,subject,betreff,aihe,ärende,vedrørende,objet,sujet,onderwerp,temat,oggetto,asunto,assunto`,
		other: `cc,kopi,kopia,kopie,kopio,bcc,blindkopi,blind kopi,skjult kopi,hemlig kopia,dold kopia,blindkopie,piilokopio,kopi til,kopia till,
			kopi (cc),svar til,svara till,svar-til,reply-to,reply to,antwort an,vastausosoite,svaradress,svaradresse,
			prioritet,vigtighed,viktighet,importance,priority,wichtigkeit,priorität,tärkeys,betydelse,betydning,følsomhed,känslighet,sensitivity,
			vedhæftede filer,vedhæftet fil,vedhæftninger,bilagor,bifogade filer,bifogad fil,vedlegg,attachments,attachment,anlagen,anhänge,liitteet,
			message-id,organization,organisation,resent-from,resent-to,resent-date,when,where,hvornår,hvor,kategorier,categories,mailed-by,signed-by`,
	} {
		for name := range strings.SplitSeq(names, ",") {
			m[string(lower(nil, fold(strings.TrimSpace(name))))] = role
		}
	}
	return m
}()

const maxLabel = 32

// label reads a folded line as a field of a header block.
func label(key string) (r role, value string) {
	key = strings.TrimLeft(key, "*_ |")
	colon := strings.IndexByte(key[:min(len(key), maxLabel)], ':')
	if colon < 0 {
		return 0, ""
	}
	return roleOf(key[:colon]), strings.TrimLeft(key[colon+1:], "*_ \t")
}

// bareLabel reads a field without a colon, as eM Client writes it below its
// separator: `From "Bent Krogh" <bent@krogh.example>`.
func bareLabel(key string) (r role, value string) {
	word, value, _ := strings.Cut(strings.TrimLeft(key, "* "), " ")
	return roleOf(word), value
}

func roleOf(name string) role {
	name = strings.Trim(name, "*_ ")
	if name == "" || len(name) > maxLabel {
		return 0
	}
	var buf [maxLabel]byte
	return labels[string(lower(buf[:0], name))]
}

// fields is what a header block was found to hold.
type fields struct {
	roles             role
	count             int
	address           bool // somewhere
	fromAddress       bool
	fromAlone         bool // and nothing but a sender's name and address
	fromName          bool // the sender's value has the form of a name
	fromOwn           bool // it is the councillor's name
	date, year, clock bool // of the Sent field
}

func (f *fields) add(r role, value string, names *nameSet) {
	if f.roles&r == 0 || r == other {
		f.count++
	}
	f.roles |= r
	f.value(r, value, names)
}

// value takes in a value, or a line by which it goes on.
func (f *fields) value(r role, value string, names *nameSet) {
	address := strings.ContainsRune(value, '@')
	f.address = f.address || address
	switch r {
	case from:
		f.fromAddress = f.fromAddress || address
		f.fromAlone = f.fromAlone || address && (strings.HasSuffix(value, ">") || strings.HasSuffix(value, "]") || !strings.Contains(value, " "))
		f.fromName = f.fromName || nameLike(value)
		f.fromOwn = f.fromOwn || names.in(value)
	case sent:
		s := readSigns(value)
		f.date, f.year, f.clock = f.date || s.date(), f.year || s.year, f.clock || s.clock
	}
}

// nameLike tells a value that begins as a name does and is no longer than one.
func nameLike(value string) bool {
	value = strings.TrimLeft(value, `"'(<[`)
	return value != "" && (value[0] >= 'A' && value[0] <= 'Z' || value[0] >= 0x80) && strings.Count(value, " ") <= 10
}

// opens tells whether the fields are a quoted mail's header block rather than
// lines of the councillor's own ("Fra: kl. 10", "Til: alle naboer"). related: the
// mail is a reply or a forward.
func (f *fields) opens(related bool, l lead) bool {
	reply, led := related, l == leadSure
	related = related || l == leadRule
	has := func(r role) bool { return f.roles&r != 0 }
	known := f.fromAddress || f.fromName
	switch {
	case f.count == 1:
		return f.fromAlone && (related || led)
	case !has(from) && has(sent):
		return f.date && (led || f.address && (has(subject) && f.count >= 3 || related && f.year && f.clock))
	case !has(from):
		return false
	case !known && !led:
		return false
	case f.fromOwn && !reply && !led && (!related || !f.clock && !f.fromAddress):
		return false // the head of the councillor's own memorandum
	case f.fromAddress, led && f.count >= 3, led && f.date:
		return true
	case f.date && f.year && (f.address || has(subject) && f.clock):
		return true
	case has(subject) && f.count >= 3 && (f.address || f.date):
		return true
	}
	return related && has(subject) && !f.fromOwn
}

// tabular tells a row of a table with three cells or more, which no header field is.
func tabular(text string) bool {
	if strings.IndexByte(text, '\t') < 0 {
		return false
	}
	cells := 0
	for cell := range strings.SplitSeq(text, "\t") {
		cells += count(!blank(cell))
	}
	return cells >= 3
}

const maxBlockLines = 60

// headerBlock looks for a header block that begins at line i and returns the
// line after it. bare: the colons may be missing, as below eM Client's separator.
func (c *cutter) headerBlock(i int, l lead, bare bool) (end int, ok bool) {
	if i >= len(c.page.lines) {
		return 0, false
	}
	if f, at := inlineBlock(c.key(i), c.names); at == 0 && f.opens(c.related, l) {
		return i + 1, true
	}
	if tabular(c.page.lines[i].text) {
		return 0, false
	}
	read := label
	if r, _ := label(c.key(i)); r == 0 {
		if !bare {
			return c.foreignBlock(i, l)
		}
		if r, _ = bareLabel(c.key(i)); r == 0 {
			return 0, false
		}
		read = bareLabel
	}
	var f fields
	var last role // whose value the next line may go on with
	filled, more := true, false
	depth := c.page.lines[i].depth
	end = i
	for j := i; j < len(c.page.lines) && j < i+maxBlockLines; j++ {
		text := c.page.lines[j].text
		if c.page.blank(j) {
			if next := c.page.next(j); next > j+2 || next == len(c.page.lines) {
				break
			} else if r, _ := read(c.key(next)); r == 0 && filled {
				break
			}
			continue
		}
		if c.page.lines[j].depth != depth {
			break
		}
		key := c.key(j)
		r, value := read(key)
		if tabular(text) {
			r = 0
		}
		switch {
		case r == from && f.roles&from != 0:
			return end, f.opens(c.related, l)
		case r != 0:
			f.add(r, value, c.names)
			last, filled, more = r, value != "", continues(value)
		case !filled || more || strings.ContainsRune(key, '@') || strings.HasPrefix(text, " ") || strings.HasPrefix(text, "\t"):
			f.value(last, key, c.names)
			filled, more = true, continues(key)
		default:
			return end, f.opens(c.related, l)
		}
		end = j + 1
	}
	return end, f.opens(c.related, l)
}

const (
	maxColumnLines = 24
	columnIndent   = 8 // columns
)

// columnBlock looks for the head that older HCL Notes sets in two columns, far
// indented: sender and date on the left, on the right labels without colons, each
// above its value.
func (c *cutter) columnBlock(i int) (end int, ok bool) {
	if !c.wrapped || i >= len(c.page.lines) || !indented(c.page.lines[i].text) {
		return 0, false
	}
	var roles role
	var sum signs
	end = i
	for j := i; j < len(c.page.lines) && j < i+maxColumnLines; j++ {
		if c.page.blank(j) {
			continue
		}
		if !indented(c.page.lines[j].text) {
			break
		}
		key := c.key(j)
		roles |= roleOf(key)
		sum = sum.add(readSigns(key))
		end = j + 1
	}
	return end, roles&(to|subject) == to|subject && sum.address && sum.dated()
}

func indented(text string) bool {
	return len(text) > columnIndent && strings.TrimLeft(text[:columnIndent], " ") == ""
}

// continues tells a value that is cut off in a list of recipients.
func continues(value string) bool {
	return strings.HasSuffix(value, ",") || strings.HasSuffix(value, ";") || strings.HasSuffix(value, "<")
}

// foreignBlock looks for a header block in a language that we do not know: where
// something announces one, three or more lines of the form "label: value" with an
// address and a date among them; under a separator one of the two will do.
func (c *cutter) foreignBlock(i int, l lead) (end int, ok bool) {
	if l == leadNone {
		return 0, false
	}
	address, dated := false, false
	for end = i; end < len(c.page.lines) && end < i+8; end++ {
		key := c.key(end)
		if colon := strings.Index(key, ": "); colon < 1 || colon > maxLabel {
			break
		}
		s := readSigns(key)
		address, dated = address || s.address, dated || s.year && s.clock
	}
	return end, end >= i+3 && (address && dated || l == leadSure && (address || dated))
}

// inlineBlock reads a header block whose lines were run together ("Fra: Bent
// Krogh Sendt: 4. maj 2026 10:12 Til: Anne Holm Emne: Vejen") and returns where in
// the line it begins, -1 if there is none.
func inlineBlock(key string, names *nameSet) (f fields, begin int) {
	last, start := role(0), 0
	begin = -1
	for at := 0; at < len(key); at++ {
		if key[at] != ':' {
			continue
		}
		word := strings.LastIndexByte(key[:at], ' ') + 1
		r := roleOf(key[word:at])
		if r == 0 || last == 0 && r != from {
			continue
		}
		if last == 0 {
			begin = word
		} else {
			f.add(last, strings.Trim(key[start:word], " *"), names)
		}
		last, start = r, at+1
	}
	if last != 0 {
		f.add(last, strings.Trim(key[start:], " *"), names)
	}
	if f.count < 3 {
		return fields{}, -1
	}
	return f, begin
}
