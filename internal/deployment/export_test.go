package deployment

// OpsStatusSQL is what every look at /metrics asks.
const OpsStatusSQL = opsStatusSQL
