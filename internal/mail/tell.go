package mail

import "time"

// One function per kind: a subject that says all to whoever reads no further, a
// title, and sentences for somebody who has never heard of deployments.

const (
	manage  = "View, reschedule or cancel"
	decide  = "Decide what to do"
	look    = "View details"
	watchIt = "Watch progress"
)

func scheduled(d draft) letter {
	return letter{
		Subject: "Scheduled: " + d.brief + " goes live " + d.dueBrief,
		Title:   d.product + " is scheduled to go live",
		Lead:    []string{"At that time, the product and its prices will go from Stripe's test mode to live mode.", d.promise()},
		Action:  manage,
	}
}

// promise says what happens where test changes in between.
func (d draft) promise() string {
	if d.n.DeployLatest {
		return "We'll check it again right before, and deploy whatever is in test mode at that point."
	}
	return "We'll check it again right before. If it has changed in test mode by then, it won't go live until you decide."
}

func rescheduled(d draft) letter {
	return letter{
		Subject: "Rescheduled: " + d.brief + " goes live " + d.dueBrief,
		Title:   d.product + " has a new go-live time",
		Lead:    []string{"The go-live was rescheduled. " + d.promise()},
		Action:  manage,
	}
}

func timeZoneMoved(d draft) letter {
	return letter{
		Subject: "Time zone change: " + d.brief + " goes live " + d.dueBrief,
		Title:   "A time zone change moved the go-live of " + d.product,
		Lead: []string{
			"The time zone rules for " + clean(d.n.Due.Zone, shortest) + " have changed. It still goes live at the local time you chose, but that's now a different moment for everyone elsewhere.",
			"If you want to keep the original moment, reschedule it.",
		},
		Action: manage,
	}
}

func reminder(d draft) letter {
	in := "now"
	if left := d.n.Due.At.Sub(d.n.Now); left >= time.Second {
		in = "in " + span(left)
	}
	return letter{
		Subject: "Reminder: " + d.brief + " goes live " + in,
		Title:   d.product + " goes live " + in,
		Lead:    []string{d.promise(), "You can reschedule or cancel it until the last moment."},
		Action:  manage,
	}
}

func held(d draft) letter {
	return letter{
		Subject: "Needs you: " + d.brief + " is on hold because something changed",
		Title:   d.product + " is on hold",
		Lead: []string{
			"Something changed after the go-live was scheduled, so it won't go live on its own. Nothing was changed in live mode.",
			"It's up to you: deploy it as it is now, reschedule it, or cancel it.",
		},
		Action: decide,
	}
}

func missed(d draft) letter {
	return letter{
		Subject: "Needs you: " + d.brief + " missed its time",
		Title:   d.product + " missed its time",
		Lead: []string{
			"The go-live couldn't start in time, and we don't deploy late unless you tell us to. Nothing was changed in live mode.",
			"It's up to you: deploy it now, reschedule it, or cancel it.",
		},
		Action: decide,
	}
}

func started(d draft) letter {
	title := d.product + " is going live now"
	if d.n.Rollback {
		title = d.product + " is being rolled back now"
	}
	return letter{Subject: "Started: " + d.startedBrief(), Title: title, Lead: []string{"We'll let you know how it goes."}, Action: watchIt}
}

func (d draft) startedBrief() string {
	if d.n.Rollback {
		return d.brief + " is being rolled back"
	}
	return d.brief + " is going live"
}

func completed(d draft) letter {
	return letter{
		Subject: "Live: " + d.brief,
		Title:   d.product + " is live",
		Lead:    []string{"Everything was deployed to live mode and verified: it matches the plan."},
		Action:  look,
	}
}

func rolledBack(d draft) letter {
	return letter{
		Subject: "Rolled back: " + d.brief,
		Title:   d.product + " was rolled back",
		Lead:    []string{"The changes the go-live made in live mode were undone and verified."},
		Action:  look,
	}
}

func failed(d draft) letter {
	l := letter{
		Subject: "Failed: " + d.brief + " did not go live",
		Title:   d.product + " did not go live",
		Lead:    d.aftermath(),
		Action:  look,
	}
	if d.n.Rollback {
		l.Subject = "Failed: " + d.brief + " was not rolled back"
		l.Title = d.product + " was not rolled back"
	}
	return l
}

func cancelled(d draft) letter {
	l := letter{
		Subject: "Cancelled: " + d.brief + " won't go live",
		Title:   "The go-live of " + d.product + " was cancelled",
		Lead:    d.aftermath(),
		Action:  look,
	}
	if d.dueBrief != "" {
		l.Subject += " " + d.dueBrief
	}
	if d.n.Rollback {
		l.Subject = "Cancelled: " + d.brief + " won't be rolled back"
		l.Title = "The rollback of " + d.product + " was cancelled"
	}
	return l
}

// aftermath says what is in live now.
func (d draft) aftermath() []string {
	switch d.n.Outcome {
	case Unchanged:
		return []string{"Nothing was changed in live mode."}
	case Restored:
		return []string{"Everything was undone: live mode is as it was before."}
	case Partial:
		return []string{"Some changes in live mode couldn't be undone. Please take a look now."}
	default:
		return nil
	}
}

func invited(d draft) letter {
	business := clean(d.n.Tenant, short)
	return letter{
		Subject: "Invitation: join " + clean(d.n.Tenant, shortest) + " on Golive",
		Title:   "You're invited to " + business,
		Lead: []string{
			"Golive takes products from Stripe's test mode to live mode. Sign in with this email address to join.",
			"The invitation expires in 14 days.",
		},
		Action: "Sign in and join",
		Why:    "You got this because an admin of " + business + " entered your address. If that was a mistake, ignore it.",
	}
}

// asked says nothing that a tenant can word: it goes to people who never asked for it.
func asked(d draft) letter {
	business := clean(d.n.Tenant, short)
	return letter{
		Subject: "Confirm: do you want emails from " + clean(d.n.Tenant, shortest) + " on Golive?",
		Title:   business + " wants to email you about its go-lives",
		Lead: []string{
			"Golive takes products from Stripe's test mode to live mode. Someone at " + business + " added your address to a scheduled go-live.",
			"You won't get any of these emails unless you confirm. If you refuse, " + business + " can't ask again.",
		},
		Action: "Confirm or refuse",
		Why:    "You got this because your address was entered at " + business + ". If that was a mistake, ignore or refuse it.",
	}
}

func unanswered(d draft) letter {
	many := count(len(d.n.Items), "go-live") + " won't start"
	person := clean(d.n.Person, short)
	if person == "" {
		person = "The person responsible"
	}
	return letter{
		Subject: "Needs you: " + many,
		Title:   many + " unless someone takes over",
		Lead: []string{
			person + " can no longer deploy for " + clean(d.n.Tenant, short) + ". Nobody who may deploy is responsible for what's below, so it would fail at its time.",
			"Reschedule each one, even by a minute, and you're responsible for it. Or cancel it.",
		},
		Action: manage,
	}
}

func taken(d draft) letter {
	business := clean(d.n.Tenant, short)
	return letter{
		Subject: "Taken over: " + d.brief + " is managed by someone else now",
		Title:   "The live product of " + d.product + " was taken over",
		Lead: []string{
			"Another tenant that's connected to your Stripe account chose to adopt the live product. Golive no longer changes it for " + business + ", and shows it as not live.",
			"Scheduled go-lives of it will fail. If you didn't expect this, find out who else has keys of your Stripe account. To take the product back, go live again and choose to adopt.",
		},
		Action: look,
	}
}

func returned(d draft) letter {
	return letter{
		Subject: "Given back: " + d.brief + " is yours again",
		Title:   "The live product of " + d.product + " was given back",
		Lead:    []string{"What another tenant of your Stripe account had taken over was undone. Golive manages the live product for " + clean(d.n.Tenant, short) + " again."},
		Action:  look,
	}
}

func unheard(d draft) letter {
	return letter{
		Subject: "Needs you: Stripe's payment events don't arrive",
		Title:   "Stripe's payment events don't arrive as they should",
		Lead: []string{
			"Golive learns from Stripe's events what customers of " + clean(d.n.Tenant, short) + " paid. Until this is repaired, it learns of payments a few minutes late.",
			"To repair it, enable payments again. This is told once, until it's repaired.",
		},
		Action: look,
	}
}

func differs(d draft) letter {
	return letter{
		Subject: "Needs you: Stripe and Golive disagree about money",
		Title:   "Stripe and Golive disagree about money",
		Lead: []string{
			"Golive compares what it knows of the payments of " + clean(d.n.Tenant, short) + " with Stripe. This is what differs. Golive hasn't changed anything because of it.",
			"It reads what it can from Stripe again. Once both agree, the order's history says so.",
		},
		Action: look,
		Why:    aboutPayments(d),
	}
}

// disputed tells of a dispute: how long is left to answer it says everything.
func disputed(d draft) letter {
	left := "soon"
	if in := d.n.Due.At.Sub(d.n.Now); in >= time.Second {
		left = "within " + span(in)
	}
	return letter{
		Subject: "Needs you: answer a dispute " + left,
		Title:   "A dispute waits for an answer",
		Lead: []string{
			"A customer's bank asks for a payment back. Without an answer in time, the money is lost.",
			"Golive has prepared a draft from what it knows of the order. Complete it and submit it: only one submission is possible.",
		},
		Action: "Answer the dispute",
		Why:    aboutPayments(d),
	}
}

func aboutPayments(d draft) string {
	return "This is a notification about payments of " + clean(d.n.Tenant, short) + "."
}
