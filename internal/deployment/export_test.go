package deployment

// OpsStatusSQL is what every look at /metrics asks.
const OpsStatusSQL = opsStatusSQL

// Knows is what this version knows of, as rows require it.
const Knows = knows

// OldestDue is the first time whose grace may still be counted.
const OldestDue = oldestDue
