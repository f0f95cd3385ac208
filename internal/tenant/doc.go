// Package tenant owns tenants, their members, API tokens and calendar feeds, and
// the question who may do what.
//
// A face puts the Actor that Authenticate returned into the context; every use
// case of the domain asks Require. What belongs to a tenant that the actor is no
// member of does not exist for it: NOT_FOUND, never FORBIDDEN.
package tenant
