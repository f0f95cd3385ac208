// Package letter writes what people are told of deployments, in mails and in calendars:
// it makes one mail of the notices that the outbox has for somebody, and knows which of
// them have become pointless meanwhile.
package letter
