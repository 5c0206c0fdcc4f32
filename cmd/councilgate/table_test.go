package main

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

// readTable reads the rows of a JSON table. An unknown key is a fault, so that a
// typing mistake does not pass for a test.
func readTable[Row any](t *testing.T, file string) []Row {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var rows []Row
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&rows); err != nil {
		t.Fatal(err)
	}
	return rows
}
