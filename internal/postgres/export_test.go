package postgres

// Tests choose the poll, so that none waits for it and none is rung by it unasked.
var NewHubPolling = newHub

const RiverSchema = riverSchema
