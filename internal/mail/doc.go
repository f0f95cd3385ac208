// Package mail turns what happened to a deployment into a mail that a person
// understands, calendar invitation included, and hands it to a mail server. It
// knows neither database nor domain: a Notice holds plain values, times come with
// the offset that their zone has then, and nothing here looks up a zone.
//
// It never decides who is told what, and never tries twice by itself where the
// server may have taken a mail already: the caller's outbox does that.
package mail
