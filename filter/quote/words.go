package quote

import "strings"

// class is what a word can mean in the lines that mail programs write between
// the councillor's words and those they quote. A word may mean several things.
type class uint32

const (
	verb        class = 1 << iota // of writing: "skrev", "wrote"
	quoting                       // "citat fra", "Quoting": a verb that comes before the name
	month                         // name or abbreviation
	weekday                       //
	timeWord                      // "kl.", "at", "CEST"
	particle                      // words that stand in names and attributions in lower case
	forwardWord                   // "videresendt", "forwarded"
	originWord                    // "oprindelig", "original"
	mailWord                      // "meddelelse", "message"
	beginWord                     // "start", "begin"
	endWord                       // "slut", "end"
	greeting                      // "Kære", "Hej"
	closing                       // "hilsen", "mvh", "regards"
	thanks                        // closes a letter where a name follows: "tak"
	closingAdj                    // what may stand before a closing: "med venlig"
	group                         // who may sign besides a person: a party, a committee
	politics                      // whom one greets who writes to all: "byråd", "politikere"
	sentWord                      // "sendt", "skickat", "sent", "hent"
	device                        // "iPhone", "Outlook", "Samsung"
	duty                          // words of disclaimers
	pronoun                       // who speaks in prose: "jeg", "han"
	personal                      // words that no disclaimer has: "min", "hendes"
	carrier                       // of announcing another's text: "sms", "klistrer", "henvendelse"
	social                        // stands below a comment of social media: "synes godt om", "svar", "t"
	button                        // of those, what one clicks there
	answer                        // "svar", "answers", "kommentarer"
	below                         // where answers stand: "nedenfor", "inline"
	colour                        // how they stand out: "farve"
	capitals                      // likewise: "versaler"
)

// lexicon holds the words in natural spelling: Danish, Swedish, Norwegian (both
// written forms), English, German, Finnish; verbs also of some languages of
// newcomers, whose mail programs speak them.
var lexicon = []struct {
	class class
	words string
}{
	{verb, `skrev skreiv skriver skrevet skrivit skrive wrote writes written schrieb schrieben geschrieben schreibt kirjoitti kirjoittaa
		följande følgende følgjande following folgendes seuraavasti sade sagde sa said
		écrit geschreven schreef scritto escribió escreveu napisał napisała wysłał`},
	{quoting, `citat citerer citerar citere sitat siterer quoting quote zitat zitiere lainaus quoted`},
	{month, `januar februar marts april maj juni juli august september oktober november december
		januari februari mars augusti mai juni juli august desember
		january february march may june july october
		märz dezember jänner
		tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu
		tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta
		jan feb febr mar mrt apr jun jul aug sep sept okt oct nov dec des dez mär
		tammik helmik maalisk huhtik toukok kesäk heinäk elok syysk lokak marrask jouluk
		tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu`},
	{weekday, `mandag tirsdag onsdag torsdag fredag lørdag søndag måndag tisdag lördag söndag
		måndag tysdag laurdag sundag monday tuesday wednesday thursday friday saturday sunday
		montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
		maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai
		maanantaina tiistaina keskiviikkona torstaina perjantaina lauantaina sunnuntaina
		man tir tirs ons tor tors fre lør søn mån tis lör sön tys lau sun
		mon tue tues wed thu thur thurs fri sat`},
	{timeWord, `kl klo klokken klokka kello at um uhr am pm fm em cet cest gmt utc mez mesz eet eest est edt pst pdt bst z
		on den dne dag d ma mo di mi do fr sa so ma ti ke to pe la su the of date dato datum st nd rd th`},
	{particle, `af von van den de di da del la le af zu via på for vegne av ved i og och und and on behalf of ja du dig
		you sie ni the til till to from fra från følgende följande har hat ha`},
	{forwardWord, `videresendt videresendte videresender videresend vidaresendt vidaresend vidarebefordrat vidarebefordrad vidarebefordrade
		vidarebefordran vidarebefordring videresending
		forwarded forward forwarding fwd weitergeleitet weitergeleitete weitergeleiteten weitergeleiteter weiterleitung
		välitetty edelleenlähetetty edelleen eteenpäin välitetyn välittämä lähetetty`},
	{originWord, `oprindelig oprindelige oprindeligt ursprungligt ursprunglig ursprungliga opprinnelig opprinnelige opprinneleg opprinnelege
		opphavleg original originale originalt originala ursprüngliche ursprünglichen ursprüngliches alkuperäinen
		originalmeddelelse originalmeddelande originalmelding originalbesked originalnachricht originalmail ursprungsmeddelande`},
	{mailWord, `meddelelse meddelelser meddelande meddelanden melding meldinger besked beskeder beskjed message messages mail mails mejl e-mail email
		e-post epost e-brev ebrev brev post nachricht nachrichten viesti viestin sähköposti
		originalmeddelelse originalmeddelande originalmelding originalbesked originalnachricht originalmail ursprungsmeddelande
		aftale avtale appointment möte møde møte termin`},
	{beginWord, `start starten begynn begynnelse begynder begyndelse början börja begin beginning anfang beginn alku alkaa`},
	{endWord, `slut slutt slutet end ende loppu loppuu`},
	{greeting, `kære kjære kjære kära käre bäste bästa hej hei hi hello hallo halløj hallå heisan heisann hejsa hejsan goddag godmorgen goddagen
		godkväll dear sehr geehrte geehrter geehrtes arvoisa arvoisat ärade ærede respected terve päivää guten servus moin god tjena tjenare tja til till god morn mojn hey liebe lieber hallo hyvä hyvät moi`},
	{closing, `m.v.h v.h k.h m.v.h. best hilsen hilsner hilsninger helsing helsning hälsning hälsningar mvh vh kh bh dbh venligst vänligen vennlig hälsn regards sincerely
		faithfully wishes hochachtungsvoll kunnioittaen kunnioittavasti ystävällisesti högaktningsfullt respectfully sincerly gruß grüße grüßen mfg terveisin kram knus klem mha vänligast ærbødigst`},
	{thanks, `tak tack takk thanks cheers kiitos danke`},
	{closingAdj, `med de den venlig venlige bedste kærlig kærlige mange gode varme vänlig vänliga bästa varma stor hjertelig beste
		vennlig vennlege venleg venlege vennlige mange kind best warm warmest yours very with truly mit freundlichen freundlicher freundliche freundlichem herzliche herzlichen beste besten schöne schönen
		viele liebe ystävällisin parhain hjärtliga allra all the`},
	{group, `gruppen gruppe gruppa partiet parti udvalget udvalg nämnden utvalget forvaltningen förvaltningen sekretariatet sekretariat kommune kommunen
		kommun byrådet byråd kommunestyret formandskabet venstre socialdemokratiet socialdemokraterne socialdemokraterna sf radikale enhedslisten
		konservative moderaterna vänsterpartiet centerpartiet liberalerna kristdemokraterna miljöpartiet høyre arbeiderpartiet senterpartiet
		sosialistisk bestyrelsen styrelsen styret committee party group council labour conservatives liberals greens`},
	{politics, `byråd byrådet byrådsmedlem byrådsmedlemmer medlem ledamot ordförande gruppeformand formand leder gruppeleder vice suppleant borgmester borgmesteren kommunalbestyrelse kommunalbestyrelsen kommunalbestyrelsesmedlem
		politiker politikere politikerne politikern kommunalråd kommunalrådet kommunfullmäktige kommunstyrelsen fullmäktigeledamot ledamot ledamöter
		ordfører ordføreren ordførar kommunestyre kommunestyret kommunestyrerepresentant kommunestyremedlem representant bystyret bystyremedlem
		councillor councillors councilor cllr mayor rådmand udvalgsformand regionsråd regionsrådsmedlem regionråd`},
	{sentWord, `sendt skickat skickades sent gesendet lähetetty hent hämta skaffa skaff hanki få get last ned download von mailen`},
	{device, `iphone ipad android samsung galaxy outlook mail mobil mobilen mobiltelefon telefon telefonen smartphone yahoo gmail proton protonmail
		huawei blackberry windows ios ipadista iphonesta tablet mobile phone sony xperia nokia oneplus thunderbird tutanota hotmail surfplatta nettbrett
		pixel xiaomi redmi em client aqua spark mailspring k-9 fairemail galaxysta androidista`},
	{personal, `jeg jag eg min mit mine mitt mina mi hans hendes hennes hennar hun hon ho han my his her she he i`},
	{pronoun, `jeg jag eg vi we ich wir minä han hun hon ho hen he she they det dette detta it som mig meg mej me os oss us ham hende henne dem them går igår yesterday idag today tidligere tidigare også också att`},
	{carrier, `mail mails e-mail email mejl e-post epost brev brevet breve brevene brevet breven henvendelse henvendelsen henvendelser henvendelse sms smsen sms'en sms:et sms'et smsbesked smsbeskeden
		besked beskeden beskjed beskjeden meddelandet meldinga meldingen viestin viesti kirje kirjeen messenger facebook fb kommentar kommentaren opslag opslaget inlägget innlegget
		klistrer klistrar limer kopierer kopierar kopioin liitän indsætter indsat indsatt inkopieret innlimt innlimet inklistrat
		pasted pasting copied copying kopiert eingefügt einfüge brief briefes zuschrift zuschriften nachricht letter message comment mailen mejlet e-mailen e-posten
		skema skemaet skjema skjemaet kontaktformular kontaktformularen kontaktskjema formulär formuläret kontaktformulär kontaktformuläret form webform formular lomake lomakkeen
		nedenstående nedanstående følgende henvendte borgermail medborgarmejl`},
	{social, `like likes liked reply replies svar svare svarer svara synes godt om gilla gillar gilla-markering gilla-markeringar liker like-markeringer antworten gefällt mir tykkää vastaa
		tykkäystä kommentar kommenter kommentera kommentoi comment share del dela jaa teilen timer time timmar timme tim std stunden min minutter minuter h t d u v w g s dag dage dagar days tage uge uger
		vecka veckor redigeret redigerad edited translate oversæt se oversættelse visa översättning og och and skjul hide skryt haha care`},
	{button, `like likes reply svar svara synes gilla gillar gilla-markering gilla-markeringar liker antworten gefällt vastaa tykkää kommenter`},
	{answer, `svar svaret svarene svaren svara svarer svarar answer answers answered reply replies response responses antwort antworten vastaus vastaukset vastaukseni vastaan
		kommentar kommentarer kommentarerne kommentarene kommentarerna comment comments bemærkninger anmerkungen kommentare kommenttini`},
	{below, `nedenfor nedenunder herunder under nedan nedanför nedom below beneath inline underneath unten darunter unter alla alle ind inn in inne imellem mellem mellan mellom`},
	{colour, `farve farver färg farge farger colour color farbig farbe väri värillä`},
	{capitals, `capitals caps uppercase versaler versalar blokbogstaver blockbokstäver blokkbokstaver großbuchstaben suuraakkosin suuraakkosilla`},
	{duty, `oplysninger opplysninger opplysningar uppgifter e-mail e-post e-postmeddelande e-postmelding message meddelande meddelelse
		fortrolig fortrolige fortroligt fortroleg konfidentiell konfidentiellt konfidensiell konfidensielt konfidentiel confidential confidentiality vertraulich luottamuksellinen
		personoplysninger personopplysninger personopplysningar personuppgifter persondata gdpr databeskyttelse dataskydd personvern privatlivspolitik
		personopplysninger følsomme følsam fortrolige känsliga sensitive sensitiv disclaimer privileged modtager mottaker mottagare recipient
		recipients sekretess offentlighetsprincipen tavshedspligt taushetsplikt offentleglova offentligheten postliste allmän diariet
		miljøet miljön environment print printing udskriver aktindsigt virus slette slettes radera delete unauthorised unauthorized`},
}

// classes maps a word, folded and in lower case, to what it can mean.
var classes = func() map[string]class {
	m := make(map[string]class)
	for _, entry := range lexicon {
		for _, word := range strings.Fields(entry.words) {
			m[string(lower(nil, fold(word)))] |= entry.class
		}
	}
	return m
}()

// classOf looks a folded word up. Punctuation around it does not matter.
func classOf(word string) class {
	word = trimPunctuation(word)
	if word == "" || len(word) > maxWord {
		return 0
	}
	var buf [maxWord]byte
	return classes[string(lower(buf[:0], word))]
}

// maxWord is the length in bytes from which a word means nothing to us.
const maxWord = 40

// trimPunctuation trims whatever is neither letter nor digit off a folded word.
func trimPunctuation(word string) string {
	for word != "" && !alphanumeric(word[0]) {
		word = word[1:]
	}
	for word != "" && !alphanumeric(word[len(word)-1]) {
		word = word[:len(word)-1]
	}
	return word
}

func alphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}
