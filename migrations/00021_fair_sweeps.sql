-- +goose NO TRANSACTION
-- +goose Up
-- An index whose building was broken off is there and of no use: so each is dropped first.

-- A sweep takes live objects, not rows: of each, the schedule that is due first. What waits
-- for its time is SCHEDULED, by a constraint, and no dispatch is below 0: the planner, which
-- knows little of what has just been scheduled, can take this index neither for
-- deployments_due nor for deployments_live_object, nor one of them for this.
DROP INDEX CONCURRENTLY IF EXISTS deployments_due_first;
CREATE INDEX CONCURRENTLY deployments_due_first ON deployments ((live_account_id || ' ' || stripe_product_id), due_at, id)
    WHERE dispatch >= 0 AND wait_reason = 'DUE_TIME';

-- Those that have a place in their live account, and those that wait for one: what has
-- begun to write comes first, then the oldest. Heartbeats change nothing of either.
DROP INDEX CONCURRENTLY IF EXISTS deployments_placed;
CREATE INDEX CONCURRENTLY deployments_placed ON deployments (live_account_id)
    WHERE status IN ('PENDING', 'VALIDATING', 'DEPLOYING') AND job_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS deployments_unplaced;
CREATE INDEX CONCURRENTLY deployments_unplaced ON deployments (live_account_id, (status <> 'DEPLOYING'), id)
    WHERE status IN ('PENDING', 'VALIDATING', 'DEPLOYING') AND job_id IS NULL;

-- +goose Down
DROP INDEX deployments_unplaced;
DROP INDEX deployments_placed;
DROP INDEX deployments_due_first;
