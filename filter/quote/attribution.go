package quote

import "strings"

// signs is what a line shows of an attribution ("Den 4. maj 2026 kl. 10.12 skrev
// Bent Krogh <bent@krogh.example>:"): the parts that every mail program writes,
// in whatever order and language. Signs of lines that belong together add up.
type signs struct {
	day, month, numeric bool // numeric: a date all in digits
	year, clock         bool
	address             bool
	verb, quoting       bool
	prose               bool // somebody speaks: "jeg skrev"
	colon               bool // ends with a colon
	dashes              bool // ends with dashes: Zoho's "wrote ----"
	early               bool // complete before the line ends; text follows
	weekday             bool
	names               int // words left over, a name's if it is an attribution
	lowers              int // those of them in lower case
	before              int // those that come before the first date, time or address
}

func (s signs) date() bool { return s.numeric || s.day && s.month }

// add joins the signs of the next line to s.
func (s signs) add(t signs) signs {
	return signs{
		day: s.day || t.day, month: s.month || t.month, numeric: s.numeric || t.numeric,
		year: s.year || t.year, clock: s.clock || t.clock, address: s.address || t.address,
		verb: s.verb || t.verb, quoting: s.quoting || t.quoting, prose: s.prose || t.prose,
		colon: t.colon, dashes: t.dashes, early: t.early, weekday: s.weekday || t.weekday,
		names: s.names + t.names, lowers: s.lowers + t.lowers, before: s.before,
	}
}

// maxNames bounds the words that a name in an attribution may have, a company's
// included.
const maxNames = 9

// readSigns reads the signs of a folded line.
func readSigns(key string) signs {
	var s signs
	words := 0
	for rest := key; rest != ""; {
		var word string
		word, rest, _ = strings.Cut(rest, " ")
		if strings.Trim(word, "-=_*") == "" {
			s.dashes = s.dashes || strings.HasPrefix(word, "--")
			continue
		}
		if words++; words > 40 {
			s.prose = true
			return s
		}
		s.colon, s.dashes = strings.HasSuffix(strings.TrimRight(word, `*_">)`), ":"), strings.HasSuffix(word, "--")
		s.read(strings.Trim(word, "-*_"))
		if s.colon && rest != "" && s.verb && s.address && s.date() && s.clock {
			s.early = true
			return s
		}
	}
	return s
}

// read takes one word in.
func (s *signs) read(word string) {
	if strings.ContainsRune(word, '@') {
		s.address = true
		return
	}
	bare := trimPunctuation(word)
	if bare == "" {
		return
	}
	if c := bare[0]; '0' <= c && c <= '9' {
		if day, rest, ok := strings.Cut(bare, "-"); ok && classOf(rest[:min(len(rest), 3)])&month != 0 { // 11-Apr-2026
			s.month, bare = true, day
			s.year = strings.Contains(rest, "-")
		}
		s.number(bare)
		return
	}
	c := classOf(bare)
	switch {
	case c&verb != 0:
		s.verb = true
	case c&quoting != 0:
		s.quoting = true
	case c&pronoun != 0 && (bare[0] >= 'a' || s.names == 0):
		s.prose = true
	case c&month != 0:
		s.month = true
	case c&weekday != 0:
		s.weekday = true
	case c&(timeWord|particle) != 0 || strings.HasPrefix(bare, "GMT") || strings.HasPrefix(bare, "UTC"):
	default:
		s.names++
		if !s.day && !s.numeric && !s.clock && !s.address {
			s.before++
		}
		if 'a' <= bare[0] && bare[0] <= 'z' {
			s.lowers++
		}
	}
}

// number reads a word that begins with a digit: a day, a year, a date or a time.
func (s *signs) number(word string) {
	var part, size [4]int
	var sep [4]byte
	n, digits := 0, 0
	for i := 0; i < len(word) && n < len(part); i++ {
		c := word[i]
		switch {
		case '0' <= c && c <= '9' && digits < 4:
			part[n], digits = part[n]*10+int(c-'0'), digits+1
			size[n] = digits
		case c == '.' || c == ':' || c == '-' || c == '/':
			sep[n] = c
			n, digits = n+1, 0
		case c == 'T' && n == 2 && sep[0] == '-': // ISO 8601
			s.numeric, s.year, s.clock = true, true, true
			return
		default:
			i = len(word) // "4th", "10:12AM", "10:12:13+02:00"
		}
	}
	if n < len(part) && size[n] > 0 {
		n++
	}
	switch {
	case n == 1 && size[0] == 4 && part[0] >= 1970 && part[0] < 2100:
		s.year = true
	case n == 1 && size[0] <= 2 && part[0] >= 1 && part[0] <= 31:
		s.month = s.month || s.day && size[0] == 2 && part[0] <= 12 // Evolution: "12 03 2026"
		s.day = true
	case n >= 3 && sep[0] != ':' && (size[0] == 4 || size[2] == 4):
		s.numeric, s.year = true, true
	case n >= 3 && (sep[0] == '-' || sep[0] == '/'):
		s.numeric, s.year = true, true
	case n >= 3 && sep[0] == '.' && !s.date():
		s.numeric, s.year = true, true
	case n >= 2 && (sep[0] == ':' || sep[0] == '.') && size[1] == 2 && part[0] < 24 && part[1] < 60:
		s.clock = true
	case n == 2 && (sep[0] == '/' || sep[0] == '-') && part[0] <= 31 && part[1] <= 31:
		s.numeric = true
	}
}

// attributes tells whether the signs are those of an attribution. related: the
// mail is a reply or forward, or what follows greets; cited: what follows is
// marked as quoted.
func (s signs) attributes(related, cited bool) bool {
	if s.prose || s.names > maxNames {
		return false
	}
	switch {
	case s.colon, s.early, s.dashes && s.verb && (s.address || s.dated()):
	case cited && s.address && s.date() && s.year: // "2026/5/4 Bent Krogh <bent@krogh.example>"
	default:
		return false
	}
	known := s.address && s.dated() && (s.before <= 1 || s.lowers == 0)
	switch {
	case s.lowers == 0:
	case s.lowers <= 3 && (s.address && (s.verb || s.quoting) || cited || related && s.clock && s.verb && s.before == 0):
	case s.lowers <= 5 && known && related:
	default:
		return false
	}
	switch {
	case s.verb && s.address:
		return s.date() || s.names <= 5
	case s.verb && s.date() && s.clock && (s.year && (s.numeric || s.weekday) || related || cited):
		return true
	case s.verb && s.date() && (s.year && related || cited):
		return true
	case s.quoting && s.address, s.quoting && cited && s.names > 0, cited && s.address && s.date():
		return true
	case known: // no verb (Gmail until 2013), or one of a language that we do not know
		return true
	}
	return s.verb && cited && (s.names > 0 || s.weekday || s.clock)
}

// attribution looks for an attribution that begins at line i, in up to three
// lines, and returns the line after it.
func (c *cutter) attribution(i int) (end int, ok bool) {
	if i >= len(c.page.lines) || !c.mayAttribute(i) {
		return 0, false
	}
	first := readSigns(c.key(i))
	if notesHead(c.key(i), first) {
		return i + 1, true
	}
	begins := first.date() || first.address || first.quoting || first.verb || first.clock ||
		first.weekday && first.names == 0
	if !begins && !c.nameAlone(i, first) {
		return 0, false
	}
	sum := first
	for end = i + 1; ; end++ {
		next := c.page.next(end)
		cited := c.cited(next, i)
		related := c.related || next < len(c.page.lines) && c.greets(next)
		if sum.attributes(related, cited) {
			return end, true
		}
		if end == i+3 || end == len(c.page.lines) || c.page.blank(end) ||
			sum.prose || sum.colon || first.lowers > 0 && !(first.address && first.clock) || c.page.lines[end].depth != c.page.lines[i].depth {
			return 0, false
		}
		sum = sum.add(readSigns(c.key(end)))
	}
}

// mayAttribute tells cheaply whether one of the lines ends or reads as the last
// line of an attribution does.
func (c *cutter) mayAttribute(i int) bool {
	for j := i; j < len(c.page.lines) && j < i+3; j++ {
		text := strings.TrimRight(c.page.lines[j].text, " \t\u00a0*_\"")
		if text == "" {
			return false
		}
		if last := text[len(text)-1]; last == ':' || last == '-' || last == '>' || last >= 0x80 ||
			strings.IndexByte(text, '@') >= 0 || strings.Contains(text, "---") {
			return true
		}
	}
	return false
}

// nameAlone tells a line that holds but a name, continued by an address or verb.
func (c *cutter) nameAlone(i int, s signs) bool {
	if s.names == 0 || s.names > 4 || s.lowers > 0 || s.prose || i+1 >= len(c.page.lines) {
		return false
	}
	next := c.key(i + 1)
	word, _, _ := strings.Cut(next, " ")
	return strings.HasPrefix(next, "<") || classOf(word)&verb != 0
}

// notesHead tells the line with which HCL Notes begins a quote: "Bent Krogh
// ---04-05-2026 10:12:13---Kære Anne".
func notesHead(key string, s signs) bool {
	at := strings.Index(key, "---")
	return at > 0 && strings.LastIndex(key, "---") > at+3 && s.names <= 12 &&
		readSigns(strings.ReplaceAll(key, "---", " ")).dated()
}

func (s signs) dated() bool { return s.date() && s.year && s.clock }
