package deployment

// StandingSQL is what every look at /metrics asks.
const StandingSQL = standingSQL
