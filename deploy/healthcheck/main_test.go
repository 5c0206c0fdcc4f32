package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != "hemmelig" {
			status = http.StatusUnauthorized
		}
		w.WriteHeader(status)
	}))
	url := strings.Replace(server.URL, "http://", "http://vagt:hemmelig@", 1)
	if err := check(url); err != nil {
		t.Errorf("200: %v", err)
	}
	for wrong, want := range map[int]string{
		http.StatusServiceUnavailable: "503",
		http.StatusBadRequest:         "write https",
	} {
		status = wrong
		if err := check(url); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hemmelig") {
			t.Errorf("%d: %v", wrong, err)
		}
	}
	if err := check(server.URL); err == nil || !strings.Contains(err.Error(), "write user and password") {
		t.Errorf("no password: %v", err)
	}
	server.Close()
	if err := check(url); err == nil || strings.Contains(err.Error(), "hemmelig") {
		t.Errorf("no answer: %v", err)
	}
}
