package worker

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/order"
)

// Order works order.CheckArgs.
type Order struct {
	river.WorkerDefaults[order.CheckArgs]
	Orders *order.Service
	Log    *slog.Logger
}

// Work looks at the order once. What fails is tried again by the order's own time.
func (w *Order) Work(ctx context.Context, job *river.Job[order.CheckArgs]) error {
	if err := w.Orders.Check(ctx, job.Args); err != nil && ctx.Err() == nil {
		w.Log.WarnContext(ctx, "could not check an order; will retry", "order", job.Args.OrderID, "error", err)
	}
	return nil
}

// Timeout is longer than all that an order may ask Stripe for.
func (w *Order) Timeout(*river.Job[order.CheckArgs]) time.Duration { return 5 * time.Minute }

// TendOrders hands out, every so often, what is due of orders. It runs in every worker, as
// Tend does.
func TendOrders(ctx context.Context, log *slog.Logger, o *order.Service, every time.Duration) {
	task{"orders to be looked at", every, o.Sweep}.repeat(ctx, log)
}
