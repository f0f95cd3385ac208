package localtime

import "time"

// What the tests of the outside need of the inside.

func Names() []string { return names() }

func Data(name string) ([]byte, error) { return data(name) }

func LoadAny(name string) (*Zone, error) { return load(name) }

func Reading(t time.Time) DateTime { return reading(t) }

func (z *Zone) Offset(t time.Time) time.Duration { return z.offset(t) }

func (z *Zone) NextPeriod(p, end time.Time) time.Time { return z.nextPeriod(p, end) }
