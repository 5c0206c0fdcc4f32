package policy

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// The columns of a table of councillors. Only the first is needed.
var councillorColumns = []string{"address", "name", "aliases", "private", "language"}

// parseCouncillorTable reads a table of councillors: comma-separated values (RFC 4180)
// with a row of column names, as other systems export it. Excel in Denmark, Sweden and
// Norway writes semicolons, and windows-1252 or a byte order mark; that is read as
// well. Aliases and private mailboxes stand in one cell, with semicolons or spaces
// between them.
func parseCouncillorTable(data []byte, faults *faultList) []councillorConfig {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		faults.addLine(1, "", "is UTF-16; save it as CSV UTF-8")
		return nil
	case !utf8.Valid(data):
		data = fromWindows1252(data)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	head, _, _ := bytes.Cut(data, []byte("\n"))
	table := csv.NewReader(bytes.NewReader(data))
	table.Comma = separatorOf(head)
	table.TrimLeadingSpace = table.Comma != '\t'
	table.FieldsPerRecord = -1

	columns, err := table.Read()
	if err == io.EOF {
		faults.addLine(1, "", "the file is empty; begin with the line %s", strings.Join(councillorColumns, ","))
		return nil
	}
	if err != nil {
		faults.addTableError(err)
		return nil
	}
	for i, name := range columns {
		columns[i] = strings.ToLower(strings.TrimSpace(name))
		switch {
		case !slices.Contains(councillorColumns, columns[i]):
			faults.addLine(1, "", "the %s column has no name of ours; the columns are %s, and others are to be left out of the export", ordinal(i+1), strings.Join(councillorColumns, ", "))
		case slices.Contains(columns[:i], columns[i]):
			faults.addLine(1, "", "the column %s is there twice; keep one of them", columns[i])
		}
	}
	if len(faults.list) == 0 && !slices.Contains(columns, "address") {
		faults.addLine(1, "", "there is no column address; the first line names the columns: %s", strings.Join(councillorColumns, ", "))
	}
	if len(faults.list) > 0 {
		return nil
	}
	return councillorRows(table, columns, faults)
}

// councillorRows reads the rows below the names of the columns.
func councillorRows(table *csv.Reader, columns []string, faults *faultList) []councillorConfig {
	var entries []councillorConfig
	for {
		row, err := table.Read()
		if err == io.EOF {
			return entries
		}
		if err != nil {
			faults.addTableError(err)
			return entries
		}
		line, _ := table.FieldPos(0)
		if !slices.ContainsFunc(row, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue // Excel leaves such rows behind
		}
		if len(row) != len(columns) {
			faults.addLine(line, "", "has %d cells where the first line names %d columns; put a cell that holds a separator in quotes", len(row), len(columns))
			continue
		}
		path := fmt.Sprintf("councillors[%d]", len(entries))
		var e councillorConfig
		for i, cell := range row {
			cell = strings.TrimSpace(cell)
			switch columns[i] {
			case "address":
				e.Address = cell
			case "name":
				e.Name = cell
			case "aliases":
				e.Aliases = cellList(cell)
			case "private":
				e.Private = cellList(cell)
			case "language":
				e.Language = strings.ToLower(cell)
			}
		}
		entries = append(entries, e)
		for _, column := range councillorColumns {
			faults.lines[path+"."+column] = line
		}
		for i := range max(len(e.Aliases), len(e.Private)) {
			faults.lines[fmt.Sprintf("%s.aliases[%d]", path, i)] = line
			faults.lines[fmt.Sprintf("%s.private[%d]", path, i)] = line
		}
	}
}

// separatorOf tells by what the cells of the first line are separated.
func separatorOf(head []byte) rune {
	for _, separator := range ";\t" {
		if bytes.ContainsRune(head, separator) {
			return separator
		}
	}
	return ','
}

// cellList cuts the addresses of a cell.
func cellList(cell string) []string {
	return strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune("; ,\t\r\n", r) })
}

// addTableError notes that the reader of tables cannot go on.
func (l *faultList) addTableError(err error) {
	line := 1
	if e, ok := errors.AsType[*csv.ParseError](err); ok {
		line = e.Line
	}
	l.addLine(line, "", `is no row of a table; put quotes round a whole cell, and write a quote inside as ""`)
}

func ordinal(n int) string {
	switch n {
	case 1:
		return "first"
	case 2:
		return "second"
	case 3:
		return "third"
	}
	return fmt.Sprintf("%dth", n)
}

// windows1252 are the letters of the bytes 0x80 to 0x9F. Five stand for nothing;
// browsers read them as control characters, and so do we.
var windows1252 = [32]rune{
	'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8d, 'Ž', 0x8f,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9d, 'ž', 'Ÿ',
}

func fromWindows1252(data []byte) []byte {
	var b bytes.Buffer
	for _, c := range data {
		r := rune(c)
		if c >= 0x80 && c <= 0x9f {
			r = windows1252[c-0x80]
		}
		b.WriteRune(r)
	}
	return b.Bytes()
}
