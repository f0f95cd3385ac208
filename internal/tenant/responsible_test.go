package tenant_test

import (
	"slices"
	"testing"

	"github.com/golive-hq/golive/internal/tenant"
)

func TestWhoIsResponsible(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ctx, acme, other := t.Context(), s.acme, s.makeTenant(t, "other")
	for _, email := range []string{"root@acme.example", "gone@acme.example"} {
		_, err := s.CreateToken(ctx, "acme", email, tenant.RoleAdmin)
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.CreateToken(ctx, "acme", "ada@acme.example", tenant.RoleDeployer)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.CreateToken(ctx, "other", "root@other.example", tenant.RoleAdmin)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.DB.Exec(ctx, `UPDATE api_tokens SET revoked_at = now() FROM members m WHERE m.id = member_id AND m.email = 'gone@acme.example'`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		tenant, email string
		want          []string
	}{
		{acme.ID, "Ada@acme.example", []string{"ada@acme.example"}},
		{acme.ID, "root@acme.example", []string{"root@acme.example"}},
		{acme.ID, "gone@acme.example", []string{"root@acme.example"}},
		{acme.ID, "root@other.example", []string{"root@acme.example"}}, // nobody of this tenant
		{other.ID, "root@other.example", []string{"root@other.example"}},
	} {
		got, err := tenant.Responsible(ctx, s.DB, c.tenant, c.email)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, not %v", c.email, got, c.want)
		}
	}
	_, err = s.DB.Exec(ctx, `UPDATE api_tokens SET revoked_at = now()`)
	if err != nil {
		t.Fatal(err)
	}
	for email, want := range map[string][]string{"Ada@acme.example": {"ada@acme.example"}, "golive": nil} {
		got, err := tenant.Responsible(ctx, s.DB, acme.ID, email)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("nobody is left, and %s: %v, not %v", email, got, want)
		}
	}
}
