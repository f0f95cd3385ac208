-- +goose NO TRANSACTION
-- +goose Up
-- Takes the place of deployments_due_first, which stays for workers of earlier versions: who
-- is subject to row security can't use an index whose condition calls a function. The
-- collation sees to it that the planner, which knows little of what has just been scheduled,
-- can take this index neither for deployments_live_object nor the other way round.
DROP INDEX CONCURRENTLY IF EXISTS deployments_in_line;
CREATE INDEX CONCURRENTLY deployments_in_line ON deployments (live_account_id COLLATE "C", stripe_product_id COLLATE "C", due_at, id)
    WHERE dispatch >= 0 AND wait_reason = 'DUE_TIME';

-- +goose Down
DROP INDEX deployments_in_line;
