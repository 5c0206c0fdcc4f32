package quote

import (
	"bytes"
	"strconv"
)

// hue is the colour of a text, as far as one names it.
type hue uint8

const (
	hueNone hue = iota // black, grey, white, or several
	hueRed
	hueGreen
	hueBlue
)

// hueWord reads a folded word of the councillor's as the name of a colour.
func hueWord(word string) hue {
	switch string(lower(make([]byte, 0, maxWord), trimPunctuation(word[:min(len(word), maxWord)]))) {
	case "rod", "rodt", "rode", "rott", "roda", "raud", "raudt", "red", "rot", "roter", "punaisella":
		return hueRed
	case "gron", "gront", "gronne", "grona", "green", "grun", "gruner", "vihrealla":
		return hueGreen
	case "bla", "blat", "blatt", "blaa", "blaat", "blue", "blau", "blauer", "sinisella":
		return hueBlue
	}
	return hueNone
}

// styleHue reads the text colour of a style attribute in lower case.
func styleHue(style []byte) (h hue, ok bool) {
	for rest := style; ; {
		at := bytes.Index(rest, []byte("color:"))
		if at < 0 {
			return hueNone, false
		}
		if at == 0 || rest[at-1] != '-' { // not background-color
			value, _, _ := bytes.Cut(rest[at+len("color:"):], []byte(";"))
			return colourHue(string(bytes.TrimSpace(value))), true
		}
		rest = rest[at+len("color:"):]
	}
}

// minChroma is by how much the strongest of red, green and blue must exceed the
// weakest for a text to have a colour; what mail programs call black is not always.
const minChroma = 0x30

// colourHue reads a colour of HTML or CSS in lower case: "red", "#c00",
// "#1f497d", "rgb(192, 0, 0)".
func colourHue(value string) hue {
	switch value {
	case "red", "darkred", "crimson", "firebrick", "maroon":
		return hueRed
	case "green", "darkgreen", "seagreen", "forestgreen", "limegreen":
		return hueGreen
	case "blue", "navy", "darkblue", "mediumblue", "royalblue", "steelblue":
		return hueBlue
	}
	var rgb [3]int
	switch {
	case len(value) >= 4 && value[0] == '#':
		n, err := strconv.ParseUint(value[1:], 16, 32)
		if err != nil {
			return hueNone
		}
		switch len(value) {
		case 4:
			rgb = [3]int{int(n>>8&15) * 17, int(n>>4&15) * 17, int(n&15) * 17}
		case 7:
			rgb = [3]int{int(n >> 16 & 255), int(n >> 8 & 255), int(n & 255)}
		}
	case len(value) > 4 && value[:3] == "rgb":
		at := 0
		digits := false
		for i := 3; i < len(value) && at < 3; i++ {
			switch c := value[i]; {
			case '0' <= c && c <= '9':
				rgb[at], digits = min(rgb[at]*10+int(c-'0'), 255), true
			case digits:
				at, digits = at+1, false
			}
		}
	}
	strongest := 0
	for i, v := range rgb {
		if v > rgb[strongest] {
			strongest = i
		}
	}
	if rgb[strongest]-min(rgb[0], rgb[1], rgb[2]) < minChroma {
		return hueNone
	}
	return hueRed + hue(strongest)
}
