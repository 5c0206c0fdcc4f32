package mail

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"

	"councilgate/policy"
)

// readZip reads a zip file: an Office document by what is in it, any other as an
// archive of files.
func (w *walker) readZip(data []byte, n node) {
	n.attached = true
	if n.archives++; n.archives > w.limits.Archives {
		w.gap(policy.Unreadable, n.section, TooDeep)
		return
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		w.gap(policy.Unreadable, n.section, Broken)
		return
	}
	has := func(name string) bool {
		for _, file := range archive.File {
			if file.Name == name {
				return true
			}
		}
		return false
	}
	switch {
	case has("[Content_Types].xml"):
		w.readOOXML(archive, n)
	case has("META-INF/manifest.xml") && has("content.xml"):
		w.readODF(archive, n)
	default:
		w.readArchive(archive, n)
	}
}

// readArchive reads the names of an archive's files, then the files.
func (w *walker) readArchive(archive *zip.Reader, n node) {
	var names strings.Builder
	for _, file := range archive.File {
		names.WriteString(toUTF8([]byte(file.Name), "ibm850") + "\n")
	}
	w.field(names.String(), n)
	n.depth++
	for _, file := range archive.File {
		if w.nodes > w.limits.Parts {
			return
		}
		data := w.unpack(file, n)
		if w.enter(data, n) {
			w.readContent(data, claim{name: file.Name}, n)
		}
	}
}

// unpack gives the content of an archive's file, or as much of it as can be had.
func (w *walker) unpack(file *zip.File, n node) []byte {
	const (
		encrypted = 1 << 0 // APPNOTE.TXT, section 4.4.4
		// A bomb folds a thousandfold, a sparse spreadsheet a hundredfold.
		steepest = 250
		small    = 1 << 20
	)
	if file.Flags&encrypted != 0 {
		w.gap(policy.Encrypted, n.section, Password)
		return nil
	}
	left := w.limits.Unpacked - w.unpacked
	size := file.UncompressedSize64
	if size > uint64(left) || size > small && size/steepest > file.CompressedSize64 {
		w.gap(policy.Unreadable, n.section, TooLarge)
		return nil
	}
	content, err := file.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		w.gap(policy.Unsupported, n.section, Archive)
		return nil
	}
	if err != nil {
		w.gap(policy.Unreadable, n.section, Broken)
		return nil
	}
	defer content.Close()
	// The reader itself stops at the size that the directory declares.
	var data bytes.Buffer
	if _, err := io.Copy(&data, io.LimitReader(content, int64(left))); err != nil {
		w.gap(policy.Unreadable, n.section, Broken)
	}
	w.unpacked += data.Len()
	return data.Bytes()
}

// oleGap names what an OLE compound file holds. The names of its streams are in
// UTF-16 ([MS-CFB], section 2.6.1).
func (w *walker) oleGap(data []byte, n node) {
	switch {
	case bytes.Contains(data, utf16LE("EncryptedPackage")): // [MS-OFFCRYPTO], section 2.3.4.4
		w.gap(policy.Encrypted, n.section, Password)
	case bytes.Contains(data, utf16LE("__substg1.0_")): // [MS-OXMSG], section 2.1.3
		w.gap(policy.Unsupported, n.section, OutlookItem)
	default:
		w.gap(policy.Unsupported, n.section, OldOffice)
	}
}

func utf16LE(ascii string) []byte {
	return []byte(strings.Join(strings.Split(ascii, ""), "\x00") + "\x00")
}
