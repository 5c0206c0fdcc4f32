package policy

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// decodeYAML reads one YAML document over into, strictly: a key that into does
// not know, a key given twice, a value of another kind and a second document are
// faults. A key without a value counts as left out. It notes in faults.lines
// where each key stands, and reports whether there is anything to validate.
//
// The document is walked node by node, not unmarshalled, because faults need
// the path and the line of their key, and all of them are to be listed.
func decodeYAML(data []byte, into *config, faults *faultList) bool {
	group := false
	decodeDocument(data, "internal: [YOUR-DOMAIN]", faults, func(d nodeDecoder, root *yaml.Node) {
		d.mapping(root, "", reflect.ValueOf(into).Elem())
		group = root.Kind == yaml.MappingNode
	})
	return group
}

// decodeCouncillors reads a YAML document that is a list of councillors.
func decodeCouncillors(data []byte, into *[]councillorConfig, faults *faultList) {
	decodeDocument(data, "- address: anne.holm@YOUR-DOMAIN", faults, func(d nodeDecoder, root *yaml.Node) {
		d.value(root, "councillors", reflect.ValueOf(into).Elem())
	})
}

// decodeDocument reads one YAML document and has its root decoded. begin is how such a
// file may begin.
func decodeDocument(data []byte, begin string, faults *faultList, decode func(d nodeDecoder, root *yaml.Node)) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		faults.addLine(1, "", "the file is empty; begin with the line %s", begin)
		return
	case err != nil:
		line, message := syntaxError(err)
		faults.addLine(line, "", "this is no YAML (%s); check indentation, quotes and brackets here and in the line above, and put values that begin with * & @ or %% in quotes", message)
		return
	}
	decode(nodeDecoder{faults}, document.Content[0])

	var second yaml.Node
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		faults.addLine(second.Line, "", "a second document begins; a policy is one document: remove the --- and what follows, or keep it in a file of its own")
	}
}

// encodeYAML writes a config as a policy file.
func encodeYAML(c *config) []byte {
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	// Strings, numbers and lists of them can always be written.
	_ = encoder.Encode(c)
	return b.Bytes()
}

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): `)

// syntaxError turns an error of the YAML reader into a line and a message. The
// reader quotes from the file only where it names an anchor.
func syntaxError(err error) (line int, message string) {
	message = err.Error()
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = message[len(m[0]):]
	}
	if strings.Contains(message, "anchor") {
		message = "an alias without its anchor"
	}
	return line, strings.TrimPrefix(message, "yaml: ")
}

type nodeDecoder struct{ faults *faultList }

func (d nodeDecoder) value(n *yaml.Node, path string, v reflect.Value) {
	if path != "" {
		d.faults.lines[path] = n.Line
	}
	if n.Kind == yaml.AliasNode {
		d.faults.add(path, "aliases are not read; write the value out")
		return
	}
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		return
	}
	if lists, ok := v.Addr().Interface().(*listsConfig); ok {
		d.lists(n, path, lists)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.mapping(n, path, v)
	case reflect.Slice:
		d.sequence(n, path, v)
	case reflect.Int:
		i, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || err != nil {
			d.faults.add(path, "must be a whole number, written like 100")
			return
		}
		v.SetInt(int64(i))
	case reflect.Bool:
		if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" {
			d.faults.add(path, "must be true or false")
			return
		}
		v.SetBool(strings.EqualFold(n.Value, "true"))
	case reflect.String:
		if n.Kind != yaml.ScalarNode {
			d.faults.add(path, "must be a single text, not a list or a group of keys")
			return
		}
		if tag := n.ShortTag(); tag != "!!str" && tag != "!!timestamp" { // a date is text here
			d.faults.add(path, "must be text; put it in quotes")
			return
		}
		v.SetString(n.Value)
	}
}

func (d nodeDecoder) mapping(n *yaml.Node, path string, v reflect.Value) {
	names := keyNames(v.Type())
	if n.Kind != yaml.MappingNode {
		d.faults.add(path, "must be a group of keys: %s", strings.Join(names, ", "))
		return
	}
	prefix := path
	if path != "" {
		prefix += "."
	}
	given := make(map[string]bool)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		field := -1
		for j, name := range names {
			if key.Kind == yaml.ScalarNode && key.Value == name {
				field = j
			}
		}
		switch {
		case field < 0:
			d.faults.addLine(key.Line, path, "unknown key%s; the keys here are %s", quotedKey(key), strings.Join(names, ", "))
		case given[key.Value]:
			d.faults.addLine(key.Line, prefix+key.Value, "is given twice; keep one of them")
		default:
			given[key.Value] = true
			d.value(value, prefix+key.Value, v.Field(field))
		}
	}
}

// lists reads keys that are addresses. Faults name them by their place, since
// they are logged.
func (d nodeDecoder) lists(n *yaml.Node, path string, lists *listsConfig) {
	if n.Kind != yaml.MappingNode {
		d.faults.add(path, "must be addresses with the number of people behind them, like {alle@norreaa.example: 640}")
		return
	}
	*lists = make(listsConfig, len(n.Content)/2)
	for i := range *lists {
		item := path + "[" + strconv.Itoa(i) + "]"
		l := &(*lists)[i]
		d.value(n.Content[2*i], item, reflect.ValueOf(&l.Address).Elem())
		d.value(n.Content[2*i+1], item, reflect.ValueOf(&l.Size).Elem())
	}
}

func (d nodeDecoder) sequence(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		d.faults.add(path, "must be a list; put the value in [ ] or in a line of its own behind a hyphen")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		d.value(item, path+"["+strconv.Itoa(i)+"]", v.Index(i))
	}
}

// keyNames lists the keys that stand for the fields of a struct.
func keyNames(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		names[i], _, _ = strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
	}
	return names
}

var plainKey = regexp.MustCompile(`^[A-Za-z_-]{1,40}$`)

// quotedKey gives the key in quotes, if it can be nothing but a misspelt key.
func quotedKey(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || !plainKey.MatchString(n.Value) {
		return ""
	}
	return ` "` + n.Value + `"`
}
