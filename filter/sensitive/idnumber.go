package sensitive

import "time"

// Formats of the national identification numbers: which digits are a date, and
// what the check digits must be. Nothing here looks at the words around a
// number; see nationalid.go for that.

// An idFormat reads the digits of a candidate.
type idFormat struct {
	kind string // Finding.Kind
	name string // in a mask
	// parse judges a number whose length is one of the format's.
	parse func(digits []byte) idCheck
	// cuts are the positions at which people divide a number of this format, for
	// example 2, 4 and 6 of "01 01 80-1234"; bit i stands for a cut before digit i.
	cuts    uint16
	length  int
	country country
}

// A country issues a kind of number.
type country int

const (
	anyCountry country = iota
	denmark
	sweden
	norway
)

// idCheck is what the digits alone say.
type idCheck int

const (
	notAnID     idCheck = iota // no such date
	wellFormed                 // a date, but the check digit fails
	uncheckable                // a date of which numbers are issued without a check digit
	checked                    // a date, and the check digit holds
)

// hetuKind is the kind of the one format that is not all digits.
const hetuKind = "hetu"

// idFormats lists the formats. CPR numbers of 1 January of the unchecked years may
// fail modulus 11.
func idFormats(unchecked yearSet) []idFormat {
	return []idFormat{
		{kind: "cpr", name: "CPR number", parse: unchecked.cpr, cuts: cutsAt(2, 4, 6), length: 10, country: denmark},
		{kind: "personnummer", name: "personnummer", parse: personnummer, cuts: cutsAt(2, 4, 6), length: 10, country: sweden},
		{kind: "samordningsnummer", name: "samordningsnummer", parse: samordningsnummer, cuts: cutsAt(2, 4, 6), length: 10, country: sweden},
		{kind: "personnummer", name: "personnummer", parse: withCentury(personnummer), cuts: cutsAt(2, 4, 6, 8), length: 12, country: sweden},
		{kind: "samordningsnummer", name: "samordningsnummer", parse: withCentury(samordningsnummer), cuts: cutsAt(2, 4, 6, 8), length: 12, country: sweden},
		{kind: "cpr", name: "CPR number", parse: unchecked.cprLongYear, cuts: cutsAt(2, 4, 8), length: 12, country: denmark},
		{kind: "fodselsnummer", name: "fødselsnummer", parse: fodselsnummer, cuts: cutsAt(2, 4, 6, 9), length: 11, country: norway},
		{kind: "d-nummer", name: "D-nummer", parse: dNummer, cuts: cutsAt(2, 4, 6, 9), length: 11, country: norway},
		{kind: "h-nummer", name: "H-nummer", parse: hNummer, cuts: cutsAt(2, 4, 6, 9), length: 11, country: norway},
		{kind: "interim-number", name: "interim national id number", parse: cprReplacement, cuts: cutsAt(2, 4, 6), length: 10, country: denmark},
	}
}

func cutsAt(positions ...uint) (set uint16) {
	for _, p := range positions {
		set |= 1 << p
	}
	return set
}

// number reads digits as a decimal number.
func number(digits []byte) int {
	n := 0
	for _, d := range digits {
		n = n*10 + int(d-'0')
	}
	return n
}

// isDate reports a day of the Gregorian calendar.
func isDate(year, month, day int) bool {
	if month < 1 || month > 12 || day < 1 || day > 31 {
		return false
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return t.Day() == day
}

// modulus11 reports whether the weighted sum of the digits is a multiple of 11.
func modulus11(digits []byte, weights ...int) bool {
	sum := 0
	for i, w := range weights {
		sum += w * int(digits[i]-'0')
	}
	return sum%11 == 0
}

// luhn reports whether the digits hold the check of ISO/IEC 7812-1.
func luhn(digits []byte) bool {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// cprYear gives the year of birth of a CPR number by its seventh digit, as the CPR
// office lays down ("Personnummeret i CPR", cpr.dk).
func cprYear(digits []byte) int {
	yy := number(digits[4:6])
	switch seventh := digits[6]; {
	case seventh <= '3':
		return 1900 + yy
	case seventh == '4' || seventh == '9':
		if yy <= 36 {
			return 2000 + yy
		}
		return 1900 + yy
	default:
		if yy <= 57 {
			return 2000 + yy
		}
		return 1800 + yy
	}
}

// A yearSet is a set of years of birth.
type yearSet map[int]bool

// cprUncheckedYears are the years of birth of whose 1 January the CPR office has
// issued numbers that fail modulus 11 ("Personnumre uden kontrolciffer (modulus
// 11 kontrol)", cpr.dk, as of 10 May 2023). They are as valid as any other.
var cprUncheckedYears = yearSet{
	1960: true, 1962: true, 1964: true, 1965: true, 1966: true, 1967: true, 1969: true,
	1970: true, 1974: true, 1975: true, 1978: true,
	1980: true, 1981: true, 1982: true, 1983: true, 1984: true, 1985: true, 1986: true, 1987: true, 1988: true, 1989: true,
	1990: true, 1991: true, 1992: true, 1994: true, 1995: true,
}

// cpr reads a Danish CPR number, DDMMYYNNNN.
func (unchecked yearSet) cpr(d []byte) idCheck {
	day, month, year := number(d[:2]), number(d[2:4]), cprYear(d)
	if !isDate(year, month, day) {
		return notAnID
	}
	switch {
	case modulus11(d, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1):
		return checked
	case day == 1 && month == 1 && unchecked[year]:
		return uncheckable
	}
	return wellFormed
}

// cprReplacement reads the number that a Danish hospital gives a patient who has
// none: 60 is added to the day, and there is no check digit.
func cprReplacement(d []byte) idCheck {
	if isDate(cprYear(d), number(d[2:4]), number(d[:2])-60) {
		return wellFormed
	}
	return notAnID
}

// cprLongYear reads a CPR number whose year was written out, DDMMYYYYNNNN.
func (unchecked yearSet) cprLongYear(d []byte) idCheck {
	short := append(append(make([]byte, 0, 10), d[:4]...), d[6:]...)
	if number(d[4:8]) != cprYear(short) {
		return notAnID
	}
	return unchecked.cpr(short)
}

// personnummer reads a Swedish personal identity number, YYMMDDNNNC
// (folkbokföringslagen 1991:481, 18 §). The century is not written, so 29
// February is taken as it comes.
func personnummer(d []byte) idCheck { return swedishNumber(d, number(d[4:6])) }

// samordningsnummer reads a Swedish co-ordination number: 60 is added to the day
// (folkbokföringsförordningen 1991:749, 5 §).
func samordningsnummer(d []byte) idCheck { return swedishNumber(d, number(d[4:6])-60) }

func swedishNumber(d []byte, day int) idCheck {
	const leapYear = 2000
	year := leapYear
	if yy := number(d[:2]); yy%4 != 0 {
		year = leapYear + yy
	}
	switch {
	case !isDate(year, number(d[2:4]), day), number(d[6:9]) == 0:
		return notAnID
	case luhn(d):
		return checked
	}
	return wellFormed
}

// withCentury reads the twelve digits with which Swedish authorities store a
// number. The check digit does not cover the century.
func withCentury(parse func([]byte) idCheck) func([]byte) idCheck {
	return func(d []byte) idCheck {
		if c := number(d[:2]); c < 18 || c > 20 {
			return notAnID
		}
		return parse(d[2:])
	}
}

// fodselsnummer reads a Norwegian national identity number, DDMMYYNNNCC
// (folkeregisterforskriften § 2-2-1).
func fodselsnummer(d []byte) idCheck { return norwegianNumber(d, 0, 0) }

// dNummer reads the number of a person who is not resident in Norway: 40 is added
// to the day.
func dNummer(d []byte) idCheck { return norwegianNumber(d, 40, 0) }

// hNummer reads the substitute that Norwegian hospitals give: 40 is added to the
// month.
func hNummer(d []byte) idCheck { return norwegianNumber(d, 0, 40) }

func norwegianNumber(d []byte, addDay, addMonth int) idCheck {
	yy, individual := number(d[4:6]), number(d[6:9])
	year := 0
	switch {
	case individual <= 499:
		year = 1900 + yy
	case individual <= 749 && yy >= 54:
		year = 1800 + yy
	case yy <= 39:
		year = 2000 + yy
	case individual >= 900:
		year = 1900 + yy
	default:
		return notAnID
	}
	if !isDate(year, number(d[2:4])-addMonth, number(d[:2])-addDay) {
		return notAnID
	}
	if modulus11(d, 3, 7, 6, 1, 8, 9, 4, 5, 2, 1) && modulus11(d, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1) {
		return checked
	}
	return wellFormed
}

// hetuCheck is the alphabet of the Finnish check character.
const hetuCheck = "0123456789abcdefhjklmnprstuvwxy"

// hetuCentury gives the century of a Finnish number's separator, 0 if it is none
// (decree 690/2022, in force since 2023).
func hetuCentury(sep byte) int {
	switch sep {
	case '+':
		return 1800
	case '-', 'u', 'v', 'w', 'x', 'y':
		return 1900
	case 'a', 'b', 'c', 'd', 'e', 'f':
		return 2000
	}
	return 0
}

// hetu reads a Finnish personal identity code, DDMMYYsNNNc: six digits, a
// separator, three digits and a check character.
func hetu(t []byte) idCheck {
	century := hetuCentury(t[6])
	if century == 0 || !isDate(century+number(t[4:6]), number(t[2:4]), number(t[:2])) || number(t[7:10]) < 2 {
		return notAnID
	}
	if hetuCheck[(number(t[:6])*1000+number(t[7:10]))%31] == t[10] {
		return checked
	}
	return wellFormed
}
