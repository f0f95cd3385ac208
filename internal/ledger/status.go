package ledger

// OrderStatus is where an order stands.
type OrderStatus string

// The statuses of orders. Refunds and disputes are sums beside them.
const (
	Created         OrderStatus = "CREATED"
	AwaitingPayment OrderStatus = "AWAITING_PAYMENT"
	Processing      OrderStatus = "PROCESSING"
	Authorized      OrderStatus = "AUTHORIZED"
	Paid            OrderStatus = "PAID"
	Fulfilled       OrderStatus = "FULFILLED"
	Completed       OrderStatus = "COMPLETED"
	Expired         OrderStatus = "EXPIRED"
	Cancelled       OrderStatus = "CANCELLED"
)

// OrderStatuses are all of them, in the order of a life.
var OrderStatuses = []OrderStatus{Created, AwaitingPayment, Processing, Authorized, Paid, Fulfilled, Completed, Expired, Cancelled}

// Orders says which status of an order may follow which.
var Orders = Machine[OrderStatus]{
	{Created, []OrderStatus{AwaitingPayment, Paid, Expired, Cancelled}},
	{AwaitingPayment, []OrderStatus{Processing, Authorized, Paid, Expired, Cancelled}},
	{Processing, []OrderStatus{Paid, AwaitingPayment, Expired, Cancelled}},
	{Authorized, []OrderStatus{Paid, Cancelled, Expired}},
	{Paid, []OrderStatus{Fulfilled, Cancelled}},
	{Fulfilled, []OrderStatus{Completed}},
}

// Unpaid tells that an order in this status may yet be paid for.
func (s OrderStatus) Unpaid() bool {
	return s == Created || s == AwaitingPayment || s == Processing || s == Authorized
}

// PaymentStatus is where one attempt to pay stands.
type PaymentStatus string

// The statuses of payments.
const (
	PaymentNew        PaymentStatus = "NEW"
	PaymentSent       PaymentStatus = "SENT"
	PaymentUnknown    PaymentStatus = "UNKNOWN"
	PaymentOpen       PaymentStatus = "OPEN"
	PaymentProcessing PaymentStatus = "PROCESSING"
	PaymentAuthorized PaymentStatus = "AUTHORIZED"
	PaymentCaptured   PaymentStatus = "CAPTURED"
	PaymentFailed     PaymentStatus = "FAILED"
	PaymentExpired    PaymentStatus = "EXPIRED"
	PaymentCancelled  PaymentStatus = "CANCELLED"
)

// PaymentStatuses are all of them.
var PaymentStatuses = []PaymentStatus{
	PaymentNew, PaymentSent, PaymentUnknown, PaymentOpen, PaymentProcessing,
	PaymentAuthorized, PaymentCaptured, PaymentFailed, PaymentExpired, PaymentCancelled,
}

// Payments says which status of a payment may follow which. A declined card leaves it
// open: the customer may try another one. That it FAILED is inferred from what became of
// the call that makes it, so what Stripe says of it later counts all the same.
var Payments = Machine[PaymentStatus]{
	{PaymentNew, []PaymentStatus{PaymentSent}},
	{PaymentSent, []PaymentStatus{PaymentOpen, PaymentUnknown, PaymentFailed}},
	{PaymentUnknown, []PaymentStatus{
		PaymentOpen, PaymentProcessing, PaymentAuthorized, PaymentCaptured, PaymentFailed, PaymentExpired, PaymentCancelled,
	}},
	{PaymentOpen, []PaymentStatus{PaymentProcessing, PaymentAuthorized, PaymentCaptured, PaymentExpired, PaymentCancelled}},
	{PaymentProcessing, []PaymentStatus{PaymentCaptured, PaymentOpen, PaymentCancelled}},
	{PaymentAuthorized, []PaymentStatus{PaymentCaptured, PaymentCancelled, PaymentExpired}},
	{PaymentFailed, []PaymentStatus{
		PaymentOpen, PaymentProcessing, PaymentAuthorized, PaymentCaptured, PaymentExpired, PaymentCancelled,
	}},
}

// Live tells that money may come of it: an order has one such payment at most.
func (s PaymentStatus) Live() bool {
	return s != PaymentNew && s != PaymentFailed && !Payments.Ends(s)
}

// RefundStatus is where a refund stands.
type RefundStatus string

// The statuses of refunds.
const (
	RefundRequested      RefundStatus = "REQUESTED"
	RefundSent           RefundStatus = "SENT"
	RefundUnknown        RefundStatus = "UNKNOWN"
	RefundPending        RefundStatus = "PENDING"
	RefundRequiresAction RefundStatus = "REQUIRES_ACTION"
	RefundSucceeded      RefundStatus = "SUCCEEDED"
	RefundFailed         RefundStatus = "FAILED"
	RefundCancelled      RefundStatus = "CANCELLED"
)

// RefundStatuses are all of them.
var RefundStatuses = []RefundStatus{
	RefundRequested, RefundSent, RefundUnknown, RefundPending, RefundRequiresAction, RefundSucceeded, RefundFailed, RefundCancelled,
}

// Refunds says which status of a refund may follow which. One that succeeded may still
// fail, days later, when the customer's bank sends the money back. One that FAILED without
// Stripe's word for it, because nothing was found of its call, may turn out to be there.
var Refunds = Machine[RefundStatus]{
	{RefundRequested, []RefundStatus{RefundSent, RefundFailed}},
	{RefundSent, []RefundStatus{RefundPending, RefundRequiresAction, RefundSucceeded, RefundFailed, RefundCancelled, RefundUnknown}},
	{RefundUnknown, []RefundStatus{RefundPending, RefundRequiresAction, RefundSucceeded, RefundFailed, RefundCancelled}},
	{RefundPending, []RefundStatus{RefundRequiresAction, RefundSucceeded, RefundFailed, RefundCancelled}},
	{RefundRequiresAction, []RefundStatus{RefundPending, RefundSucceeded, RefundFailed, RefundCancelled}},
	{RefundSucceeded, []RefundStatus{RefundFailed}},
	{RefundFailed, []RefundStatus{RefundPending, RefundRequiresAction, RefundSucceeded, RefundCancelled}},
}

// Reserves tells that a refund takes of what can be refunded.
func (s RefundStatus) Reserves() bool { return s != RefundFailed && s != RefundCancelled }

// UnderWay tells that how it ends is not known yet.
func (s RefundStatus) UnderWay() bool { return s.Reserves() && s != RefundSucceeded }

// DisputeStatus is Stripe's, in capital letters.
type DisputeStatus string

// The statuses of disputes. Warnings are inquiries: they move no money.
const (
	WarningNeedsResponse DisputeStatus = "WARNING_NEEDS_RESPONSE"
	WarningUnderReview   DisputeStatus = "WARNING_UNDER_REVIEW"
	WarningClosed        DisputeStatus = "WARNING_CLOSED"
	NeedsResponse        DisputeStatus = "NEEDS_RESPONSE"
	UnderReview          DisputeStatus = "UNDER_REVIEW"
	DisputeWon           DisputeStatus = "WON"
	DisputeLost          DisputeStatus = "LOST"
)

// DisputeStatuses are all of them.
var DisputeStatuses = []DisputeStatus{
	WarningNeedsResponse, WarningUnderReview, WarningClosed, NeedsResponse, UnderReview, DisputeWon, DisputeLost,
}

// Closed tells that a dispute is over.
func (s DisputeStatus) Closed() bool {
	return s == WarningClosed || s == DisputeWon || s == DisputeLost
}

// Withdraws tells that the money in question is gone from the balance.
func (s DisputeStatus) Withdraws() bool {
	return s == NeedsResponse || s == UnderReview || s == DisputeLost
}

// Attention is why somebody should look at an order.
type Attention string

// What needs somebody.
const (
	LatePayment     Attention = "LATE_PAYMENT"
	Overpaid        Attention = "OVERPAID"
	AmountMismatch  Attention = "AMOUNT_MISMATCH"
	RefundHasFailed Attention = "REFUND_FAILED"
	DisputeOpen     Attention = "DISPUTE_OPEN"
	CaptureDeadline Attention = "CAPTURE_DEADLINE"
	Stuck           Attention = "STUCK"
	UnknownOutcome  Attention = "UNKNOWN_OUTCOME"
)

// Attentions are all of them.
var Attentions = []Attention{LatePayment, Overpaid, AmountMismatch, RefundHasFailed, DisputeOpen, CaptureDeadline, Stuck, UnknownOutcome}

// Flow is how a customer pays.
type Flow string

// The flows.
const (
	Hosted   Flow = "HOSTED"   // on Stripe's page
	Elements Flow = "ELEMENTS" // on the host's own, with Stripe's elements
)

// CaptureMethod says when money is taken.
type CaptureMethod string

// The capture methods.
const (
	Automatic CaptureMethod = "AUTOMATIC"
	Manual    CaptureMethod = "MANUAL"
)
