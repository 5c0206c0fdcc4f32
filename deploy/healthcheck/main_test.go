package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestCheck(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	if err := check(server.URL); err != nil {
		t.Errorf("200: %v", err)
	}
	status = http.StatusServiceUnavailable
	if err := check(server.URL); err == nil {
		t.Error("503 counts as healthy")
	}
	server.Close()
	if err := check(server.URL); err == nil {
		t.Error("no answer counts as healthy")
	}
}
