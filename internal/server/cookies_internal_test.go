package server

import "testing"

// Cookies go by plain http on this machine alone.
func TestCookiesOfSessionsNeedHTTPS(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://golive.example": "__Host-golive", "http://golive.example": "__Host-golive", "http://192.168.0.7:8080": "__Host-golive",
		"http://127.0.0.1:8080": "golive", "http://localhost:8080": "golive", "http://[::1]:8080": "golive", "https://localhost": "__Host-golive",
		"http://localhost.example": "__Host-golive", "": "__Host-golive",
	} {
		c := cookiesFor(address)
		if got := c.named(sessionCookie); got != want || c.secure != (want != "golive") {
			t.Errorf("%q: %s", address, got)
		}
	}
}
