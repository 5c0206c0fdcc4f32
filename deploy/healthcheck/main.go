// Command healthcheck asks a page of councilgate whether all is well. The container
// image has no shell and no curl to do so.
//
//	healthcheck http://127.0.0.1:9810/readyz
//
// Where serve -http.config asks for a password, it is a part of the URL,
// https://USER:PASSWORD@localhost:9810/readyz. A certificate that the system does not
// trust is named by the variable SSL_CERT_FILE, and must be for the host of the URL.
//
// Exit status 0 if the answer is 200, 1 if it is not or does not come.
package main

import (
	"fmt"
	"net/http"
	"os"
	"time"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: healthcheck URL")
		os.Exit(1)
	}
	if err := check(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "healthcheck:", err)
		os.Exit(1)
	}
}

func check(url string) error {
	client := http.Client{Timeout: 5 * time.Second}
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusUnauthorized:
		return fmt.Errorf("%s answers %s: write user and password into the URL, as in https://USER:PASSWORD@localhost:9810/readyz", resp.Request.URL.Redacted(), resp.Status)
	case http.StatusBadRequest:
		return fmt.Errorf("%s answers %s: does it speak TLS? Then write https", resp.Request.URL.Redacted(), resp.Status)
	}
	return fmt.Errorf("%s answers %s", resp.Request.URL.Redacted(), resp.Status)
}
