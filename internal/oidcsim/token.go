package oidcsim

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

const tokenTime = 5 * time.Minute

// token gives the client an ID token for a code.
func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	if !i.isClient(r) {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	g, ok := i.take(r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !ok || r.PostFormValue("grant_type") != "authorization_code" || r.PostFormValue("redirect_uri") != g.redirect ||
		base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	signed, err := i.sign(g)
	if err != nil {
		answer(w, http.StatusInternalServerError, map[string]string{"error": "server_error"})
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"access_token": rand.Text(), "token_type": "Bearer", "expires_in": int(tokenTime.Seconds()), "id_token": signed,
	})
}

// isClient takes the secret from the header or the form, as the protocol allows.
func (i *Issuer) isClient(r *http.Request) bool {
	id, secret, header := r.BasicAuth()
	if header { // both are form-encoded (RFC 6749, 2.3.1)
		id, _ = url.QueryUnescape(id)
		secret, _ = url.QueryUnescape(secret)
	} else {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	return id == i.ClientID && secret == i.ClientSecret
}

func (i *Issuer) sign(g grant) (string, error) {
	now := time.Now()
	claims := map[string]any{
		"iss": i.URL, "sub": g.person.Subject, "aud": i.ClientID, "nonce": g.nonce,
		"iat": now.Unix(), "exp": now.Add(tokenTime).Unix(),
		"email": g.person.Email, "email_verified": !g.person.Unverified, "name": g.person.Name,
	}
	if i.Tamper != nil {
		i.Tamper(claims)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed, err := i.signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}
