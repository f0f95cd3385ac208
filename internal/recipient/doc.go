// Package recipient knows who may get a tenant's mails: its members, and those outside who
// have agreed to it, one by one or by a domain that an admin with an address in it vouches
// for. It asks the others, once in a while and seldom, and knows what they said.
package recipient
