// Package localtime turns wall-clock readings into instants, for the whole
// system: what a person sees before agreeing, what is stored, and what is mailed
// come from this one resolver.
//
// It follows RFC 5545. Go's time.Date and Postgres' AT TIME ZONE do not: each is
// wrong in half of the readings that a clock change skips or repeats. Zones come
// only from the bytes that are embedded here, never from the machine, so that all
// processes of one release agree and the version of the rules is known.
//
// To take over a new release of the tz database, replace tzdata.zi by the new
// one (Debian's tzdata package installs it as /usr/share/zoneinfo/tzdata.zi) and
// run go generate here.
package localtime

//go:generate go run ./archive tzdata.zi zoneinfo.zip
