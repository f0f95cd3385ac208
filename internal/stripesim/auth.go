package stripesim

import (
	"net/http"
	"slices"
	"strings"
)

// KeyConfig is one more API key of an account.
type KeyConfig struct {
	// Key is the secret, such as rk_live_…; its prefix decides nothing here.
	Key  string `json:"key"`
	Mode Mode   `json:"mode"`
	// Rights of a restricted key, such as "products:write" or "prices:read";
	// write includes read. Nil is every right.
	Rights []string `json:"rights,omitempty"`
	// Revoked answers 401 as for a key that was never issued.
	Revoked bool `json:"revoked,omitempty"`
	// Expired answers 401 with code api_key_expired, as after a roll.
	Expired bool `json:"expired,omitempty"`
}

type key struct {
	KeyConfig
	account *account
}

// codeMorePermissions is unverified.
const codeMorePermissions = "more_permissions_required"

// textVersion is unverified, and stricter than Stripe, which knows more versions.
const textVersion = "Invalid Stripe API version: %s. You must use: %s."

// codePlatformKey is unverified: a key that may not act for another account.
const codePlatformKey = "account_invalid"

func unauthorized(code, message string) *apiError {
	return &apiError{status: http.StatusUnauthorized, typ: typeInvalid, code: code, message: message, unstored: true}
}

func forbidden(code, message string) *apiError {
	return &apiError{status: http.StatusForbidden, typ: typeInvalid, code: code, message: message, unstored: true}
}

// authenticate finds the account and mode of the call's key.
func (s *Sim) authenticate(c *call) *apiError {
	secret := bearer(c.header)
	if secret == "" {
		return unauthorized("", "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.")
	}
	if strings.HasPrefix(secret, "pk_") {
		return forbidden("secret_key_required", "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.")
	}
	k := s.key(secret)
	if k == nil || k.Revoked {
		return unauthorized("", "Invalid API Key provided: "+mask(secret))
	}
	if k.Expired {
		return unauthorized("api_key_expired", "Expired API Key provided: "+mask(secret))
	}
	if v := c.header.Get("Stripe-Version"); v != "" && v != Version {
		return invalid("", "", textVersion, v, Version)
	}
	c.account, c.mode = k.account, k.Mode
	if id := c.header.Get("Stripe-Account"); id != "" && id != k.account.id {
		return forbidden(codePlatformKey, "The provided key '"+mask(secret)+"' does not have access to account '"+id+"' (or that account does not exist). Application access may have been revoked.")
	}
	return nil
}

func (s *Sim) key(secret string) *key {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.keys[secret]
}

// authorize holds a restricted key to its rights.
func (s *Sim) authorize(c *call) *apiError {
	secret := bearer(c.header)
	k := s.key(secret)
	if k == nil || k.Rights == nil {
		return nil
	}
	right := c.route.resource + ":write"
	if slices.Contains(k.Rights, right) {
		return nil
	}
	if c.method == http.MethodGet {
		if slices.Contains(k.Rights, c.route.resource+":read") {
			return nil
		}
		right = c.route.resource + ":read"
	}
	return forbidden(codeMorePermissions, "The provided key '"+mask(secret)+"' does not have the required permissions for this endpoint on account '"+c.account.id+"'. Enabling '"+right+"' permissions on this key would allow this request to continue.")
}

// bearer reads the key from Bearer or, as curl -u does, from Basic.
func bearer(h http.Header) string {
	auth := h.Get("Authorization")
	if secret, ok := strings.CutPrefix(auth, "Bearer "); ok {
		return secret
	}
	user, _, _ := (&http.Request{Header: h}).BasicAuth()
	return user
}

// mask shows a key as Stripe does: its kind and its last four characters.
func mask(secret string) string {
	parts := strings.SplitN(secret, "_", 3)
	if len(parts) < 3 || len(parts[2]) < 8 {
		return strings.Repeat("*", len(secret))
	}
	rest := parts[2]
	return parts[0] + "_" + parts[1] + "_" + strings.Repeat("*", len(rest)-4) + rest[len(rest)-4:]
}
