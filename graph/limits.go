package graph

// Limits of one operation. Callers without a credential can ask for next to nothing, so
// their documents are short.
const (
	maxText            = 64 << 10 // bytes
	maxTokens          = 2_000
	maxTextAnonymous   = 8 << 10
	maxTokensAnonymous = 300
	// maxName bounds each name: complaints quote them, and compare them with others.
	maxName = 128
	// maxSet bounds the selections of one set as it is written, maxDepth and
	// maxSelections those of all sets once fragments are spread.
	maxSet        = 200
	maxDepth      = 15
	maxSelections = 5_000
	maxOperations = 20
	// maxErrors bounds the errors of one answer, and maxEcho the characters of one.
	maxErrors = 20
	maxEcho   = 300
)

// Limits of what one operation may cost, by what it asks for and by what is then found.
const (
	// maxCost is for a page of 100 products with prices and deployments twice over,
	// which costs about 10,000.
	maxCost = 25_000
	// maxFields and maxAnswer bound an answer: lists are as long as what is stored.
	maxFields = 100_000
	maxAnswer = 8 << 20 // bytes
	// maxEvent is for an event of a subscription, of which a client may leave as many
	// unread as it has connections.
	maxEvent = 1 << 20
	// maxSchemaFields is for the whole schema, which has about 32,000 as tools ask for it, and
	// almost as many to come.
	maxSchemaFields = 60_000
)
