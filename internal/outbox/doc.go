// Package outbox holds what must reach somebody, once it is due: it keeps notices from
// the transaction of what they tell until they are delivered, and tries again. Mail is
// its channel. What a notice says, and what a refusal means, it asks its users.
package outbox
