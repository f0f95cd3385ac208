package mail

// digest tells of many deployments in one mail: after an outage, five hundred
// mails tell less than one.
func digest(d draft) letter {
	t := together[common(d.n.Items)]
	says := count(len(d.n.Items), "go-live") + " " + t.many
	if len(d.n.Items) == 1 {
		says = "1 go-live " + t.one
	}
	return letter{Subject: t.before + says, Title: says, Lead: t.lead, Action: t.action}
}

// theme is what the items of a digest have in common.
type theme struct {
	before    string // the subject's first words
	one, many string
	lead      []string
	action    string
}

// waiting is the theme of what was held and what missed its time alike.
var waiting = theme{
	before: "Needs you: ", one: "needs your decision", many: "need your decision",
	lead: []string{
		"None of them will go live on its own, and nothing was changed in live mode.",
		"For each one: deploy it now, reschedule it, or cancel it.",
	},
	action: decide,
}

// together has the themes by kind; "" is that of a mixture.
var together = map[Kind]theme{
	"":        {before: "", one: "has an update", many: "have updates", lead: []string{"See below what happened to each."}, action: look},
	Held:      waiting,
	Missed:    waiting,
	Failed:    {before: "Failed: ", one: "did not complete", many: "did not complete", lead: []string{"See below why, and what's in live mode now."}, action: look},
	Completed: {before: "Live: ", one: "completed", many: "completed", lead: []string{"Everything was deployed to live mode and verified."}, action: look},
	Started:   {before: "Started: ", one: "has started", many: "have started", lead: []string{"We'll let you know how they go."}, action: watchIt},
	Reminder:  {before: "Reminder: ", one: "is due soon", many: "are due soon", lead: []string{"You can reschedule or cancel each one until the last moment."}, action: manage},
	Cancelled: {before: "Cancelled: ", one: "was cancelled", many: "were cancelled", action: look},
}

// common is the items' one kind, or "".
func common(items []Item) Kind {
	var kind Kind
	for i, item := range items {
		next := item.Kind
		if next == Missed {
			next = Held // one theme
		}
		if i > 0 && next != kind {
			return ""
		}
		kind = next
	}
	if _, known := together[kind]; !known {
		return ""
	}
	return kind
}

// state says of one item in a digest where it stands.
var state = map[Kind]string{
	Held: "on hold because something changed", Missed: "missed its time", Failed: "failed", Completed: "live",
	Started: "in progress", Reminder: "due soon", Cancelled: "cancelled",
}
