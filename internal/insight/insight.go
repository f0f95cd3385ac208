// Package insight tells how a tenant's go-lives do: what needs somebody, figures over a
// span, and how far dialogs get.
package insight

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/product"
)

// Service holds the use cases.
type Service struct {
	DB          *pgxpool.Pool
	Connections *connection.Service
	Products    *product.Service
	Deployments *deployment.Service
	Orders      *order.Service
	Inbox       *inbox.Service
}

// Ahead returns what is scheduled of products, by product id.
func (s *Service) Ahead(ctx context.Context, productIDs []string) (map[string]deployment.Ahead, error) {
	return deployment.AheadOf(ctx, s.DB, productIDs)
}
