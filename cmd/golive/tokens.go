package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

type tokensCmds struct {
	Create tokensCreateCmd `cmd:"" help:"Create an API token of your own, or for the tenant, and print it; it's shown only once."`
	List   tokensListCmd   `cmd:"" help:"List your tokens; as an admin, all of the tenant's."`
	Revoke tokensRevokeCmd `cmd:"" help:"Revoke a token immediately and permanently."`
}

// tokenKind are the flags that say what a token is to be, for people and operators alike.
type tokenKind struct {
	Role    string `required:"" enum:"viewer,deployer,admin" help:"viewer, deployer or admin."`
	Scope   string `default:"all" enum:"all,orders" help:"all, or orders for a shop's server: orders and nothing else."`
	Expires string `placeholder:"90d" help:"When it expires: in days or hours, such as 90d or 12h, or on a date such as 2027-01-31 (UTC). Default: never."`
	Service string `placeholder:"NAME" help:"Make it the tenant's own, under this name, instead of a member's."`
}

// expiry is nil for never.
func (k tokenKind) expiry(now time.Time) (*time.Time, error) {
	if k.Expires == "" {
		return nil, nil
	}
	at, err := time.Parse(time.DateOnly, k.Expires)
	if err == nil {
		return &at, nil
	}
	for unit, length := range map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour} {
		digits, found := strings.CutSuffix(k.Expires, unit)
		if n, err := strconv.Atoi(digits); found && err == nil && n > 0 && n <= 100_000 {
			at = now.Add(time.Duration(n) * length)
			return &at, nil
		}
	}
	return nil, fmt.Errorf("--expires must be a number of days or hours, such as 90d or 12h, or a date such as 2027-01-31, not %s", plain(k.Expires))
}

// listedToken is an ApiToken.
type listedToken struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Email      string     `json:"email"`
	Role       string     `json:"role"`
	Scope      string     `json:"scope"`
	Service    bool       `json:"service"`
	CreatedBy  string     `json:"createdBy"`
	Hint       string     `json:"hint"`
	CreatedAt  time.Time  `json:"createdAt"`
	ExpiresAt  *time.Time `json:"expiresAt"`
	LastUsedAt *time.Time `json:"lastUsedAt"`
	RevokedAt  *time.Time `json:"revokedAt"`
}

type tokensCreateCmd struct {
	api
	ofTenant
	tokenKind
	Name string `help:"A name to recognise it by."`
}

// Run prints the token.
func (c *tokensCreateCmd) Run(ctx context.Context, t *terminal) error {
	expires, err := c.expiry(time.Now())
	if err != nil {
		return err
	}
	of, err := c.of(ctx, &c.api)
	if err != nil {
		return err
	}
	input := map[string]any{
		"tenantId": of.ID, "role": strings.ToUpper(c.Role), "scope": strings.ToUpper(c.Scope), "name": c.Name, "expiresAt": expires,
	}
	if c.Service != "" {
		input["service"], input["name"] = true, c.Service
	}
	got, err := mutate[struct{ Secret string }](ctx, &c.api, "createToken", input, "secret")
	if err != nil {
		return err
	}
	return t.answer(got.Secret)
}

type tokensListCmd struct {
	api
	ofTenant
	JSON bool `name:"json" help:"Print the tokens as JSON."`
}

// Run prints a line per token, the newest last.
func (c *tokensListCmd) Run(ctx context.Context, t *terminal) error {
	of, err := c.of(ctx, &c.api)
	if err != nil {
		return err
	}
	type answer struct {
		Tenant struct{ Tokens []listedToken }
	}
	data, err := ask[answer](ctx, &c.api, `query($slug: String!) { tenant(slug: $slug) { tokens {
		id name email role scope service createdBy hint createdAt expiresAt lastUsedAt revokedAt } } }`, map[string]any{"slug": of.Slug})
	if err != nil {
		return err
	}
	if c.JSON {
		return t.document(data.Tenant.Tokens)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, k := range data.Tenant.Tokens {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, plain(k.Email), strings.ToLower(k.Role), strings.ToLower(k.Scope), plain(k.Hint),
			plain(k.Name), stateOf(k.RevokedAt, k.ExpiresAt, time.Now()))
	}
	return w.Flush()
}

// stateOf says whether a token works.
func stateOf(revokedAt, expiresAt *time.Time, now time.Time) string {
	switch {
	case revokedAt != nil || expiresAt == nil:
		return state(revokedAt)
	case expiresAt.After(now):
		return "active until " + expiresAt.UTC().Format(time.RFC3339)
	}
	return "expired " + expiresAt.UTC().Format(time.RFC3339)
}

type tokensRevokeCmd struct {
	api
	ID  string `arg:"" help:"The token's ID from tokens list."`
	Yes bool   `short:"y" help:"Skip the confirmation prompt."`
}

// Run asks first.
func (c *tokensRevokeCmd) Run(ctx context.Context, t *terminal) error {
	if !c.Yes {
		if err := t.mustConfirm(ctx, fmt.Sprintf("Revoke token %s? Whatever uses it stops working at once.", plain(c.ID))); err != nil {
			return err
		}
	}
	if _, err := mutate[struct{}](ctx, &c.api, "revokeToken", map[string]any{"tokenId": c.ID}, ""); err != nil {
		return err
	}
	t.say("Token %s revoked.", plain(c.ID))
	return nil
}
