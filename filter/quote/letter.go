package quote

import (
	"strings"

	"councilgate/policy"
)

// letterFinder looks in the councillor's text for what somebody else wrote and
// was pasted in without any mark: letters and messages to the councillor, filled
// in forms, comments of social media. The words alone say so, hence it is unsure.
type letterFinder struct {
	*cutter
	// closing is the first line below the one looked at that closes a letter, per
	// way in which it began; looked for once.
	closing [3][2]int
	// read is the line up to which words were looked at, carrier the last one of
	// those that speaks of another's text.
	read, carrier int
}

func (c *cutter) findLetters() {
	if len(c.names.words) == 0 {
		return
	}
	f := letterFinder{cutter: c, carrier: -1}
	for i := 0; i < len(c.places); {
		if c.places[i].place != policy.Own || c.page.blank(i) {
			i++
			continue
		}
		begin, end := f.pasted(i)
		for at := begin; at < end; at++ {
			c.places[at].place, c.places[at].unsure = policy.Forwarded, true
		}
		i = max(i+1, end)
	}
}

// pasted looks for a pasted text that is known by line i, its first or, of a
// comment, its last. end is 0 where there is none.
func (f *letterFinder) pasted(i int) (begin, end int) {
	word, _, _ := strings.Cut(f.key(i), " ")
	if strings.Trim(word, ruleChars) == "" {
		return 0, 0
	}
	first := classOf(word)
	if f.isPostFooter(i, first) {
		return f.post(i)
	}
	if end = f.form(i); end > 0 {
		if below, ok := f.letterEnd(f.closingBelow(end-1, councillor, false)); ok {
			end = below // the message goes on over blank lines
		}
		return f.formTitle(i), end
	}
	return f.letter(i, first)
}

// addressee is whom a greeting greets.
type addressee int

const (
	nobody     addressee = iota - 1 // no councillor
	anybody                         // in a text that the councillor introduces as another's
	everybody                       // councillors in general, as councillors greet them, too
	councillor                      // the councillor by name
)

// opening is how a letter begins.
type opening struct {
	to      addressee
	oneLine bool // the line says more than a greeting
	stamped bool // it is a name, and the time stands below
	bare    bool // there is no greeting, only a line above that ends with a colon
}

// letter looks for a letter that begins at line i, or with a letterhead above it.
// first is the class of its first word.
func (f *letterFinder) letter(i int, first class) (begin, end int) {
	o := f.opening(i, first)
	if o.to == nobody {
		return 0, 0
	}
	begin = f.letterhead(i, o.stamped)
	introduced := f.introduced(begin) != unintroduced
	if o.oneLine {
		if end = f.paragraphEnd(i); f.closesInline(end - 1) {
			return begin, end
		}
	}
	closing := f.closingBelow(i, o.to, introduced)
	if end, ok := f.letterEnd(closing); ok {
		if o.bare && !f.goesOn(end) {
			return 0, 0
		}
		return begin, end
	}
	switch {
	case o.to != councillor || !introduced:
		return 0, 0
	case o.oneLine:
		return begin, f.paragraphEnd(i)
	}
	return begin, f.ownEnd(i+1, closing) // no end of its own
}

// opening reads line i as the first of a letter.
func (f *letterFinder) opening(i int, first class) opening {
	key := f.key(i)
	greets := first&greeting != 0 && f.greets(i)
	starts := f.startsParagraph(i)
	if starts && first&greeting != 0 && f.addresses(i) && strings.Count(key, " ") > maxGreetingWords {
		return opening{to: councillor, oneLine: true}
	}
	if greets && f.names.in(key) {
		return opening{to: councillor}
	}
	if greets {
		for word := range strings.FieldsSeq(key) {
			if classOf(word)&politics != 0 {
				return opening{to: everybody}
			}
		}
	}
	switch {
	case !starts:
	case f.addressLine(i, first):
		return opening{to: councillor}
	case f.stamped(i):
		return opening{to: councillor, stamped: true}
	case first&greeting != 0 && (greets || strings.IndexByte(key, ' ') < 0): // "Hej!"
		if f.introduced(i) == carried {
			return opening{to: anybody}
		}
	case f.belowColon(i) && f.introduced(i) == carried:
		return opening{to: anybody, bare: true}
	}
	return opening{to: nobody}
}

// addressLine tells a line that names the councillor as whom a letter is for: "Til
// byrådsmedlem Anne Holm", or the name as a greeting, "Karin Lindqvist,", that
// somebody goes on from. first is the class of its first word.
func (c *cutter) addressLine(i int, first class) bool {
	key := c.key(i)
	if len(key) > maxGreeting {
		return false
	}
	if word, rest, _ := strings.Cut(key, " "); first&particle != 0 && roleOf(word) == to && !strings.ContainsAny(key, ":.?") {
		lowers := 0
		for word := range strings.FieldsSeq(rest) {
			lowers += count(lowerCase(word) && classOf(word)&(politics|particle) == 0)
		}
		return lowers == 0 && c.names.in(rest)
	}
	if !strings.HasSuffix(key, ",") && !strings.HasSuffix(key, "!") || !c.names.alone(key) {
		return false
	}
	next, above := c.page.next(i+1), c.above(i)
	return next < len(c.places) && c.prose(next) && (above < 0 || !c.closes(above))
}

// addresses tells a line that begins with a greeting of the councillor by name:
// "Hej Karin det är Johan i Haga. Bussen ...".
func (c *cutter) addresses(i int) bool {
	_, rest, _ := strings.Cut(c.key(i), " ")
	var word string
	for n := 0; n < 3 && rest != ""; n++ {
		if word, rest, _ = strings.Cut(rest, " "); c.names.in(word) {
			return true
		}
		if word == "" || strings.ContainsAny(word[len(word)-1:], ".!?,:") {
			return false
		}
	}
	return false
}

// belowColon tells a line below a colon with which an introduced text may begin:
// anything but the councillor's own closing.
func (c *cutter) belowColon(i int) bool {
	above := c.above(i)
	return above >= 0 && strings.HasSuffix(c.page.lines[above].text, ":") && !c.closes(i) && !c.names.alone(c.key(i))
}

// stamped tells a message's head as chats give it along: a name, below it the
// time.
func (c *cutter) stamped(i int) bool {
	if i+1 >= len(c.places) || len(c.page.lines[i].text) > maxGreeting || len(c.page.lines[i+1].text) > maxGreeting ||
		!strings.ContainsAny(c.page.lines[i+1].text, "0123456789") || !fullName(c.key(i)) || c.names.in(c.key(i)) {
		return false
	}
	s := readSigns(c.key(i + 1))
	return s.date() && s.clock && s.names == 0 && !s.verb && !s.prose
}

const (
	maxParagraph     = 40 // lines of a message
	maxLetterhead    = 10 // lines of a letterhead
	maxThanks        = 30 // bytes of a line of thanks
	maxGreetingWords = 7  // of a line that only greets
)

// startsParagraph tells whether a blank line stands above, or lines are
// paragraphs anyway.
func (c *cutter) startsParagraph(i int) bool {
	return i == 0 || !c.wrapped || strings.HasSuffix(c.page.lines[i-1].text, ":") || c.page.blank(i-1)
}

// paragraphEnd returns the line after the paragraph that begins at line i.
func (c *cutter) paragraphEnd(i int) int {
	end := i + 1
	if !c.wrapped && i > 0 && !c.page.blank(i-1) {
		return end // nothing but the lines parts the paragraphs
	}
	for end < len(c.places) && end < i+maxParagraph && c.places[end].place == policy.Own && !c.page.blank(end) {
		end++
	}
	return end
}

// above returns the last line above i that is not blank, within reach, else -1.
func (c *cutter) above(i int) int {
	for j := i - 1; j >= 0 && j >= i-1-maxBlank; j-- {
		if !c.page.blank(j) {
			return j
		}
	}
	return -1
}

// letterhead returns the first line of the letterhead above a greeting in line i:
// the sender's address, a date, a name with the time of a message. Without a date
// there is none; dated: line i has one.
func (c *cutter) letterhead(i int, dated bool) int {
	begin := i
	for j := i - 1; j >= 0 && j >= i-maxLetterhead && c.places[j].place == policy.Own; j-- {
		if c.page.blank(j) {
			continue
		}
		key := c.key(j)
		first, _, _ := strings.Cut(key, " ")
		if j == 0 && strings.HasSuffix(key, ",") || classOf(first)&greeting != 0 { // "Clare,"
			break
		}
		if len(key) > maxGreeting || strings.ContainsAny(key[len(key)-1:], ":.!?") || c.names.alone(key) ||
			c.closes(j) || c.sentFrom(j) || c.prose(j) || c.carries(j) {
			break
		}
		s := readSigns(key)
		dated, begin = dated || s.date(), j
	}
	if !dated {
		return i
	}
	return begin
}

// introduction is how the councillor's text speaks of what stands below it.
type introduction int

const (
	unintroduced introduction = iota
	colon                     // something follows
	carried                   // somebody else's text
)

// maxIntroduction bounds the lines of a paragraph in which an introduction stands.
const maxIntroduction = 4

// introduced reads the last lines of the paragraph above line i.
func (f *letterFinder) introduced(i int) introduction {
	if !f.startsParagraph(i) {
		return unintroduced
	}
	last := f.above(i)
	if last < 0 || f.places[last].place != policy.Own {
		return unintroduced
	}
	first := last
	for f.wrapped && first > 0 && first > last-maxIntroduction+1 && !f.page.blank(first-1) {
		first--
	}
	if last < f.read-1 { // above a letterhead
		f.read, f.carrier = first, -1
	}
	for ; f.read <= last; f.read++ {
		if f.read >= first && f.carries(f.read) {
			f.carrier = f.read
		}
	}
	switch {
	case f.carrier >= first:
		return carried
	case strings.HasSuffix(f.key(last), ":"):
		return colon
	}
	return unintroduced
}

// carries tells a line that speaks of another's text.
func (c *cutter) carries(i int) bool {
	for word := range strings.FieldsSeq(c.key(i)) {
		if classOf(word)&carrier != 0 {
			return true
		}
	}
	return false
}

// closingBelow returns what nextClosing finds below line i.
func (f *letterFinder) closingBelow(i int, to addressee, introduced bool) int {
	at := &f.closing[to][count(introduced)]
	if *at <= i {
		*at = f.nextClosing(i+1, to, introduced)
	}
	return *at
}

// nextClosing returns the first own line at or after i that closes a letter, the
// end of the councillor's run of text, or of the whole.
func (c *cutter) nextClosing(i int, to addressee, introduced bool) int {
	for i < len(c.places) && c.places[i].place == policy.Own && !c.endsLetter(i, to, introduced) {
		i++
	}
	return i
}

// endsLetter tells a closing formula; in a letter to the councillor by name also a
// name alone in its line after a blank one.
func (c *cutter) endsLetter(i int, to addressee, introduced bool) bool {
	if c.page.blank(i) || len(c.page.lines[i].text) > maxNotice {
		return false
	}
	if c.closes(i) || c.thanksFrom(i) {
		return true
	}
	if to != councillor {
		return false
	}
	key, last := c.key(i), i+1 == len(c.places) || c.page.blank(i+1)
	if name, ok := strings.CutPrefix(key, "/"); ok && introduced {
		return personName(strings.TrimLeft(name, "/ ")) && !c.prose(i)
	}
	if last && c.closesInline(i) {
		return true
	}
	if !c.page.blank(i-1) || c.stamped(i) || !last && c.prose(i+1) && lowerCase(c.key(i+1)) {
		return false
	}
	return fullName(key) || introduced && last && firstName(key)
}

// thanksFrom tells a line of thanks with a name below it: "På forhånd tak / Rasmus
// Lykke".
func (c *cutter) thanksFrom(i int) bool {
	key := c.key(i)
	if len(key) > maxThanks || i+1 >= len(c.places) {
		return false
	}
	for word := range strings.FieldsSeq(key) {
		if classOf(word)&thanks != 0 {
			name := c.key(i + 1)
			return fullName(name) || firstName(name)
		}
	}
	return false
}

// letterEnd returns the line after the last one of a letter with this closing,
// where the name in or below it is not the councillor's.
func (c *cutter) letterEnd(closing int) (int, bool) {
	if closing >= len(c.places) || c.places[closing].place != policy.Own {
		return 0, false
	}
	name, closes := closingOf(c.key(closing))
	if !closes && c.thanksFrom(closing) {
		name, closes = "", true
	}
	if !closes && c.closesInline(closing) {
		return closing + 1, true
	}
	at := closing
	below := c.page.next(closing + 1)
	near := below < len(c.places) && below <= closing+3
	switch {
	case !closes:
		name = strings.TrimLeft(c.key(closing), "/ ")
	case name == "":
		if !near {
			return 0, false
		}
		at, name = below, c.key(below)
	case lowerCase(name) && near && c.names.alone(c.key(below)):
		return 0, false // "Hilsen til jer alle / Anne Holm"
	}
	if c.names.in(name) || !personName(name) || c.places[at].place != policy.Own {
		return 0, false
	}
	end := c.letterTail(at + 1)
	for i := at + 1; i < end; i++ {
		if c.names.in(c.key(i)) { // "Venlig hilsen / SF-gruppen / Anne Holm"
			return 0, false
		}
	}
	if next := c.page.next(end); next <= end+2 && next < len(c.places) && c.places[next].place == policy.Own && postscript(c.key(next)) {
		end = c.paragraphEnd(next)
	}
	return end, true
}

// goesOn tells whether the councillor writes on at line i or below. Without that an
// introduced text is likely to be the councillor's own, signed with another name
// than we know.
func (c *cutter) goesOn(i int) bool {
	next := c.page.next(i)
	return next < len(c.places) && c.places[next].place == policy.Own
}

// letterTail returns the line after the address lines below a letter's name.
func (c *cutter) letterTail(i int) int {
	for n := 0; n < 8 && i < len(c.places) && c.places[i].place == policy.Own && !c.page.blank(i) && !c.prose(i); n++ {
		if c.greets(i) || c.closes(i) {
			break
		}
		i++
	}
	return i
}

// ownEnd returns where a letter ends at the latest that has no closing of its own:
// at the councillor's closing, name or telephone's line, between i and end.
func (c *cutter) ownEnd(i, end int) int {
	for j := i; j < end; j++ {
		if !c.page.blank(j) && (c.names.alone(c.key(j)) || c.sentFrom(j) || c.key(j) == "--") {
			return j
		}
	}
	return end
}

// closesInline tells a line that ends with a closing and another's name: "Kan I
// gøre noget? mvh Johan Ros".
func (c *cutter) closesInline(i int) bool {
	key := strings.TrimRight(c.key(i), ".!) ")
	for from, words := len(key), 0; from > 0 && words < 8; words++ {
		from = max(strings.LastIndexByte(key[:from], ' '), 0)
		if name, ok := closingOf(strings.TrimLeft(key[from:], " ")); ok && name != "" {
			return !c.names.in(name) && personName(name)
		}
	}
	return false
}

// fullName tells two to four capitalised words and nothing else.
func fullName(key string) bool {
	words := strings.Count(key, " ") + 1
	return words >= 2 && words <= 4 && capitalised(key)
}

// firstName tells one capitalised word.
func firstName(key string) bool {
	return len(key) >= 2 && !strings.Contains(key, " ") && capitalised(key)
}

// capitalised tells words that can all be parts of a name.
func capitalised(key string) bool {
	for word := range strings.FieldsSeq(key) {
		c := classOf(word)
		if word[0] < 'A' || word[0] > 'Z' && word[0] < 0x80 || strings.ContainsAny(word, ":;?!,()0123456789") || c&(weekday|month|politics|greeting) != 0 {
			return false
		}
	}
	return key != "" && (!strings.HasSuffix(key, "."))
}

// personName tells whether a folded text can be a person's name: no longer than
// one, and not a group's.
func personName(s string) bool {
	words := 0
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ' ' || r == '-' }) {
		if words++; words > 8 || classOf(word)&group != 0 {
			return false
		}
	}
	return words > 0
}
