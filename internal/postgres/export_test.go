package postgres

import "time"

// Tests choose the poll, so that none waits for it and none is rung by it unasked.
var NewHubPolling = newHub

// SetSilence chooses how long the listening connection may say nothing, and then
// owe an answer.
func (h *Hub) SetSilence(silence, answer time.Duration) {
	h.listener.silence, h.listener.answer = silence, answer
}

const RiverSchema = riverSchema
