package mail

import "time"

// One function per kind: a subject that says all to whoever reads no further, a
// title, and sentences for somebody who has never heard of deployments.

const (
	manage  = "See, move or cancel it"
	decide  = "Decide what happens"
	look    = "See what happened"
	watchIt = "Watch it"
)

func scheduled(d draft) letter {
	return letter{
		Subject: "Scheduled: " + d.brief + " goes live " + d.dueBrief,
		Title:   d.product + " is scheduled to go live",
		Lead:    []string{"At that time the product and its prices are taken from Stripe's test mode to live mode.", d.promise()},
		Action:  manage,
	}
}

// promise says what happens where test changes in between.
func (d draft) promise() string {
	if d.n.DeployLatest {
		return "It is checked again right before, and goes live as it is in test then."
	}
	return "It is checked again right before. If it has changed in test by then, it does not go live but asks you first."
}

func rescheduled(d draft) letter {
	return letter{
		Subject: "Moved: " + d.brief + " goes live " + d.dueBrief,
		Title:   d.product + " goes live at another time",
		Lead:    []string{"Its go-live was moved. " + d.promise()},
		Action:  manage,
	}
}

func timeZoneMoved(d draft) letter {
	return letter{
		Subject: "New clock rules: " + d.brief + " goes live " + d.dueBrief,
		Title:   "New clock rules move the go-live of " + d.product,
		Lead: []string{
			"The rules for clocks in " + clean(d.n.Due.Zone, shortest) + " have changed. It still goes live when the clocks there show the time that was chosen; compared with the rest of the world that is now another moment.",
			"If you meant the old moment, move it.",
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
		Lead:    []string{d.promise(), "You can still move or cancel it until the last moment."},
		Action:  manage,
	}
}

func held(d draft) letter {
	return letter{
		Subject: "Needs you: " + d.brief + " is on hold, because something has changed",
		Title:   d.product + " is on hold",
		Lead: []string{
			"Something has changed since its go-live was scheduled, so it does not go live by itself. Nothing was changed in live mode.",
			"It waits for you: let it go live as it is now, choose another time, or cancel it.",
		},
		Action: decide,
	}
}

func missed(d draft) letter {
	return letter{
		Subject: "Needs you: " + d.brief + " missed its time",
		Title:   d.product + " missed its time",
		Lead: []string{
			"Its go-live could not be started in time, and nothing goes live late unless somebody wants it. Nothing was changed in live mode.",
			"It waits for you: let it go live now, choose another time, or cancel it.",
		},
		Action: decide,
	}
}

func started(d draft) letter {
	title := d.product + " is going live now"
	if d.n.Rollback {
		title = d.product + " is being rolled back now"
	}
	return letter{Subject: "Started: " + d.startedBrief(), Title: title, Lead: []string{"You will be told how it ends."}, Action: watchIt}
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
		Lead:    []string{"Everything was taken to live mode and read back from there: it is as it was planned."},
		Action:  look,
	}
}

func rolledBack(d draft) letter {
	return letter{
		Subject: "Rolled back: " + d.brief,
		Title:   d.product + " was rolled back",
		Lead:    []string{"What the go-live had changed in live mode was undone and read back from there."},
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
		Subject: "Cancelled: " + d.brief + " does not go live",
		Title:   "The go-live of " + d.product + " was cancelled",
		Lead:    d.aftermath(),
		Action:  look,
	}
	if d.dueBrief != "" {
		l.Subject += " " + d.dueBrief
	}
	if d.n.Rollback {
		l.Subject = "Cancelled: " + d.brief + " is not rolled back"
		l.Title = "Rolling back " + d.product + " was cancelled"
	}
	return l
}

// aftermath says what is in live now.
func (d draft) aftermath() []string {
	switch d.n.Outcome {
	case Unchanged:
		return []string{"Nothing was changed in live mode."}
	case Restored:
		return []string{"What had been changed in live mode already was undone: it is as it was before."}
	case Partial:
		return []string{"Some of what was changed in live mode could not be undone, so it is worth a look now."}
	default:
		return nil
	}
}
