// Package evidence gathers what is known of one product in test and in live: what Golive
// remembers of it, and what Stripe says now. Checks and plans follow from that alone.
//
// It writes nothing and knows no deployment.
package evidence
